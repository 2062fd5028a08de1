"""Boards of charts: what a view costs the program, counted anew and as the next reader gets it."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from bench import fill, program
from bench.ground import Size
from bench.table import Row
from dashboard.actions import load_boards
from dashboard.models import Board

STATEMENTS, CPU = 6, 30.0  # of the board; milliseconds of the program's CPU for a view


def measure(size: Size) -> list[Row]:
    """Open each public board of the pack some times, its values read for each view, then within ``BOARD_SECONDS``."""
    call_command("collectstatic", interactive=False, verbosity=0)
    load_boards()
    views, lasts = 5 if size.seconds < 1 else 30, settings.BOARD_SECONDS or 15.0
    anew, again, asked = {}, {}, {}
    for board in Board.objects.public().order_by("slug"):
        address = f"{board.get_absolute_url()}?year={fill.YEAR}"
        settings.BOARD_SECONDS = 0.0
        anew[board.slug] = program.cpu(_requests(address, views), views)
        with CaptureQueriesContext(connection) as said:
            Client(HTTP_HOST="localhost").get(address)
        asked[board.slug] = len(said)
        settings.BOARD_SECONDS = lasts
        again[board.slug] = program.cpu(_requests(address, views), views)
    rows = [Row(f"SQL statements of a board, the most of {len(asked)} ({_dearest(asked)})", max(asked.values()), "",
                STATEMENTS)]  # fmt: skip
    for words, cost in (("its values read anew", anew), ("for the next reader", again)):
        what = f"CPU of the program, a view of a board, {words}, the dearest ({_dearest(cost)})"
        middle = sorted(cost.values())[len(cost) // 2]
        rows.append(
            Row(what, max(cost.values()), "ms", CPU, False, "the one in the middle", max(cost.values()) / middle)
        )
    return rows


def _requests(address: str, views: int) -> Iterator[WSGIRequest]:
    made = RequestFactory(HTTP_HOST="localhost")
    return (made.get(address) for _view in range(views + program.WARM))


def _dearest(cost: dict[str, float] | dict[str, int]) -> str:
    return max(cost, key=lambda slug: cost[slug])
