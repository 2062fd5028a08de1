"""Shares of a whole: whether the parts add up, drawn, and why a set that does not is not published."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from figures.pages.common import chosen_year, years_with_data
from figures.permissions import may_read
from figures.registry import YEAR, Period, ShareSet, registry
from figures.shares import Shares, shares, shares_of
from identity.doors import door

SHADES = 5  # area-1 to area-5 of the style sheet


def _readable(request: HttpRequest, share_set: ShareSet) -> bool:
    codes = (*share_set.parts, share_set.whole)
    return all(may_read(request.user, registry.figure(code)) for code in codes if code)


@door("public:figures:read")
def share_sets(request: HttpRequest) -> HttpResponse:
    """``/figures/shares/``: every set of shares with a year's sum."""
    years = years_with_data()
    period = Period.year(chosen_year(request, years))
    sets = [each for each in registry.share_sets() if _readable(request, each)]
    context = {"sets": shares_of(sets, period), "years": years, "period": period}
    return render(request, "figures/share_sets.html", context)


@door("public:figures:read")
def share_set(request: HttpRequest, code: str) -> HttpResponse:
    """``/figures/shares/<code>/``: the parts of a whole, drawn to scale."""
    try:
        asked = registry.share_set(code)
    except LookupError as error:
        raise Http404(code) from error
    if not _readable(request, asked) or YEAR not in registry.grains_of_set(asked):
        raise Http404(code)
    years = years_with_data()
    period = Period.year(chosen_year(request, years))
    found = shares(asked.code, period)
    context = {"found": found, "years": years, "period": period, **_drawn(found)}
    return render(request, "figures/share_set.html", context)


def _drawn(found: Shares) -> dict[str, Any]:
    """The parts side by side in percent of the drawing, which is as wide as the larger of their sum and the whole."""
    width = max(found.sum, found.whole or 0)
    if not width:
        return {"bars": [], "whole_at": None}
    bars, x = [], 0.0
    for number, part in enumerate(found.parts):
        wide = float((part.reading.value or 0) * 100 / width)
        bars.append({"x": f"{x:.2f}%", "width": f"{wide:.2f}%", "shade": number % SHADES + 1, "part": part})
        x += wide
    at = float((found.whole or 0) * 100 / width)
    return {"bars": bars, "whole_at": f"{at:.2f}%" if found.whole else None}
