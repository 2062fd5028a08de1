"""The pack's boards come into the database; what an editor has changed stays as it is."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.actions.changing import _note, snapshot
from dashboard.checking import FILE, faults
from dashboard.models import Audience, Board, BoardChange, Chart, Kind, Span
from dashboard.models.chart import Better
from organisation.models import Agency
from organisation.pack import PackError, pack
from organisation.pack.reading import NAME, SLUG, Entry, Problem, Source

LONG = {"note": 300, "source": 200, "use_case": 300}


@transaction.atomic
def load_boards() -> int:
    """Bring the boards of the pack's ``boards.toml`` into the database; how many were made or made anew.

    Doing it twice changes nothing. A board that a person has changed is theirs from then on. PackError with all that is
    wrong, before anything is written.
    """
    if not (pack().path / FILE).exists():
        return 0
    problems: list[Problem] = []
    source = Source(pack().path / FILE, FILE, problems)
    top = source.toml()
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    categories = {entry.text("code", pattern=SLUG) for entry in top.entries("category")}
    wanted = [_board(entry, agencies, categories) for entry in top.entries("board")]
    if problems:
        raise PackError(problems)
    return sum(_bring(board, charts) for board, charts in wanted)


def _bring(board: Board, charts: list[Chart]) -> bool:
    told = json.dumps([snapshot(board), *map(snapshot, charts)], sort_keys=True, ensure_ascii=False)
    board.pack_digest = hashlib.sha256(told.encode()).hexdigest()
    standing = Board.objects.select_for_update().filter(slug=board.slug).first()
    if standing and (standing.pack_digest == board.pack_digest or standing.changes.filter(by__isnull=False).exists()):
        return False
    if standing:
        board.pk, board.screen_key = standing.pk, standing.screen_key
        standing.charts.all().delete()
    board.save()
    for chart in charts:
        chart.board = board
    Chart.objects.bulk_create(charts)
    _note(board, None, BoardChange.What.LOADED, after=snapshot(board))
    return True


def _board(entry: Entry, agencies: dict[str, Agency], categories: set[str]) -> tuple[Board, list[Chart]]:
    board = Board(
        slug=entry.text("slug", pattern=SLUG, longest=60),
        title=entry.text("title_zh", longest=60),
        title_en=entry.text("title_en", longest=120),
        lead=entry.text("lead_zh", required=False, longest=300),
        lead_en=entry.text("lead_en", required=False, longest=600),
        audience=entry.choice("audience", tuple(Audience.values)),
        order=entry.whole("order"),
        **_place(entry, agencies, categories),
    )
    charts = [
        _chart(at, n, board, agencies, categories) for n, at in enumerate(entry.entries("charts", required=True), 1)
    ]
    entry.finish()
    return board, charts


def _chart(at: Entry, n: int, board: Board, agencies: dict[str, Agency], categories: set[str]) -> Chart:
    within = at.mapping("within")
    chart = Chart(
        order=n,
        kind=at.choice("kind", tuple(Kind.values)),
        figures=list(at.texts("figures")),
        by=at.text("by", required=False, pattern=NAME),
        split=at.text("split", required=False, pattern=NAME),
        span=at.choice("span", tuple(Span.values), required=False) or Span.CHOSEN,
        within=within,
        better=at.choice("better", tuple(filter(None, Better.values)), required=False),
        title=at.text("title_zh", longest=60),
        title_en=at.text("title_en", longest=120),
        **{name: at.text(f"{name}_zh", required=False, longest=most) for name, most in LONG.items()},
        **{f"{name}_en": at.text(f"{name}_en", required=False, longest=most * 2) for name, most in LONG.items()},
        **_place(at, agencies, categories),
    )
    at.finish()
    if chart.kind and chart.figures:
        for field, message in faults(chart, board):
            at.refuse(field, message)
    return chart


def _place(entry: Entry, agencies: dict[str, Agency], categories: set[str]) -> dict[str, Any]:
    """The agency and the category of a board or a chart; both may be left out."""
    agency, category = entry.text("agency", required=False), entry.text("category", required=False)
    if agency and agency not in agencies:
        entry.refuse("agency", _("沒有「%(value)s」這個機關。") % {"value": agency})
    if category and category not in categories:
        entry.refuse("category", _("沒有「%(value)s」這個分類。") % {"value": category})
    return {"agency": agencies.get(agency), "category": category}
