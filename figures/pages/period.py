"""A value: for a period and chosen members, with the sums by month, day and dimension that it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from figures import queries
from figures.models import Correction, Freeze, ManualEntry, Target
from figures.pages.common import chosen_context, chosen_dims, course, figure_door, owner_label, sentence, with_files
from figures.permissions import answered_for, enterable, may_list
from figures.queries import Reading
from figures.registry import DAY, MONTH, YEAR, Figure, Manual, Period, registry
from figures.rules import half_up, percentage, reached
from foundation.export import csv_response
from foundation.ratelimit import limit

FINER = {YEAR: MONTH, MONTH: DAY}


@figure_door
def reading(request: HttpRequest, figure: Figure, period: Period) -> HttpResponse:
    """``/figures/<code>/<period>/``: the value and what it is made of."""
    return render(request, "figures/period.html", _context(request, figure, period))


@figure_door
@limit("figures-recount", per_minute=20)
def recount(request: HttpRequest, figure: Figure, period: Period) -> HttpResponse:
    """The same page, with the value counted from the records at this moment beside the one that is stored."""
    if isinstance(figure, Manual):
        raise Http404(f"{figure.code} is entered, not counted")
    context = _context(request, figure, period)
    context["recounted"] = queries.recount(figure.code, period, **context["dims"])
    context["agrees"] = context["recounted"].current == context["reading"].current
    return render(request, "figures/period.html", context)


@figure_door
def download(request: HttpRequest, figure: Figure, period: Period) -> HttpResponse:
    """The value and all its break-downs as one CSV file."""
    context = _context(request, figure, period)

    def line(kind: str, member: str, label: str, each: Reading) -> list[Any]:
        now = each.now.value if each.is_corrected else None
        return [str(each.period), kind, member, label, each.value, each.unit, now]

    def lines() -> Iterator[list[Any]]:
        yield line("", "", "", context["reading"])
        for each in context["finer"]:
            yield line(_("期間"), str(each.period), each.period.label, each)
        for table in context["tables"]:
            for row in table["table"].rows:
                yield line(table["dimension"].code, row.member or "", row.label, row.reading)

    header = [_("期間"), _("分組"), _("代碼"), _("名稱"), str(figure.label), _("單位"), _("更正後")]
    return csv_response(f"{figure.code}-{period}.csv", header, lines())


def _context(request: HttpRequest, figure: Figure, period: Period) -> dict[str, Any]:
    grains = registry.grains_of(figure)
    if period.grain not in grains:
        raise Http404(f"{figure.code} has no values for {period}")
    dims = chosen_dims(request, figure)
    free = {dimension.code: dimension for dimension in registry.dimensions_of(figure) if dimension.code not in dims}
    tables = queries.tables([figure.code], period, list(free), **dims)
    finer = FINER.get(period.grain)
    # A running period is not compared: part of a year is no year.
    compared = [period.year_before, period] if period.is_over else [period]
    *before, value = queries.series(figure.code, compared, **dims)
    series = queries.series(figure.code, _finer_periods(period, finer), **dims) if finer in grains else []
    return {
        "figure": figure,
        "period": period,
        "topic": registry.topic_of(figure),
        **chosen_context(dims),
        "reading": value,
        "parts": queries.values(figure.parts, period, **dims).values() if figure.parts else [],
        "finer": series,
        "sentence": sentence(series),
        "drawing": course(series),
        "tables": [{"dimension": free[code], "table": table} for code, table in tables.items()],
        "has_records": may_list(request.user, figure) and period.has_begun,
        "target": _target(figure, value),
        "may_aim": period.grain != DAY and not period.is_over and figure in answered_for(request.user),
        "year_before": _year_before(before[0], value) if before else None,
        "freeze": Freeze.objects.covering(period).newest_first().last(),
        "corrections": Correction.objects.of(figure.code, period, dims)[:20],
        "up_to_date_at": queries.up_to_date_at(figure.code),
        **(_entered(request, figure, period) if isinstance(figure, Manual) or value.is_typed else {}),
    }


def _year_before(before: Reading, reading: Reading) -> dict[str, Any] | None:
    """The same period of the year before, and by how much the value is above it.

    None where there is nothing to compare: of a zero it is not known whether there were records yet.
    """
    if not before.value or reading.value is None:
        return None
    change = reading.value - before.value
    percent = half_up(percentage(abs(change), before.value) or Decimal(0), 1)
    return {"reading": before, "change": change, "amount": f"{abs(change):,}", "percent": percent}


def _target(figure: Figure, reading: Reading) -> dict[str, Any] | None:
    """The target that holds for a value, and whether it is reached; None where none was set."""
    target = Target.objects.of(figure.code, reading.period).first()
    if target is None:
        return None
    now = reading.now.value
    return {"holds": target, "is_reached": now is not None and reached(now, target.value, target.at_most)}


def _entered(request: HttpRequest, figure: Figure, period: Period) -> dict[str, Any]:
    """Who answers for a value that was entered, and what was entered for it, the latest first."""
    return {
        "history": with_files(request.user, list(ManualEntry.objects.of(figure.code, period))),
        "owner": owner_label(figure),
        "may_enter": period.has_begun and figure in enterable(request.user),
    }


def _finer_periods(period: Period, grain: str) -> list[Period]:
    return [each for each in (period.months if grain == MONTH else period.days) if each.has_begun] or [period]
