"""Named questions to the directory. Agencies, units, districts and closures are public; memberships are not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connections, models
from django.db.models import Q

from foundation.clock import TAIPEI
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


class PostQuerySet(DirectoryQuerySet):
    """Posts, and who holds them."""

    def searched(self, words: str, agency: str) -> PostQuerySet:
        """Those whose title or unit has the words, in an agency (by code) or anywhere."""
        found = self.filter(unit__agency__code=agency) if agency else self
        if not words:
            return found
        names = ("title", "title_en", "unit__name", "unit__name_en")
        return found.filter(reduce(or_, (Q(**{f"{name}__icontains": words}) for name in names)))

    def vacant(self, on: date, is_vacant: bool = True) -> PostQuerySet:
        """Those that nobody holds on a day; or the others."""
        held = models.Exists(self._memberships().in_force(on).filter(post=models.OuterRef("pk")))
        return self.filter(~held if is_vacant else held)

    def with_holders(self, on: date) -> PostQuerySet:
        """With whoever holds them on a day, as ``held_now``; two statements."""
        held = self._memberships().in_force(on).select_related("user").order_by("since", "pk")
        return self.select_related("unit__agency").prefetch_related(
            models.Prefetch("memberships", held, to_attr="held_now")
        )

    def _memberships(self) -> MembershipQuerySet:
        memberships: Any = self.model._meta.get_field("memberships").related_model
        return memberships.objects.all()


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
    """Where one membership acts: its agency (null: the whole city) and its units, the ones below it included.

    ``absent_id`` and ``absent`` say whose membership it is where the person acts in it as their deputy.
    """

    role: str
    agency_id: int | None
    unit_ids: list[int]
    agency_name: str = ""
    agency_name_en: str = ""
    unit_name: str = ""
    unit_name_en: str = ""
    absent_id: int | None = None
    absent: str = ""


class MembershipQuerySet(models.QuerySet):
    """Who acts where, in which role, and since when."""

    def in_force(self, on: date) -> MembershipQuerySet:
        """Memberships that hold on that day."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=on), since__lte=on)

    def visible_to(self, user: User | AnonymousUser) -> MembershipQuerySet:
        """One's own, and for those who appoint people or watch over it everybody's."""
        if grants_for(user).has("city:memberships:read"):
            return self
        return self.filter(user_id=user.pk)

    def not_over(self, on: date) -> MembershipQuerySet:
        """Memberships that hold on that day or will."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=on))

    def for_list(self) -> MembershipQuerySet:
        """With the person, the place and the post; one statement."""
        return self.select_related("user", "unit__agency", "agency", "post")

    def given(self) -> MembershipQuerySet:
        """With the record of who gave them and why, as ``gifts``; one more statement."""
        log: Any = self.model._meta.get_field("events").related_model
        return self.prefetch_related(models.Prefetch("events", log.objects.giving(), to_attr="gifts"))

    def serving(self, agencies: Iterable[int | None]) -> MembershipQuerySet:
        """Memberships in these agencies and their units (None: in the city as a whole) of people who can sign in."""
        ids = [agency for agency in agencies if agency is not None]
        place = Q(agency_id__in=ids) | Q(unit__agency_id__in=ids)
        if None in agencies:
            place |= Q(agency__isnull=True, unit__isnull=True)
        return self.filter(place, user__is_active=True)

    def to_deputise(self, user: User | AnonymousUser) -> MembershipQuerySet:
        """Those for which a person may name a deputy, by rights of their own: theirs, and for heads those there."""
        grants: Any = grants_for(user)
        scope = grants.in_person.scope("deputies:name")
        if scope.city:
            return self
        there = Q(unit_id__in=scope.units) | Q(unit__agency_id__in=scope.agencies) | Q(agency_id__in=scope.agencies)
        return self.filter(there | Q(user_id=user.pk) if scope else there)

    def provisioned(self, on: date) -> MembershipQuerySet:
        """Those that the personnel system gives and takes: of staff on its books, in a unit, and not on a last day."""
        held = self.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on, role__in=PROVISIONED_ROLES)
        return held.filter(unit__active=True, user__staff_record__removed_at=None, user__staff_record__isnull=False)

    def heading(self, unit_ids: Iterable[int], agency_id: int, on: date) -> MembershipQuerySet:
        """The heads of these units and of the agency on a day, with their accounts; only people who can sign in."""
        heads = Q(role="unit_head", unit_id__in=unit_ids) | Q(role="agency_head", agency_id=agency_id)
        return self.in_force(on).filter(heads, user__is_active=True).select_related("user").order_by("id")

    def reach_of(self, user_id: int, at: datetime) -> list[Reach]:
        """The reach of each membership that a person acts in, their own and as a deputy, in one statement."""
        on = at.astimezone(TAIPEI).date()
        with connections[self.db].cursor() as cursor:
            cursor.execute(REACH, {"user": user_id, "on": on, "at": at, "firm": list(CONTRACTOR_ROLES)})
            return [Reach(*row) for row in cursor.fetchall()]


class NominationQuerySet(models.QuerySet):
    """Memberships in the strongest roles that were put forward."""

    def visible_to(self, user: User | AnonymousUser) -> NominationQuerySet:
        """One's own, and for those who appoint people or watch over it everybody's."""
        return self if grants_for(user).has("city:memberships:read") else self.filter(user_id=user.pk)

    def waiting(self) -> NominationQuerySet:
        """What nobody has decided."""
        return self.filter(decision="")

    def decided(self) -> NominationQuerySet:
        """What somebody has, the latest first."""
        return self.exclude(decision="").order_by("-decided_at", "-pk")

    def told(self) -> NominationQuerySet:
        """With whoever and whatever a line of a list names."""
        return self.select_related("user", "proposed_by", "decided_by", "unit__agency", "agency", "post")


class DeputyshipQuerySet(models.QuerySet):
    """Who acts for whom."""

    def acting(self, at: datetime) -> DeputyshipQuerySet:
        """Those that hold at a moment, as ``rules.acts`` says; of the strong ones, those that were confirmed."""
        return self.filter(
            Q(ended_at__isnull=True) | Q(ended_at__gt=at),
            Q(strong=False) | Q(decision="confirmed"),
            begins_at__lte=at,
            ends_at__gt=at,
        )

    def of(self, person: User) -> DeputyshipQuerySet:
        """Those in which a person is one of the two."""
        return self.filter(Q(absent=person) | Q(deputy=person))

    def still(self, at: datetime) -> DeputyshipQuerySet:
        """Those that hold or will, and those that wait."""
        return self.filter(ends_at__gt=at, ended_at__isnull=True).exclude(decision="refused")

    def over(self, at: datetime) -> DeputyshipQuerySet:
        """Those that will not hold again: run out, ended, refused."""
        return self.filter(Q(ends_at__lte=at) | Q(ended_at__isnull=False) | Q(decision="refused"))

    def waiting(self) -> DeputyshipQuerySet:
        """Those in the strongest roles that nobody has decided, or ended."""
        return self.filter(strong=True, decision="", ended_at__isnull=True)

    def decided(self) -> DeputyshipQuerySet:
        """Those that a second person decided, the latest first."""
        return self.exclude(decision="").order_by("-decided_at", "-pk")

    def visible_to(self, user: User | AnonymousUser) -> DeputyshipQuerySet:
        """Those for oneself and by oneself; for a head those of the people there; for who appoints everybody's."""
        grants: Any = grants_for(user)
        if grants.has("city:memberships:read"):
            return self
        scope = grants.in_person.scope("deputies:name")
        return self.filter(
            Q(absent_id=user.pk)
            | Q(deputy_id=user.pk)
            | Q(membership__unit_id__in=scope.units)
            | Q(membership__unit__agency_id__in=scope.agencies)
            | Q(membership__agency_id__in=scope.agencies)
        )

    def told(self) -> DeputyshipQuerySet:
        """With whoever and whatever a line of a list names."""
        return self.select_related(
            "absent", "deputy", "proposed_by", "decided_by", "ended_by",
            "membership__unit__agency", "membership__agency", "membership__post",
        )  # fmt: skip


