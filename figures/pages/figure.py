"""A figure: what it means, how it comes about, and how it went over a year."""

from __future__ import annotations

import sqlparse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from figures import queries, sql
from figures.pages.common import chosen_year, figure_door, owner_label, sentence, years_with_data
from figures.registry import MONTH, YEAR, Counted, Figure, Period, registry


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
        "parts": [registry.figure(part) for part in figure.parts],
        "used_by": [other for other in registry.figures() if figure.code in other.parts],
        "share_sets": [each for each in registry.share_sets() if figure.code in (*each.parts, each.whole)],
        "dimensions": registry.dimensions_of(figure),
        "query": _query(figure, period),
    }
    return render(request, "figures/figure.html", context)


def _query(figure: Figure, period: Period) -> str:
    """The statement that counts the figure for a period, laid out for reading; empty for what is not counted."""
    if not isinstance(figure, Counted):
        return ""
    return sqlparse.format(sql.shown(figure, period), reindent=True, keyword_case="upper", wrap_after=100)
