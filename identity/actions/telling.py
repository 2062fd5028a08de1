"""Letters about somebody's own account."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from identity.models import User

TOPIC = "identity.user"


def tell(notice: str, user: User, context: Mapping[str, Any]) -> None:
    """Send a letter to the address of the account, if it has one; call it in the transaction that it tells of."""
    if user.email:
        write_to(notice, user.email, user.language, context, user.pk)


def write_to(notice: str, email: str, language: str, context: Mapping[str, Any], topic_id: int) -> None:
    """Send a letter to an address: ``settings.LETTERS`` names who does it, above this app, as ``settings.GRANTS``."""
    import_string(settings.LETTERS)(notice, email, language, context, TOPIC, topic_id)
