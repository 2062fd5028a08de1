"""Which works, and which reports about them."""

from __future__ import annotations

from django.db import models

from organisation.permissions import grants_of
from publicworks.rules import box_around


class WorkQuerySet(models.QuerySet):
    """Works. What the city has put out to tender is public (政府採購法第 27 條、第 61 條)."""

    def visible_to(self, user) -> WorkQuerySet:
        """Everyone may see the register of works."""
        return self

    def changeable_by(self, user) -> WorkQuerySet:
        """Those of the units where this person may correct the register."""
        scope = grants_of(user).scope("works:change")
        if scope.city:
            return self
        return self.filter(models.Q(unit_id__in=scope.units) | models.Q(unit__agency_id__in=scope.agencies))

    def near(self, lon: float, lat: float, metres: float) -> WorkQuerySet:
        """Those whose box meets a square around a point, which an index serves; callers measure the true distance."""
        west, south, east, north = box_around(lon, lat, metres)
        return self.filter(south__lte=north, north__gte=south, west__lte=east, east__gte=west)

    def for_list(self) -> WorkQuerySet:
        """With what a line of a list shows, in one query."""
        return self.select_related("unit__agency", "district")

    def newest(self) -> WorkQuerySet:
        """What began last on top; without a date last."""
        return self.order_by(models.F("planned_start").desc(nulls_last=True), "-pk")


class CorrectionQuerySet(models.QuerySet):
    """Corrections of the register by hand."""

    def of(self, work) -> CorrectionQuerySet:
        """Those of a work that the reader may correct, too, the newest first, with who made them."""
        return self.filter(work=work).select_related("by").order_by("-pk")


class CitizenReportQuerySet(models.QuerySet):
    """Reports of citizens about works; who may see the case may see which work it is about."""

    def of(self, case) -> CitizenReportQuerySet:
        """The report of a case, with its work: none or one."""
        return self.filter(case=case).select_related("work__unit__agency", "work__district")

    def of_cases(self, cases) -> CitizenReportQuerySet:
        """The reports of cases that the reader may see, with what a line of a list shows."""
        return self.filter(case__in=cases).select_related(
            "work", "case__unit__agency", "case__district", "inspection_asked_by"
        )

    def about(self, work) -> CitizenReportQuerySet:
        """What was reported about a work, the newest first: facts of the case that anybody may know."""
        return self.filter(work=work).select_related("case__district").order_by("-case__received_at")

    def inspection_wanted(self) -> CitizenReportQuerySet:
        """An inspection was asked for and has not taken place yet, the oldest request on top."""
        return self.filter(inspection_asked_at__isnull=False, inspected_on=None).order_by("inspection_asked_at")

    def inspected(self) -> CitizenReportQuerySet:
        """An inspection took place, the newest on top."""
        return self.filter(inspected_on__isnull=False).order_by("-inspected_on", "-pk")
