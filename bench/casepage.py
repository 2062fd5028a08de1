"""The page of a case at the desk: open ones and done ones, with all that an officer needs on it; then what is fetched
after it, once it would be seen: the cases that it may have to do with."""

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
HTMX = {"HX-Request": "true"}


def measure(size: Size) -> list[Row]:
    """The statements of the page that needs most, the CPU of each of many in turn, and one over HTTP; the same of what
    comes after it."""
    officer = busiest_officer()
    readable = Case.objects.visible_to(User.objects.get(username=officer)).exclude(lat=None)
    lists = {"open": readable.unsettled(), "done": readable.exclude(pk__in=readable.unsettled())}
    rows = [Row("cases present", Case.objects.count(), ""), Row("events present", CaseEvent.objects.count(), "")]
    with web(os.environ) as port:
        for words, cases in lists.items():
            numbers = cases.order_by("-received_at").values_list("number", flat=True)[: size.pages]
            paths = [f"/desk/cases/{number}/" for number in numbers]
            after = [f"{path}related/" for path in paths]
            loaded = sessions.page_times(port, officer, paths[0], CONNECTIONS, size.seconds)
            rows += [
                Row(f"SQL statements, the most of {len(paths)} cases, {words}", most(officer, paths), "", STATEMENTS),
                Row(f"… CPU of the program a page, {words}", cpu(officer, paths, size), "ms", CPU),
                Row("… p95 over HTTP, 2 connections", loaded.p(0.95), "ms", None, False, "p50",
                    loaded.p(0.95) / loaded.p(0.5)),
                Row("… SQL statements of the related cases after it", most(officer, after, **HTMX), ""),
                Row("… CPU of the program for them", cpu(officer, after, size, **HTMX), "ms"),
            ]  # fmt: skip
    return rows


def most(officer: str, paths: list[str], **headers: str) -> int:
    """The SQL statements of the page that needs most."""
    return max(len(sessions.statements(officer, path, **headers)) for path in paths)


def cpu(officer: str, paths: list[str], size: Size, **headers: str) -> float:
    """Milliseconds of the program's CPU a page, of these in turn."""
    made = RequestFactory(HTTP_HOST="localhost")
    made.cookies[settings.SESSION_COOKIE_NAME] = sessions.cookies(officer)[settings.SESSION_COOKIE_NAME]
    return program.cpu((made.get(path, headers=headers) for path in cycle(paths)), 10 if size.seconds < 1 else 150)
