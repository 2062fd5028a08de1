"""A figure: what it means, how it comes about, and how it went over a year."""

from __future__ import annotations

from typing import Any

import sqlparse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from figures import forecasts, queries, sql
from figures.pages.common import chosen_year, course, figure_door, owner_label, sentence, years_with_data
from figures.registry import DAY, MONTH, YEAR, Counted, Figure, Period, registry
from foundation.drawing import Drawing, lines

SHOWN = {DAY: 28, MONTH: 24}  # how much of what is known stands before a forecast


@figure_door
def definition(request: HttpRequest, figure: Figure) -> HttpResponse:
    """``/figures/<code>/``: definition, query, and a year by month and by each dimension."""
    years = years_with_data()
    period = Period.year(chosen_year(request, years))
    months = period.months if MONTH in registry.grains_of(figure) else []
    series = queries.series(figure.code, months) if months else []
    context = {
        "figure": figure,
        "topic": registry.topic_of(figure),
        "owner": owner_label(figure),
        "years": years,
        "period": period,
        "reading": queries.value(figure.code, period) if YEAR in registry.grains_of(figure) else None,
        "months": series,
        "sentence": sentence(series),
        "drawing": course(series),
        "outlook": _outlook(figure, period),
        "parts": [registry.figure(part) for part in figure.parts],
        "used_by": [other for other in registry.figures() if figure.code in other.parts],
        "share_sets": [each for each in registry.share_sets() if figure.code in (*each.parts, each.whole)],
        "dimensions": registry.dimensions_of(figure),
        "query": _query(figure, period),
    }
    return render(request, "figures/figure.html", context)


def _outlook(figure: Figure, year: Period) -> dict[str, Any] | None:
    """What comes after the end of a year, or after yesterday, by the finest periods that allow a forecast."""
    for grain in forecasts.grains(figure):
        series = queries.series(figure.code, forecasts.periods(grain, year.end))
        found = forecasts.from_values(figure, [each.period for each in series], [each.current for each in series])
        if found and found.until.start.year == year.start.year:
            return {"found": found, "drawing": _ahead(found, series), "is_by_day": grain == DAY}
    return None


def _ahead(found: forecasts.Forecast, series: list[queries.Reading]) -> Drawing:
    """The last known values, four seasons of them at most, and what is expected after them."""
    known = series[-min(len(found.known), SHOWN[found.until.grain]) :]
    after = [point.period for point in found.points]
    return lines(
        [period.axis_label for period in (*(reading.period for reading in known), *after)],
        [_("實際")],
        [[reading.now.value for reading in known]],
        str(found.figure.unit),
        expected=forecasts.expected(found),
        outlook=forecasts.legend(),
    )


def _query(figure: Figure, period: Period) -> str:
    """The statement that counts the figure for a period, laid out for reading; empty for what is not counted."""
    if not isinstance(figure, Counted):
        return ""
    return sqlparse.format(sql.shown(figure, period), reindent=True, keyword_case="upper", wrap_after=100)
