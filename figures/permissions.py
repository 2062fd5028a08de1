"""Who may read which figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from figures.registry import Figure, registry
from identity.permissions import grants_for

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from identity.models import User

READ_ALL = "city:figures:read"
FREEZE = "city:figures:freeze"


def may_read(user: User | AnonymousUser, figure: Figure) -> bool:
    """Public figures are everybody's; the others need ``city:figures:read``."""
    return figure.public or grants_for(user).has(READ_ALL)


def readable(user: User | AnonymousUser) -> list[Figure]:
    """The figures that a person may read, sorted by code."""
    return [figure for figure in registry.figures() if may_read(user, figure)]


def may_freeze(user: User | AnonymousUser) -> bool:
    """Whether a person may close a period."""
    return grants_for(user).has(FREEZE)
