"""The queue: its first page of fifty, for an officer of a busy unit and for a controller who sees the whole city."""

from __future__ import annotations

import os
import time
from statistics import median

from django.db import connection
from django.db.models import Count

from bench import sessions
from bench.ground import Size
from bench.server import web
from bench.table import Row
from cases.models import Case
from identity.models import User
from organisation.models import Membership

CONNECTIONS = 2
STATEMENTS, P95 = 8, 60


def measure(size: Size) -> list[Row]:
    """Load the pages over two connections; beside each, the time of its SQL alone."""
    pages = {
        "officer, busiest unit": (busiest_officer(), "/desk/"),
        "controller, whole city": ("controller", "/desk/"),
        "controller, all cases by receipt": ("controller", "/desk/?list=all"),
    }
    rows = [Row("cases present", Case.objects.count(), "")]
    with web(os.environ) as port:
        for words, (username, path) in pages.items():
            said = sessions.statements(username, path)
            alone = sql_alone(said)
            loaded = sessions.page_times(port, username, path, CONNECTIONS, size.seconds)
            open_cases = Case.objects.visible_to(User.objects.get(username=username)).unsettled().count()
            rows += [
                Row(f"SQL statements, {words} ({open_cases:,} unsettled)", len(said), "", STATEMENTS),
                Row(f"p95 over HTTP, {words}", loaded.p(0.95), "ms", P95, False, "its SQL alone",
                    loaded.p(0.95) / alone),
                Row("… p50", loaded.p(0.5), "ms", None, False, "p95", loaded.p(0.5) / loaded.p(0.95)),
                Row("… pages a second", loaded.rate, "/s"),
            ]  # fmt: skip
    return rows


def busiest_officer() -> str:
    """The name of an officer of the unit with the most unsettled cases."""
    unit = Case.objects.unsettled().values("unit").annotate(count=Count("pk")).order_by("-count")[0]["unit"]
    return Membership.objects.filter(unit=unit, role="case_officer").order_by("pk")[0].user.username


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
