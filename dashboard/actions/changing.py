"""An editor's verbs. Each locks the board, changes it, and writes down who did what."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import model_to_dict

from dashboard.checking import faults
from dashboard.models import Board, BoardChange, Chart
from dashboard.models.board import new_key
from identity.models import User

What = BoardChange.What


def snapshot(record: Board | Chart) -> dict[str, Any]:
    """What is kept of a board or a chart in the list of changes: all but the key of a screen, which is a secret."""
    kept = model_to_dict(record)
    return {name: value for name, value in kept.items() if name not in ("id", "board", "screen_key", "pack_digest")}


@transaction.atomic
def make_board(board: Board, by: User) -> Board:
    """A new board. ValidationError for what does not fit."""
    board.full_clean(exclude=["screen_key"])
    board.save()
    _note(board, by, What.MADE, after=snapshot(board))
    return board


@transaction.atomic
def change_board(board: Board, by: User) -> Board:
    """A board with new values. ValidationError where one of its charts may not be seen by the new audience."""
    before = _locked(board)
    board.full_clean()
    for chart in board.charts.all():
        chart.board = board
        if found := [message for field, message in faults(chart, board) if field == "figures"]:
            raise ValidationError({"audience": [f"{chart}：{message}" for message in found]})
    board.save()
    if (stood := snapshot(before)) != (stands := snapshot(board)):
        _note(board, by, What.CHANGED, stood, stands)
    return board


@transaction.atomic
def add_chart(chart: Chart, by: User) -> Chart:
    """A chart at the end of its board. ValidationError for what cannot be drawn."""
    _locked(chart.board)
    last = chart.board.charts.order_by("order").last()
    chart.order = last.order + 1 if last else 1
    _check(chart)
    chart.save()
    _note(chart.board, by, What.CHART_ADDED, after=snapshot(chart), title=chart.title)
    return chart


@transaction.atomic
def change_chart(chart: Chart, by: User) -> Chart:
    """A chart with new values. ValidationError for what cannot be drawn."""
    _locked(chart.board)
    before = snapshot(chart.board.charts.get(pk=chart.pk))
    chart.order = before["order"]  # another may have moved it meanwhile
    _check(chart)
    chart.save()
    if before != (stands := snapshot(chart)):
        _note(chart.board, by, What.CHART_CHANGED, before, stands, chart.title)
    return chart


@transaction.atomic
def move_chart(chart: Chart, steps: int, by: User) -> None:
    """Move a chart up (-1) or down (1); at an end nothing happens."""
    _locked(chart.board)
    charts = list(chart.board.charts.all())
    place = next(n for n, each in enumerate(charts) if each.pk == chart.pk)
    target = place + steps
    if not 0 <= target < len(charts):
        return
    charts.insert(target, charts.pop(place))
    for n, each in enumerate(charts, 1):
        each.order = n
    Chart.objects.bulk_update(charts, ["order"])
    _note(chart.board, by, What.CHART_MOVED, {"place": place + 1}, {"place": target + 1}, chart.title)


@transaction.atomic
def remove_chart(chart: Chart, by: User) -> None:
    """Take a chart off its board; what it was stays in the list of changes."""
    board = _locked(chart.board)
    _note(board, by, What.CHART_REMOVED, before=snapshot(chart), title=chart.title)
    chart.delete()


@transaction.atomic
def new_screen(board: Board, by: User) -> None:
    """A new address for the screens of a board; those on the old one go dark."""
    _locked(board)
    board.screen_key = new_key()
    board.save(update_fields=["screen_key"])
    _note(board, by, What.KEY)


def _locked(board: Board) -> Board:
    return Board.objects.select_for_update().get(pk=board.pk)


def _check(chart: Chart) -> None:
    chart.full_clean(exclude=["figures", "within"])
    errors: dict[str, list[str]] = {}
    for field, message in faults(chart, chart.board):
        errors.setdefault(field, []).append(message)
    if errors:
        raise ValidationError(errors)


def _note(
    board: Board,
    by: User | None,
    what: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    title: str = "",
) -> None:
    BoardChange.objects.create(board=board, by=by, what=what, before=before or {}, after=after or {}, chart_title=title)
