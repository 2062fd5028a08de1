"""Which jobs: of whom, and in which order."""

from django.db import models
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
