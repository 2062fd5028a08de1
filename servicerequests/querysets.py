"""Which jobs, of whom, and in which order; what programs filed with their keys."""

from datetime import timedelta
from math import cos, radians
from typing import Any

from django.db import models
from django.db.models import BooleanField, F, Func, OuterRef, Q, Subquery, Value

from cases.models import CaseEvent
from cases.querysets import CaseQuerySet
from cases.rules import METRES_A_DEGREE
from foundation.clock import now, today
from foundation.inserting import write
from organisation import directory
from organisation.pack import pack
from organisation.permissions import grants_of
from servicerequests.rules import Gathering


class JobQuerySet(models.QuerySet):
    """Jobs of field crews."""

    def visible_to(self, user, permission: str = "jobs:read") -> "JobQuerySet":
        """The jobs of one's own crew; all of an agency or the city for those whose roles reach so far.

        A contractor's crew sees what it was sent to do, and that only until some days after it ended (rule
        ``contractor_job_days``): what it knows of other people's doors it does not keep.
        """
        scope = grants_of(user).scope(permission)
        if scope.city:
            return self
        firms = {unit for unit in scope.units if directory.unit_by_id(unit).is_contractor}
        reach = Q(crew_id__in=scope.units - firms) | Q(case__unit__agency_id__in=scope.agencies)
        if firms:
            kept = now() - timedelta(days=pack().rule("contractor_job_days", today()).value)
            reach |= Q(crew_id__in=firms) & (Q(ended_at__isnull=True) | Q(ended_at__gte=kept))
        # The dispatching unit follows its jobs, and a crew member answers for what they accepted.
        reach |= Q(case__unit_id__in=scope.units - firms)
        if scope.own:
            reach |= Q(accepted_by_id=user.pk)
        return self.filter(reach)

    def active(self) -> "JobQuerySet":
        """Sent and not yet done or handed over."""
        return self.filter(ended_at__isnull=True)

    def taken_from(self, user) -> "JobQuerySet":
        """What this person or their crew was sent to do at some time, however long ago: whom a job may be said to be
        with now, although they see nothing else of it any more."""
        crews = grants_of(user).scope("jobs:accept").units
        return self.filter(Q(crew_id__in=crews) | Q(accepted_by_id=user.pk))

    def instead_of(self, jobs: "JobQuerySet") -> "JobQuerySet":
        """Who has the cases of these jobs in hand now."""
        return self.active().filter(case__in=jobs.values("case")).select_related("crew")

    def by_deadline(self) -> "JobQuerySet":
        """What is late on top."""
        return self.order_by(F("case__due_at").asc(nulls_last=True), "pk")

    def with_last_entry(self) -> "JobQuerySet":
        """With ``seen``: the last entry of the case's timeline, which a phone sends along with what it reports."""
        last = CaseEvent.objects.filter(case=OuterRef("case")).order_by("-pk").values("pk")[:1]
        return self.annotate(seen=Subquery(last))

    def for_list(self) -> "JobQuerySet":
        """With what a line shows, in one query."""
        return self.select_related(
            "case__unit__agency", "case__district", "case__officer", "crew__agency", "accepted_by"
        )


class ApiFilingQuerySet(models.QuerySet):
    """What programs filed with their keys."""

    def visible_to(self, user) -> "ApiFilingQuerySet":
        """The account of every key for who issues them, else of one's own keys. It names cases and tells none."""
        if grants_of(user).has("city:apikeys:manage"):
            return self
        return self.filter(key__owner_id=user.pk)

    def of(self, case) -> "ApiFilingQuerySet":
        """How one case was filed, with its key and who answers for that: one or none."""
        return self.filter(case=case).select_related("key__owner")

    def of_key(self, key: int) -> "ApiFilingQuerySet":
        """What one key filed, for its program."""
        return self.filter(key_id=key)

    def known(self, key: int, reference: str) -> "ApiFilingQuerySet":
        """What the key filed under that reference of its own: one or none, with the case."""
        return self.of_key(key).filter(reference=reference).select_related("case")

    def note(self, case: int, key: int, reference: str, fingerprint: str) -> None:
        """Write down that a key filed a case. One statement, and none the second time: two of the same may race."""
        write(
            "INSERT INTO servicerequests_apifiling (case_id, key_id, reference, fingerprint)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (case, key, reference, fingerprint),
        )


class IncidentQuerySet(models.QuerySet):
    """Incidents."""

    def visible_to(self, user) -> "IncidentQuerySet":
        """All of them for whoever works on cases anywhere: an incident concerns more than one agency."""
        return self if grants_of(user).scope("incidents:read") else self.none()

    def public(self) -> "IncidentQuerySet":
        """Those that the public was told of."""
        return self.exclude(public_zh="")

    def open(self) -> "IncidentQuerySet":
        """Not closed yet."""
        return self.filter(closed_at__isnull=True)

    def newest_first(self) -> "IncidentQuerySet":
        """What goes on now on top, then by when it began."""
        return self.order_by(F("closed_at").desc(nulls_first=True), "-since", "-pk")

    def for_list(self) -> "IncidentQuerySet":
        """With what a line shows, in one query: how many cases, how many of them open."""
        current = Q(members__removed_at__isnull=True)
        still_open = current & Q(members__case__done_at__isnull=True, members__case__closed_at__isnull=True)
        return self.select_related("lead").annotate(
            gathered=models.Count("members", filter=current), unfinished=models.Count("members", filter=still_open)
        )


class _Inside(Func):
    """``outline::polygon @> point(lon, lat)``, by PostgreSQL's own geometry."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *_how: Any, **_more: Any) -> tuple[str, tuple]:
        (outline, *a), (lon, *b), (lat, *c) = (
            (sql, *parameters) for sql, parameters in map(compiler.compile, self.get_source_expressions())
        )
        return f"{outline}::polygon @> point({lon}, {lat})", (*a, *b, *c)


def gathered(cases: CaseQuerySet, by: Gathering) -> CaseQuerySet:
    """The cases that an incident gathers, as a condition for the database: `Gathering.takes` in SQL."""
    found = cases.filter(received_at__gte=by.since)
    if by.until:
        found = found.filter(received_at__lt=by.until)
    if by.kinds:
        found = found.filter(kind_code__in=sorted(by.kinds))
    if by.districts:
        found = found.filter(district_id__in=sorted(by.districts))
    if by.circle:
        lon, lat, metres = by.circle
        east = (F("lon") - lon) * (METRES_A_DEGREE * cos(radians(lat)))
        north = (F("lat") - lat) * METRES_A_DEGREE
        found = found.near(lon, lat, metres).alias(squared=east * east + north * north)
        found = found.filter(squared__lte=metres * metres)
    elif by.polygon:
        outline = "(" + ",".join(f"({lon!r},{lat!r})" for lon, lat in by.polygon) + ")"
        lons, lats = zip(*by.polygon, strict=True)
        found = found.filter(lon__range=(min(lons), max(lons)), lat__range=(min(lats), max(lats)))
        found = found.filter(_Inside(Value(outline), F("lon"), F("lat")))
    return found
