from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from identity.registry import declare


class MessagesConfig(AppConfig):
    name = "messages"
    label = "citymessages"  # django.contrib.messages owns the label "messages"

    def ready(self) -> None:
        from messages.checks import mail_url_is_understood, notices_have_their_words

        declare("message", _("訊息"), {"recipient": _("收件人"), "body": _("內容")})
        checks.register(mail_url_is_understood, checks.Tags.compatibility)
        checks.register(notices_have_their_words, checks.Tags.templates)
        autodiscover_modules("notices")
