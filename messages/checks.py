"""What would be noticed only when the first mail fails is noticed when the program starts."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template

from messages.registry import notices
from messages.rules import inbox_server, mail_server


def mail_url_is_understood(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """``settings.MAIL_URL`` names a server, or is empty."""
    if settings.MAIL_URL:
        try:
            mail_server(settings.MAIL_URL)
        except ValueError as error:
            return [Error(f"CITYHALL_MAIL_URL: {error}.", id="citymessages.E001")]
    return []


def inbox_url_is_understood(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """``settings.INBOX_URL`` names a mailbox, or is empty."""
    if settings.INBOX_URL:
        try:
            inbox_server(settings.INBOX_URL)
        except ValueError as error:
            return [Error(f"CITYHALL_INBOX_URL: {error}.", id="citymessages.E003")]
    return []


def sms_gateway_is_whole(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """``settings.SMS_URL`` is spoken to by HTTPS or on this machine, with a token, and its receipts can be checked."""
    if not settings.SMS_URL:
        return []
    parts = urlsplit(settings.SMS_URL)
    problems: list[CheckMessage] = []
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        problems.append(Error("CITYHALL_SMS_URL: telephone numbers go by https:// alone.", id="citymessages.E004"))
    problems += [
        Error(f"CITYHALL_SMS_URL is set, and CITYHALL_{name} is not.", id="citymessages.E005")
        for name in ("SMS_TOKEN", "SMS_SECRET")
        if not getattr(settings, name)
    ]
    return problems


def notices_have_their_words(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Each notice has its template in each language."""
    problems: list[CheckMessage] = []
    for notice in notices():
        for language, _name in settings.LANGUAGES:
            try:
                get_template(notice.template(language))
            except (TemplateDoesNotExist, TemplateSyntaxError) as error:
                problems.append(
                    Error(f"{notice.code}: {notice.template(language)}: {error or 'missing'}", id="citymessages.E002")
                )
    return problems
