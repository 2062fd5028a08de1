"""Where a person may act: the roles of their memberships, weighed against the grammar ``scope:resource:action``.

How far a permission reaches is said by its scope and by the membership that brings it:

- ``public``  everybody, signed in or not
- ``own``     the person's own records
- ``unit``    the membership's unit and the units below it
- ``agency``  the agency of the membership
- ``city``    everywhere

Everyone who is signed in has the role ``citizen`` besides those of their memberships: an officer, too, may report a
pothole on the way home. A membership that has ended, and a person who was switched off, bring nothing.

Whoever is somebody's deputy has that person's membership besides their own, for as long as the deputyship lasts.
``acting_for`` says when a deed is the deputy's only: the record then shows both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from foundation.clock import now
from identity.permissions import PUBLIC, ROLES
from identity.rules import implies
from organisation.models import Membership
from organisation.querysets import Reach

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from identity.models import User


@dataclass(frozen=True)
class Scope:
    """Which records a permission reaches: all, those of some agencies, of some units, the person's own. A union."""

    city: bool = False
    agencies: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    own: bool = False

    def __bool__(self) -> bool:
        """Whether it reaches anything at all."""
        return self.city or self.own or bool(self.agencies or self.units)

    def reaches(self, unit_id: int | None, agency_id: int | None) -> bool:
        """Whether it reaches what a unit of an agency answers for; what is one's own is taken as reached."""
        return self.city or self.own or unit_id in self.units or agency_id in self.agencies


class Grants:
    """What a person's roles allow, and where. Read it through ``grants_of``."""

    def __init__(self, reaches: Iterable[Reach]) -> None:
        self.reaches = tuple(reach for reach in reaches if reach.role in ROLES)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The codes of the roles held; ``citizen`` included for whoever is signed in."""
        return frozenset(reach.role for reach in self.reaches)

    @cached_property
    def permissions(self) -> frozenset[str]:
        """Every permission that some role brings, wherever it reaches, and the public ones."""
        return PUBLIC.union(*(ROLES[role].permissions for role in self.roles))

    def has(self, permission: str) -> bool:
        """Whether some role brings this permission, at its scope or at a wider one."""
        return implies(self.permissions, permission)

    def units(self, permission: str) -> frozenset[int]:
        """Ids of the units that a unit-scoped permission reaches, the units below included."""
        return frozenset(unit for reach in self._bringing(permission) for unit in reach.unit_ids)

    def agencies(self, permission: str) -> frozenset[int]:
        """Ids of the agencies that an agency-scoped permission reaches."""
        return frozenset(reach.agency_id for reach in self._bringing(permission) if reach.agency_id is not None)

    def everywhere(self, permission: str) -> bool:
        """Whether the deed of this permission is allowed in the whole city."""
        return f"city:{permission.partition(':')[2]}" in self.permissions

    def scope(self, deed: str) -> Scope:
        """Where ``resource:action`` is allowed, over all roles and all scopes but the public one."""
        return Scope(
            city=f"city:{deed}" in self.permissions,
            agencies=self.agencies(f"agency:{deed}"),
            units=self.units(f"unit:{deed}"),
            own=f"own:{deed}" in self.permissions,
        )

    @cached_property
    def in_person(self) -> Grants:
        """What the person holds by memberships of their own: without what they do as somebody's deputy."""
        return Grants(reach for reach in self.reaches if reach.absent_id is None)

    def acting_for(self, deed: str, unit_id: int | None = None, agency_id: int | None = None) -> int | None:
        """Primary key of the person for whom ``resource:action`` is done there: whose deputy one is, where no role of
        one's own brings it. None where one acts in person, and where one does not reach it at all.

        Without a place only deeds of city scope, and those that are one's own, count.
        """
        at_work = [reach for reach in self.reaches if reach.role != "citizen"]
        if not any(reach.absent_id for reach in at_work):
            return None
        if Grants(reach for reach in at_work if not reach.absent_id).scope(deed).reaches(unit_id, agency_id):
            return None
        stands_in = (reach for reach in at_work if reach.absent_id)
        return next(
            (reach.absent_id for reach in stands_in if Grants([reach]).scope(deed).reaches(unit_id, agency_id)), None
        )

    def words(self) -> tuple[str, ...]:
        """The memberships in words, one each, e.g. ``承辦人員（工務局道路養護科）``; a deputy's ``代理李大華：…``."""
        return tuple(_in_words(reach) for reach in self.reaches)

    def _bringing(self, permission: str) -> list[Reach]:
        return [reach for reach in self.reaches if permission in ROLES[reach.role].permissions]


def grants_of(user: User | AnonymousUser) -> Grants:
    """The grants of a person, read with one statement when first asked and kept on the user object after that."""
    if not user.is_authenticated or not user.is_active:
        return Grants(())
    if "_grants" not in user.__dict__:
        held = Membership.objects.reach_of(user.pk, now())
        user.__dict__["_grants"] = Grants([Reach("citizen", None, []), *held])
    return user.__dict__["_grants"]


def _in_words(reach: Reach) -> str:
    english = (get_language() or "").startswith("en")
    role = str(ROLES[reach.role].label)
    if english:
        place = ", ".join(name for name in (reach.unit_name_en, reach.agency_name_en) if name)
    else:
        place = reach.agency_name + reach.unit_name
    words = _("%(role)s（%(place)s）") % {"role": role, "place": place} if place else role
    return _("代理%(name)s：%(office)s") % {"name": reach.absent, "office": words} if reach.absent_id else words
