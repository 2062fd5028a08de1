"""Which jobs, of whom, and in which order; what programs filed with their keys."""

from django.db import connection, models
from django.db.models import F, Q

from organisation.permissions import grants_of


class JobQuerySet(models.QuerySet):
    """Jobs of field crews."""

    def visible_to(self, user, permission: str = "jobs:read") -> "JobQuerySet":
        """The jobs of one's own crew; all of an agency or the city for those whose roles reach so far."""
        scope = grants_of(user).scope(permission)
        if scope.city:
            return self
        reach = Q(crew_id__in=scope.units) | Q(case__unit__agency_id__in=scope.agencies)
        # The dispatching unit follows its jobs, and a crew member answers for what they accepted.
        reach |= Q(case__unit_id__in=scope.units)
        if scope.own:
            reach |= Q(accepted_by_id=user.pk)
        return self.filter(reach)

    def active(self) -> "JobQuerySet":
        """Sent and not yet done or handed over."""
        return self.filter(ended_at__isnull=True)

    def by_deadline(self) -> "JobQuerySet":
        """What is late on top."""
        return self.order_by(F("case__due_at").asc(nulls_last=True), "pk")

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
