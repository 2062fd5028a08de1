"""The page of a case at the desk: open ones and done ones, with all that an officer needs on it."""

from __future__ import annotations

import os
from itertools import cycle

from django.conf import settings
from django.test import RequestFactory

from bench import program, sessions
from bench.ground import Size
from bench.queue import busiest_officer
from bench.server import web
from bench.table import Row
from cases.models import Case, CaseEvent
from identity.models import User

CONNECTIONS = 2
STATEMENTS, CPU = 15, 25.0
PAGES = 30  # cases that are looked at in turn


def measure(size: Size) -> list[Row]:
    """The statements of the page that needs most, the CPU of each of many in turn, and one over HTTP."""
    officer = busiest_officer()
    readable = Case.objects.visible_to(User.objects.get(username=officer)).exclude(lat=None)
    lists = {"open": readable.unsettled(), "done": readable.exclude(pk__in=readable.unsettled())}
    rows = [Row("cases present", Case.objects.count(), ""), Row("events present", CaseEvent.objects.count(), "")]
    with web(os.environ) as port:
        for words, cases in lists.items():
            numbers = cases.order_by("-received_at").values_list("number", flat=True)[:PAGES]
            paths = [f"/desk/cases/{number}/" for number in numbers]
            most = max(len(sessions.statements(officer, path)) for path in paths)
            made = RequestFactory(HTTP_HOST="localhost")
            made.cookies[settings.SESSION_COOKIE_NAME] = sessions.cookies(officer)[settings.SESSION_COOKIE_NAME]
            cpu = program.cpu((made.get(path) for path in cycle(paths)), 10 if size.seconds < 1 else 150)
            loaded = sessions.page_times(port, officer, paths[0], CONNECTIONS, size.seconds)
            rows += [
                Row(f"SQL statements, the most of {len(paths)} cases, {words}", most, "", STATEMENTS),
                Row(f"… CPU of the program a page, {words}", cpu, "ms", CPU),
                Row("… p95 over HTTP, 2 connections", loaded.p(0.95), "ms", None, False, "p50",
                    loaded.p(0.95) / loaded.p(0.5)),
            ]  # fmt: skip
    return rows
