"""Which jobs, of whom, and in which order; what programs filed with their keys."""

from datetime import timedelta

from django.db import connection, models
from django.db.models import F, OuterRef, Q, Subquery

from cases.models import CaseEvent
from foundation.clock import now, today
from organisation import directory
from organisation.pack import pack
from organisation.permissions import grants_of


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

    def of_key(self, key: int) -> "ApiFilingQuerySet":
        """What one key filed, for its program."""
        return self.filter(key_id=key)

    def known(self, key: int, reference: str) -> "ApiFilingQuerySet":
        """What the key filed under that reference of its own: one or none, with the case."""
        return self.of_key(key).filter(reference=reference).select_related("case")

    def note(self, case: int, key: int, reference: str, fingerprint: str) -> None:
        """Write down that a key filed a case. One statement, and none the second time: two of the same may race."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO servicerequests_apifiling (case_id, key_id, reference, fingerprint)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [case, key, reference, fingerprint],
            )
