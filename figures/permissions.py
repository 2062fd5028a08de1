"""Who may read which figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from figures.registry import Counted, Figure, Manual, registry
from identity.permissions import grants_for
from organisation import directory
from organisation.permissions import grants_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from identity.models import User

READ_ALL = "city:figures:read"
FREEZE = "city:figures:freeze"
ENTER = "agency:figures:enter"


def may_read(user: User | AnonymousUser, figure: Figure) -> bool:
    """Public figures are everybody's; the others need ``city:figures:read``."""
    return figure.public or grants_for(user).has(READ_ALL)


def may_list(user: User | AnonymousUser, figure: Figure) -> bool:
    """Whether a person may see the records that a figure counts: everybody, or those with ``city:figures:read``."""
    return isinstance(figure, Counted) and ((figure.public and figure.records_public) or grants_for(user).has(READ_ALL))


def readable(user: User | AnonymousUser) -> list[Figure]:
    """The figures that a person may read, sorted by code."""
    return [figure for figure in registry.figures() if may_read(user, figure)]


def may_freeze(user: User | AnonymousUser) -> bool:
    """Whether a person may close a period."""
    return grants_for(user).has(FREEZE)


def answered_for(user: User | AnonymousUser) -> list[Figure]:
    """The figures that a person's agency answers for, or all; sorted by code."""
    grants = grants_of(user)
    if grants.everywhere(ENTER):
        return registry.figures()
    agencies = grants.agencies(ENTER)
    owners = {code for code in map(registry.owner_of, registry.figures()) if code and _agency_id(code) in agencies}
    return [figure for figure in registry.figures() if registry.owner_of(figure) in owners]


def enterable(user: User | AnonymousUser) -> list[Manual]:
    """Those of them whose values a person enters."""
    return [figure for figure in answered_for(user) if isinstance(figure, Manual)]


def _agency_id(code: str) -> int | None:
    try:
        return directory.agency(code).pk
    except KeyError:
        return None
