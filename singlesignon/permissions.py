"""Who may do what with a relying system."""

from __future__ import annotations

from cases.states import Transition
from identity.models import User
from organisation.models import Agency
from organisation.permissions import grants_of
from singlesignon.models import RelyingSystem
from singlesignon.states import LIFE


def may(user, agency_id: int, deed: str) -> bool:
    """Whether a person's roles reach the systems of an agency with ``apply``, ``review`` or ``suspend``."""
    scope = grants_of(user).scope(f"relyingsystems:{deed}")
    return scope.city or agency_id in scope.agencies


def verbs_for(user, system: RelyingSystem) -> list[Transition]:
    """What a person may do with a system now, in the order of its life; changing its facts has a page of its own."""
    return [
        verb for verb in LIFE.verbs_in[system.state]
        if verb.verb != "change" and may(user, system.agency_id, verb.permission.partition(":")[2])
    ]  # fmt: skip


def agencies_of(user: User) -> list[Agency]:
    """The agencies for whose systems a person may apply."""
    scope = grants_of(user).scope("relyingsystems:apply")
    known = Agency.objects.filter(active=True)
    return list(known if scope.city else known.filter(pk__in=scope.agencies))
