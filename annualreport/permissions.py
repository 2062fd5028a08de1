"""Who may do what with a section: the deeds of its transitions, where the roles reach."""

from __future__ import annotations

from annualreport.models import Section
from annualreport.querysets import AUTHORS
from annualreport.states import LIFE
from cases.states import Transition
from organisation.permissions import grants_of

ELSEWHERE = frozenset({"write", "assign"})  # these have pages of their own


def may(user, section: Section, deed: str) -> bool:
    """Whether a person's roles reach a section with ``annualreport:write``, say. An author may write what is theirs."""
    scope = grants_of(user).scope(deed)
    if scope.city or section.unit_id in scope.units or section.unit.agency_id in scope.agencies:
        return True
    return bool(scope) and deed in AUTHORS and section.author_id == user.pk


def verbs_for(user, section: Section) -> list[Transition]:
    """What a person may do with a section now, in the order of the life."""
    return [
        transition
        for transition in LIFE.verbs_in[section.state]
        if transition.verb not in ELSEWHERE and may(user, section, transition.permission)
    ]
