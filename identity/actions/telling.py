"""Letters about somebody's own account."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from identity.models import User

TOPIC = "identity.user"


def tell(notice: str, user: User, context: Mapping[str, Any]) -> None:
    """Send a letter to the address of the account, else a text message to its number, if it has either.

    Call it in the transaction that it tells of.
    """
    if user.email:
        write_to(notice, user.email, user.language, context, user.pk)
    elif user.phone:
        text_to(notice, user.phone, user.language, context, user.pk)


def tell_everywhere(notice: str, user: User, context: Mapping[str, Any]) -> None:
    """Tell the person by every address of theirs: whoever holds one of them must not be the only one who hears."""
    tell(notice, user, context)
    if user.email and user.phone:
        text_to(notice, user.phone, user.language, context, user.pk)


def text_to(notice: str, phone: str, language: str, context: Mapping[str, Any], topic_id: int) -> None:
    """Send a text message to a mobile number (E.164)."""
    import_string(settings.LETTERS)(notice, phone, language, context, TOPIC, topic_id, channel="sms")


def write_to(notice: str, email: str, language: str, context: Mapping[str, Any], topic_id: int) -> None:
    """Send a letter to an address: ``settings.LETTERS`` names who does it, above this app, as ``settings.GRANTS``."""
    import_string(settings.LETTERS)(notice, email, language, context, TOPIC, topic_id)
