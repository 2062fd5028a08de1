"""Named questions to the stored values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import models

from figures.registry import DAY, GRAINS, MONTH, YEAR, Period
from figures.rules import subsets


def key_of(dims: Iterable[str]) -> str:
    """The ``by`` of a set of dimensions: their codes, sorted."""
    return ",".join(sorted(dims))


class ObservationQuerySet(models.QuerySet):
    def of(
        self, codes: Iterable[str], periods: Sequence[Period], keys: Iterable[str], dims: Mapping[str, str]
    ) -> ObservationQuerySet:
        """Stored values of figures over periods of one grain, for sets of dimensions and given values of some."""
        starts = [period.start for period in periods]
        found = self.filter(
            figure__in=list(codes), grain=periods[0].grain, by__in=list(keys), period__range=(min(starts), max(starts))
        )
        return found.filter(dims__contains=dict(dims)) if dims else found

    def first_counted(self, codes: Iterable[str]) -> dict[str, date]:
        """The first day of the first month (where there are only years: year) of which records of a figure are counted,
        of each that has any."""
        found = self.filter(figure__in=list(codes), by="", is_typed=False, grain__in=[MONTH, YEAR])
        firsts = found.values_list("figure", "grain").annotate(first=models.Min("period"))
        by_month_last = sorted(firsts, key=lambda each: each[1] == MONTH)
        return {figure: first for figure, _grain, first in by_month_last}

    def years(self) -> list[int]:
        """Years for which some total is stored, the latest first."""
        starts = self.filter(grain=YEAR, by="").values_list("period", flat=True).distinct().order_by("-period")
        return [start.year for start in starts]


class FreezeQuerySet(models.QuerySet):
    def covering(self, period: Period) -> FreezeQuerySet:
        """The freezes that a period lies in: its own, its month's, its year's."""
        return self.filter(
            models.Q(grain=YEAR, start=Period.of(YEAR, period.start).start)
            | (models.Q(grain=MONTH, start=period.start.replace(day=1)) if period.grain != YEAR else models.Q())
        )

    def frozen_cells(self, figure: str, grain: str, first: date, last: date) -> list[tuple[date, str]]:
        """What is frozen of a figure between two days: the first day of each period of a grain, and each ``by``."""
        cells: set[tuple[date, str]] = set()
        freezes = self.filter(figures__has_key=figure, start__range=(first.replace(month=1, day=1), last))
        for frozen, start, figures in freezes.values_list("grain", "start", "figures"):
            if GRAINS.index(grain) <= GRAINS.index(frozen):
                whole = Period(frozen, start)
                periods = {DAY: whole.days, MONTH: whole.months, YEAR: [whole]}[grain]
                bys = [key_of(subset) for subset in subsets(figures[figure])]
                cells.update((each.start, by) for each in periods if first <= each.start <= last for by in bys)
        return sorted(cells)

    def newest_first(self) -> FreezeQuerySet:
        return self.select_related("frozen_by").order_by("-start", "grain")


class CorrectionQuerySet(models.QuerySet):
    def of(self, code: str, period: Period, dims: Mapping[str, str]) -> CorrectionQuerySet:
        """Corrections of one value, the latest first."""
        found = self.filter(figure=code, grain=period.grain, by=key_of(dims), period=period.start, dims=dict(dims))
        return found.order_by("-noticed_at", "-pk")

    def of_totals(self, codes: Iterable[str]) -> CorrectionQuerySet:
        """Corrections of the totals of months and years, the latest first."""
        return self.filter(figure__in=list(codes), by="", grain__in=[MONTH, YEAR]).order_by(
            "-noticed_at", "figure", "-grain", "period", "pk"
        )


class ManualEntryQuerySet(models.QuerySet):
    def of(self, code: str, period: Period) -> ManualEntryQuerySet:
        """Entries of one value, the one that holds first."""
        found = self.filter(figure=code, grain=period.grain, period=period.start)
        return found.select_related("entered_by").order_by("-id")

    def that_hold(self, codes: Iterable[str], start: date, end: date) -> ManualEntryQuerySet:
        """The entry that holds of each figure and period between two days."""
        found = self.filter(figure__in=list(codes), period__range=(start, end))
        return found.order_by("figure", "grain", "period", "-id").distinct("figure", "grain", "period")


class FindingQuerySet(models.QuerySet):
    def still_there(self) -> FindingQuerySet:
        """Those that were not gone when the checks last ran, the latest period first."""
        return self.filter(gone_at=None).order_by("-period", "subject", "kind")


class TargetQuerySet(models.QuerySet):
    def of(self, code: str, period: Period) -> TargetQuerySet:
        """Targets of one figure for a period, the one that holds first."""
        return self.filter(figure=code, grain=period.grain, period=period.start).order_by("-id")

    def of_figures(self, codes: Iterable[str]) -> TargetQuerySet:
        """All targets of some figures, oldest first: of a period the last one holds."""
        return self.filter(figure__in=list(codes)).order_by("id")
