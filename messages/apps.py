from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from identity.registry import declare


class MessagesConfig(AppConfig):
    name = "messages"
    label = "citymessages"  # django.contrib.messages owns the label "messages"

    def ready(self) -> None:
        from messages.checks import (
            inbox_url_is_understood,
            mail_url_is_understood,
            notices_have_their_words,
            sms_gateway_is_whole,
        )

        declare("message", _("訊息"), {"recipient": _("收件人"), "body": _("內容")})
        declare("inbound", _("來信"), {"sender": _("寄件人"), "sender_name": _("寄件人姓名")})
        checks.register(mail_url_is_understood, checks.Tags.compatibility)
        checks.register(inbox_url_is_understood, checks.Tags.compatibility)
        checks.register(sms_gateway_is_whole, checks.Tags.compatibility)
        checks.register(notices_have_their_words, checks.Tags.templates)
        autodiscover_modules("notices")
        autodiscover_modules("receiving")
