"""Figures for programs: the catalogue, one figure, its values with where they come from, and the description of it all.

JSON, or a file with ``?format=csv`` or ``parquet``. Public, limited by client; wrong questions are answered with a
message that names what is wrong.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from figures import forecasts, provenance
from figures.api.openapi import document
from figures.permissions import may_read, readable
from figures.registry import Figure, Period, registry
from foundation import parquet
from foundation.export import csv_response
from foundation.ratelimit import client_ip, knock
from identity.doors import door

PER_MINUTE = 120
MOST_PERIODS = 400
FORMATS = ("json", "csv", "parquet")
MOST_VALUES = 10_000  # of one answer
View = Callable[..., HttpResponse]


class Wrong(Exception):
    """A question that cannot be answered, and the parameter that is why."""

    def __init__(self, parameter: str, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.parameter, self.reason, self.status = parameter, reason, status


def _json(content: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})


def _problem(parameter: str, reason: str, status: int) -> JsonResponse:
    return _json({"error": {"parameter": parameter, "reason": reason}}, status=status)


def answers(view: View) -> View:
    """View decorator: limited by client, open to programs of other sites, wrong questions told as JSON."""

    @door("public:figures:read")
    @require_safe
    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse
        if wait := knock("figures-api", client_ip(request), PER_MINUTE):
            response = _problem("", f"at most {PER_MINUTE} requests a minute; wait {wait} s", 429)
            response["Retry-After"] = str(wait)
        else:
            try:
                response = view(request, *args, **kwargs)
            except Wrong as wrong:
                response = _problem(wrong.parameter, wrong.reason, wrong.status)
        response["Access-Control-Allow-Origin"] = "*"
        if request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
        return response

    return answered


@answers
def catalogue(request: HttpRequest) -> HttpResponse:
    """``/api/figures/``: every figure that the reader may see, with its definition in both languages."""
    return _json({"figures": [provenance.described(figure) for figure in readable(request.user)]})


@answers
def figure(request: HttpRequest, code: str) -> HttpResponse:
    """``/api/figures/<code>/``: one figure's definition."""
    return _json(provenance.described(_figure(request, code)))


@answers
def forecast(request: HttpRequest, code: str) -> HttpResponse:
    """``/api/figures/<code>/forecast?by=day&until=2022``: what comes next; no values where too little is known."""
    found = _figure(request, code)
    allowed = forecasts.grains(found)
    by = request.GET.get("by") or next(iter(allowed), "")
    if by not in allowed:
        raise Wrong("by", f"{code} is forecast by {' or '.join(allowed) or 'nothing'}")
    until = _period("until", request.GET["until"]).end if request.GET.get("until") else None
    return _json(forecasts.plain(forecasts.forecast(code, by, until), found, by))


@answers
def values(request: HttpRequest) -> HttpResponse:
    """``/api/figures/values?period=2022,2022-08&figure=a,b&by=district&format=csv``: values with their provenance.

    ``from`` and ``to`` ask for all periods between two of one grain; without ``figure`` all figures are answered.
    """
    asked = [code for code in request.GET.get("figure", "").split(",") if code]
    figures = [_figure(request, code) for code in asked] or readable(request.user)
    by = request.GET.get("by", "")
    members = {dimension.code: dimension.members for dimension in registry.dimensions()}
    if by and by not in members:
        raise Wrong("by", f"there is no dimension {by}")
    form = request.GET.get("format", "json")
    if form not in FORMATS:
        raise Wrong("format", " or ".join(FORMATS))
    periods = _periods(request)
    broken_down = [each for each in figures if by and by in {d.code for d in registry.dimensions_of(each)}]
    rows = len(broken_down) * len(list(members[by]())) if by else len(figures)
    if rows * len(periods) > MOST_VALUES:
        raise Wrong("period", f"at most {MOST_VALUES} values at once; ask for fewer figures or periods")
    lines = provenance.lines(figures, periods, by)
    if form == "csv":
        return csv_response("figures.csv", provenance.COLUMNS, map(provenance.exact, lines))
    if form == "parquet":
        return _parquet(lines)
    return _json({"values": [provenance.plain(line) for line in lines]})


@answers
def openapi(request: HttpRequest) -> HttpResponse:
    """``/api/figures/openapi.json``: what can be asked, for programs that read such descriptions."""
    return _json(document(request.build_absolute_uri("/")))


def _parquet(lines: Iterable[provenance.Line]) -> HttpResponse:
    content = BytesIO()
    parquet.write(content, provenance.TYPED, map(provenance.exact, lines))
    response = HttpResponse(content.getvalue(), content_type=parquet.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="figures.parquet"'
    return response


def _figure(request: HttpRequest, code: str) -> Figure:
    """The figure of a code; one that the reader may not see is as little there as one that is not declared."""
    try:
        found = registry.figure(code)
    except LookupError:
        raise Wrong("figure", f"there is no figure {code}", 404) from None
    if not may_read(request.user, found):
        raise Wrong("figure", f"there is no figure {code}", 404)
    return found


def _period(parameter: str, text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise Wrong(parameter, str(error)) from None


def _periods(request: HttpRequest) -> list[Period]:
    """The periods that are asked for: some by name, or all from one to another."""
    if "from" in request.GET or "to" in request.GET:
        first, last = (_period(name, request.GET.get(name, "")) for name in ("from", "to"))
        if first.grain != last.grain or last.start < first.start:
            raise Wrong("to", "from and to are periods of one grain, in order")
        found = [first]
        while found[-1].start < last.start:
            found.append(found[-1].next)
            if len(found) > MOST_PERIODS:
                raise Wrong("to", f"at most {MOST_PERIODS} periods at once")
        return found
    named = [_period("period", text) for text in request.GET.get("period", "").split(",") if text]
    if not named:
        raise Wrong("period", "say which: period=2022 or period=2022-08, several by commas, or from= and to=")
    if len(named) > MOST_PERIODS:
        raise Wrong("period", f"at most {MOST_PERIODS} periods at once")
    return named
