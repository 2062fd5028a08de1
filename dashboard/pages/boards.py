"""Boards as people see them: the list of topics, a board, one chart, and a chart's table as a file."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dashboard import tabling
from dashboard.checking import categories
from dashboard.choosing import FILTERS, FIRST_YEAR, Choice
from dashboard.models import ON_DISTRICTS, Board, Chart, Kind
from dashboard.outlines import outlines
from dashboard.querysets import BoardQuerySet
from dashboard.reading import dimensions_of, tell
from dashboard.showing import declared, shown
from figures import queries
from figures.registry import Period, dimension, figure
from foundation.clock import today
from foundation.export import csv_response
from identity.doors import door
from organisation import storm
from organisation.memory import Remembered
from organisation.models import Agency
from organisation.permissions import grants_of

PULSE = "servicerequests.requests"  # in which years there is something to show, is asked of this figure


def _years() -> dict[int, int]:
    """The years in which something was received, oldest first, with their number of such months."""
    years = [Period.year(year) for year in range(FIRST_YEAR, today().year + 1)]
    readings = queries.series(PULSE, [month for year in years for month in year.months])
    months = Counter(reading.period.start.year for reading in readings if reading.value)
    return dict(sorted(months.items()))


# A year appears or goes a few times a year.
years = Remembered(_years)


def default_year() -> int:
    """The newest year that has a course to show: with records in at least three months, else the newest."""
    found = years()
    return next((year for year in reversed(found) if found[year] >= 3), max(found, default=today().year))


def choice(request: HttpRequest) -> Choice:
    """Read the address; what it names and the city does not have is not found."""
    try:
        return Choice.read(request.GET.dict(), default_year())
    except LookupError as error:
        raise Http404(str(error)) from None


def found_board(boards: BoardQuerySet, **asked: str) -> tuple[Board, list[Chart]]:
    """A board with its charts in order, in one statement (a second one only for a board without any)."""
    charts = list(Chart.objects.of(boards.filter(**asked)))
    board = charts[0].board if charts else get_object_or_404(boards, **asked)
    for chart in charts:
        chart.board = board
    return board, charts


@door("public:dashboard:read")
@require_safe
@gzip_page
def index(request: HttpRequest) -> HttpResponse:
    """``/dashboard/``: all boards and their topics, by category, agency and words."""
    boards = Board.objects.visible_to(request.user).select_related("agency").prefetch_related("charts")
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "category", "agency")}
    labels = dict(categories())
    agencies = {agency.code: agency for agency in Agency.objects.active()}
    by_id = {agency.pk: agency for agency in agencies.values()}
    found, topics = [], 0
    used: dict[str, set[str]] = {"category": set(), "agency": set()}
    for each in boards:
        charts = []
        for chart in each.charts.all():
            category = chart.category or each.category
            agency = by_id.get(chart.agency_id or each.agency_id)
            used["category"].add(category)
            used["agency"].add(agency.code if agency else "")
            texts = f"{chart} {each} {chart.in_language('use_case')} {labels.get(category, '')} {agency or ''}".lower()
            if (
                all(word in texts for word in asked["q"].lower().split())
                and asked["category"] in ("", category)
                and asked["agency"] in ("", agency.code if agency else None)
            ):
                charts.append(chart)
        if charts or not (any(asked.values()) or each.charts.all()):
            found.append((each, charts, labels.get(each.category, "")))
            topics += len(charts)
    context = {
        "boards": found,
        "topics": topics,
        "asked": asked,
        "is_narrowed": any(asked.values()),
        "categories": [(code, label) for code, label in labels.items() if code in used["category"]],
        "agencies": [(code, str(agency)) for code, agency in agencies.items() if code in used["agency"]],
        "may_change": grants_of(request.user).has("city:boards:change"),
    }
    return render(request, "dashboard/index.html", context)


@door("public:dashboard:read")
@require_safe
@gzip_page
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """``/dashboard/requests/``: a fixed number of statements, whatever the city's size; mostly one."""
    found, charts = found_board(Board.objects.visible_to(request.user), slug=slug)
    result = last_content(request, found, charts)
    context = result.value | {
        "kept_at": result.at if result.is_kept else None,
        "may_change": grants_of(request.user).has("city:boards:change"),
    }
    return render(request, "dashboard/board.html", context)


def last_content(request: HttpRequest, found: Board, charts: list[Chart]) -> storm.Result:
    """What a board shows for what the address chooses: its numbers at most ``BOARD_SECONDS`` old, in a storm older.

    Every reader of a process shares it, as it depends on nobody's rights: who may open the board was asked before.
    It is kept by how board and charts are declared, so that whoever changes one sees the change at once.
    """
    stated = (declared(found), *map(declared, charts))
    key = ("board", stated, request.GET.urlencode(), get_language())
    return storm.last_result(key, lambda: _content(request, found, charts), settings.BOARD_SECONDS)


def _content(request: HttpRequest, found: Board, charts: list[Chart]) -> dict[str, Any]:
    chosen = choice(request)
    parts = shown(charts, chosen)
    numbers = [part for part in parts if part.chart.kind == Kind.NUMBER]
    return {
        "board": found,
        "chosen": chosen,
        "query": chosen.query(),
        "numbers": numbers,
        "parts": [part for part in parts if part.chart.kind != Kind.NUMBER],
        "years": list(years()),
        "months": list(range(1, 13)),
        "filters": _filters(charts, chosen),
        "outlines": outlines().paths if any(chart.kind in ON_DISTRICTS for chart in charts) else {},
        "as_of": queries.up_to_date_at(),
    }


def _filters(charts: list[Chart], chosen: Choice) -> list[dict[str, Any]]:
    """The dimensions by which a reader may narrow the board: those that some chart has."""
    has = set().union(*(dimensions_of(chart.figures) for chart in charts))
    return [
        {
            "name": name,
            "label": dimension(name).label,
            "members": list(dimension(name).members()),
            "value": chosen.dims.get(name, ""),
        }
        for name in FILTERS
        if name in has
    ]


def asked_chart(request: HttpRequest, slug: str, pk: int) -> tuple[Chart, Choice]:
    """A chart of a board that the reader may see, and what the address chooses."""
    _board, charts = found_board(Board.objects.visible_to(request.user), slug=slug)
    chart = next((chart for chart in charts if chart.pk == pk), None)
    if chart is None:
        raise Http404
    return chart, choice(request)


@door("public:dashboard:read")
@require_safe
@gzip_page
def chart(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """``/dashboard/requests/12/``: one chart with its table open, its notes, and what can be taken along."""
    found, chosen = asked_chart(request, slug, pk)
    (part,) = shown([found], chosen)
    context = {
        "board": found.board,
        "part": part,
        "chosen": chosen,
        "query": chosen.query(),
        "outlines": outlines().paths if found.kind in ON_DISTRICTS else {},
        "figures": [figure(code) for code in found.figures],
        "category": dict(categories()).get(found.category or found.board.category, ""),
        "agency": found.agency or found.board.agency,
        "as_of": queries.up_to_date_at(),
    }
    return render(request, "dashboard/chart.html", context)


@door("public:dashboard:read")
@require_safe
def table(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The table behind a chart as CSV, with the values as numbers."""
    found, chosen = asked_chart(request, slug, pk)
    (told,) = tell([found], chosen)
    header, rows = tabling.rows(found, told)
    return csv_response(f"{slug}-{pk}-{chosen.query().replace('&', '-').replace('=', '')}.csv", header, rows)
