"""The queue: its first page of fifty, for an officer of a busy unit and for a controller who sees the whole city."""

from __future__ import annotations

import os
import time
from statistics import median

from django.db import connection

from bench import sessions
from bench.ground import Size
from bench.server import web
from bench.table import Row
from cases.models import Case
from identity.models import User

CONNECTIONS = 2
STATEMENTS, P95 = 8, 60
PAGES = {"officer, own unit": ("officer", "/desk/"), "controller, whole city": ("controller", "/desk/"),
         "controller, all cases by receipt": ("controller", "/desk/?list=all")}  # fmt: skip


def measure(size: Size) -> list[Row]:
    """Load the pages over two connections; beside each, the time of its SQL alone."""
    rows = [Row("cases present", Case.objects.count(), "")]
    with web(os.environ) as port:
        for words, (username, path) in PAGES.items():
            said = sessions.statements(username, path)
            alone = sql_alone(said)
            loaded = sessions.page_times(port, username, path, CONNECTIONS, size.seconds)
            open_cases = Case.objects.visible_to(User.objects.get(username=username)).unsettled().count()
            rows += [
                Row(f"SQL statements, {words} ({open_cases:,} unsettled)", len(said), "", STATEMENTS),
                Row(
                    f"p95 over HTTP, {words}", loaded.p(0.95), "ms", P95, False, "its SQL alone", loaded.p(0.95) / alone
                ),
                Row("… p50, pages a second", loaded.rate, "/s", None, True, f"p50 {loaded.p(0.5):.1f} ms"),
            ]
    return rows


def sql_alone(statements: list[str], times: int = 15) -> float:
    """The milliseconds that a page's statements take one after the other, without Python around them; the median."""
    found = []
    with connection.cursor() as cursor:
        for _ in range(times):
            began = time.perf_counter()
            for statement in statements:
                cursor.execute(statement.replace("%", "%%"), ())
            found.append((time.perf_counter() - began) * 1000)
    return median(found)
