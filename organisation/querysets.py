"""Named questions to the directory. Agencies, units, districts and closures are public; memberships are not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.db import connections, models
from django.db.models import Q

from identity.grants import grants_for
from organisation.rules import CONTRACTOR_ROLES, PROVISIONED_ROLES

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from identity.models import User


class DirectoryQuerySet(models.QuerySet):
    """What the city publishes about itself. What the pack no longer names stays, for the records that refer to it."""

    def visible_to(self, user: User | AnonymousUser) -> DirectoryQuerySet:
        """Everyone may see the directory."""
        return self

    def active(self) -> DirectoryQuerySet:
        """What exists now."""
        return self.filter(active=True)


class CalendarOverrideQuerySet(models.QuerySet):
    """Days that differ from the official calendar."""

    def visible_to(self, user: User | AnonymousUser) -> CalendarOverrideQuerySet:
        """Everyone may see which days are closed, and which declarations were withdrawn."""
        return self

    def in_force(self) -> CalendarOverrideQuerySet:
        """Declarations that nobody withdrew."""
        return self.filter(revoked_at__isnull=True)


class StaffRecordQuerySet(models.QuerySet):
    """What the personnel system says of people."""

    def visible_to(self, user: User | AnonymousUser) -> StaffRecordQuerySet:
        """All for who keeps the accounts or answers for the personnel system, else one's own."""
        grants = grants_for(user)
        if grants.has("city:people:read") or grants.has("city:users:manage"):
            return self
        return self.filter(user_id=user.pk)

    def on_the_books(self) -> StaffRecordQuerySet:
        """Those that the personnel system has not removed."""
        return self.filter(removed_at__isnull=True)


class StormQuerySet(models.QuerySet):
    """Times of storm mode."""

    def visible_to(self, user: User | AnonymousUser) -> StormQuerySet:
        """Everyone may know: the pages say so on top."""
        return self

    def going_on(self) -> StormQuerySet:
        """The one that nobody has ended, if there is one."""
        return self.filter(ended_at__isnull=True)


class Reach(NamedTuple):
    """Where one membership acts: its agency (null: the whole city) and its units, the ones below it included."""

    role: str
    agency_id: int | None
    unit_ids: list[int]
    agency_name: str = ""
    agency_name_en: str = ""
    unit_name: str = ""
    unit_name_en: str = ""


class MembershipQuerySet(models.QuerySet):
    """Who acts where, in which role, and since when."""

    def in_force(self, on: date) -> MembershipQuerySet:
        """Memberships that hold on that day."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=on), since__lte=on)

    def visible_to(self, user: User | AnonymousUser) -> MembershipQuerySet:
        """One's own, and for those who appoint people everybody's."""
        if grants_for(user).has("city:memberships:manage"):
            return self
        return self.filter(user_id=user.pk)

    def provisioned(self, on: date) -> MembershipQuerySet:
        """Those that the personnel system gives and takes: of staff on its books, in a unit, and not on a last day."""
        held = self.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on, role__in=PROVISIONED_ROLES)
        return held.filter(unit__active=True, user__staff_record__removed_at=None, user__staff_record__isnull=False)

    def heading(self, unit_ids: Iterable[int], agency_id: int, on: date) -> MembershipQuerySet:
        """The heads of these units and of the agency on a day, with their accounts; only people who can sign in."""
        heads = Q(role="unit_head", unit_id__in=unit_ids) | Q(role="agency_head", agency_id=agency_id)
        return self.in_force(on).filter(heads, user__is_active=True).select_related("user").order_by("id")

    def reach_of(self, user_id: int, on: date) -> list[Reach]:
        """The reach of each membership that a person holds on a day, in one statement."""
        with connections[self.db].cursor() as cursor:
            cursor.execute(REACH, {"user": user_id, "on": on, "firm": list(CONTRACTOR_ROLES)})
            return [Reach(*row) for row in cursor.fetchall()]


# UNION (not UNION ALL) ends the walk even if someone ties the tree of units into a ring.
REACH = """
WITH RECURSIVE mine AS (
    SELECT m.id, m.role, m.unit_id, a.id AS agency_id, a.name AS agency, a.name_en AS agency_en,
           u.name AS unit, u.name_en AS unit_en
    FROM organisation_membership m
    LEFT JOIN organisation_unit u ON u.id = m.unit_id
    LEFT JOIN organisation_agency a ON a.id = coalesce(m.agency_id, u.agency_id)
    WHERE m.user_id = %(user)s AND m.since <= %(on)s AND (m.until IS NULL OR m.until >= %(on)s)
        AND (u.is_contractor IS NOT TRUE OR m.role = ANY(%(firm)s))
), below AS (
    SELECT id AS membership_id, unit_id FROM mine WHERE unit_id IS NOT NULL
    UNION
    SELECT b.membership_id, u.id FROM below b JOIN organisation_unit u ON u.parent_id = b.unit_id
)
SELECT m.role, m.agency_id, ARRAY(SELECT b.unit_id FROM below b WHERE b.membership_id = m.id),
       coalesce(m.agency, ''), coalesce(m.agency_en, ''), coalesce(m.unit, ''), coalesce(m.unit_en, '')
FROM mine m ORDER BY m.id
"""
