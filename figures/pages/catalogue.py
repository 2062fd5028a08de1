"""The list of all figures, with a search and a year's values."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from figures import queries
from figures.pages.common import chosen_year, years_with_data
from figures.permissions import ENTER, readable
from figures.registry import YEAR, Figure, Period, Text, registry
from identity.doors import door
from identity.permissions import grants_for


@door("public:figures:read")
def figures(request: HttpRequest) -> HttpResponse:
    """``/figures/``: every figure that the reader may see, by desk; ``?q=`` searches names and definitions."""
    asked = request.GET.get("q", "").strip()
    found = [figure for figure in readable(request.user) if _matches(figure, asked)]
    years = years_with_data()
    period = Period.year(chosen_year(request, years))
    readings = queries.values([f.code for f in found if YEAR in registry.grains_of(f)], period)
    topics: dict[Text, list[dict[str, Any]]] = {}
    for figure in found:
        line = {"figure": figure, "reading": readings.get(figure.code)}
        topics.setdefault(registry.topic_of(figure), []).append(line)
    context = {"topics": topics.items(), "q": asked, "years": years, "period": period, "count": len(found)}
    context["may_enter"] = grants_for(request.user).has(ENTER)
    return render(request, "figures/figures.html", context)


def _matches(figure: Figure, asked: str) -> bool:
    """Whether every word of a search occurs in the figure's names, unit or definition."""
    text = f"{figure.code} {figure.label} {figure.definition} {figure.unit}".casefold()
    return all(word in text for word in asked.casefold().split())
