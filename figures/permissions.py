"""Who may read which figure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from figures.models import EvidenceFile, ManualEntry
from figures.registry import Counted, Figure, Manual, registry
from identity.permissions import grants_for
from organisation import directory
from organisation.permissions import grants_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from identity.models import User

READ_ALL = "city:figures:read"
FREEZE = "city:figures:freeze"
ENTER = "agency:figures:enter"
EVIDENCE = "agency:evidence:read"


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
    return _owned(grants.agencies(ENTER))


def enterable(user: User | AnonymousUser) -> list[Manual]:
    """Those of them whose values a person enters."""
    return [figure for figure in answered_for(user) if isinstance(figure, Manual)]


def evidence_of(user: User | AnonymousUser, history: Iterable[ManualEntry]) -> list[EvidenceFile]:
    """The files of some entries that a person may see: of their agency's figures, or of all."""
    return list(visible_evidence(user).filter(entry__in=list(history)).order_by("pk"))


def visible_evidence(user: User | AnonymousUser) -> QuerySet[EvidenceFile]:
    """Files of evidence: an agency's own, or all (those who watch over figures, and auditors)."""
    grants = grants_of(user)
    if grants.everywhere(EVIDENCE):
        return EvidenceFile.objects.all()
    mine = _owned(grants.agencies(EVIDENCE))
    return EvidenceFile.objects.filter(entry__figure__in=[figure.code for figure in mine])


def _owned(agencies: Collection[int]) -> list[Figure]:
    """The figures that some agencies answer for; sorted by code."""
    owners = {code for code in map(registry.owner_of, registry.figures()) if code and _agency_id(code) in agencies}
    return [figure for figure in registry.figures() if registry.owner_of(figure) in owners]


def _agency_id(code: str) -> int | None:
    try:
        return directory.agency(code).pk
    except KeyError:
        return None