class AuthorityEventQuerySet(models.QuerySet):
    """What was done to what people may do."""

    def visible_to(self, user: User | AnonymousUser) -> AuthorityEventQuerySet:
        """What concerns oneself, and for those who appoint people or watch over it everything."""
        return self if grants_for(user).has("city:memberships:read") else self.filter(user_id=user.pk)

    def told(self) -> AuthorityEventQuerySet:
        """With who did it, and for whom."""
        return self.select_related("user", "actor", "acting_for")

    def giving(self) -> AuthorityEventQuerySet:
        """Those by which a membership began: an appointment, or the agreement to one."""
        return self.filter(verb__in=["appointed", "confirmed"]).told().order_by("at", "pk")


# UNION (not UNION ALL) ends the walk even if someone ties the tree of units into a ring. A deputyship reaches as far as
# the membership does on that day, and only while its holder's account is open.
REACH = """
WITH RECURSIVE held AS (
    SELECT m.*, NULL::bigint AS absent_id, '' AS absent
    FROM organisation_membership m WHERE m.user_id = %(user)s
    UNION ALL
    SELECT m.*, p.id, p.name
    FROM organisation_deputyship d
    JOIN organisation_membership m ON m.id = d.membership_id
    JOIN identity_user p ON p.id = d.absent_id AND p.is_active
    WHERE d.deputy_id = %(user)s AND d.begins_at <= %(at)s AND coalesce(d.ended_at, d.ends_at) > %(at)s
        AND d.ends_at > %(at)s AND (NOT d.strong OR d.decision = 'confirmed')
), mine AS (
    SELECT m.id, m.role, m.unit_id, a.id AS agency_id, a.name AS agency, a.name_en AS agency_en,
           u.name AS unit, u.name_en AS unit_en, m.absent_id, m.absent
    FROM held m
    LEFT JOIN organisation_unit u ON u.id = m.unit_id
    LEFT JOIN organisation_agency a ON a.id = coalesce(m.agency_id, u.agency_id)
    WHERE m.since <= %(on)s AND (m.until IS NULL OR m.until >= %(on)s)
        AND (u.is_contractor IS NOT TRUE OR m.role = ANY(%(firm)s))
), below AS (
    SELECT id AS membership_id, unit_id FROM mine WHERE unit_id IS NOT NULL
    UNION
    SELECT b.membership_id, u.id FROM below b JOIN organisation_unit u ON u.parent_id = b.unit_id
)
SELECT m.role, m.agency_id, ARRAY(SELECT b.unit_id FROM below b WHERE b.membership_id = m.id),
       coalesce(m.agency, ''), coalesce(m.agency_en, ''), coalesce(m.unit, ''), coalesce(m.unit_en, ''),
       m.absent_id, m.absent
FROM mine m ORDER BY m.absent_id NULLS FIRST, m.id
"""
