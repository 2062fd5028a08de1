"""Figures: a full year counted anew, and one more day."""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random

from django.db import connection

from bench import fill, memory
from bench.ground import Size
from bench.table import Row
from cases.actions.performing import GROUP
from cases.models import Case
from figures import actions, queries
from figures.models import Observation
from figures.registry import Period
from foundation.clock import TAIPEI, now
from servicerequests.demo.people import make_people
from servicerequests.demo.writing import Writer

REBUILD, DAY = 60, 2
# What one figure costs at the least: every record of the year, grouped by day, kind and district.
GROUPED = """
SELECT received_on, kind_code, district_id, count(*) FROM cases_case WHERE received_on BETWEEN %s AND %s
GROUP BY received_on, kind_code, district_id
"""


def measure(size: Size) -> list[Row]:
    """Throw a year's values away and count them; then let one more day happen and count that."""
    year = Period.year(fill.YEAR)
    in_year = Case.objects.filter(received_on__range=(year.start, year.end)).count()
    grouped = _grouped(year)
    Observation.objects.filter(period__range=(year.start, year.end)).delete()
    began = time.perf_counter()
    actions.rebuild(fill.YEAR)
    rebuilt = time.perf_counter() - began
    peak = memory.peak()
    counted = queries.value("servicerequests.requests", year).value
    if counted != in_year:
        raise RuntimeError(f"{in_year} cases lie in the year, the figure says {counted}")
    stored = Observation.objects.filter(period__range=(year.start, year.end)).count()

    rng, until = Random("one more day"), now().astimezone(TAIPEI) - timedelta(days=1)
    actions.drain()
    more = Writer(rng, make_people(rng), until=now()).write(fill.one_day(rng, until.replace(hour=23, minute=59)))
    actions.touch(GROUP, {until.date(), now().astimezone(TAIPEI).date()})
    began = time.perf_counter()
    days = actions.drain()
    drained = time.perf_counter() - began
    return [
        Row(f"a year counted anew ({in_year:,} cases, {stored:,} values)", rebuilt, "s", REBUILD, False,
            "one grouped count", rebuilt / grouped),
        Row("… one grouped count by day, kind and district", grouped, "s"),
        Row("memory of the process that counted, at its most", peak, "MB", memory.MOST),
        Row(f"one more day ({more:,} cases, {days} days touched)", drained, "s", DAY, False,
            "a year", drained / rebuilt),
    ]  # fmt: skip


def _grouped(year: Period) -> float:
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(GROUPED, (year.start, year.end))
        cursor.fetchall()
    return time.perf_counter() - began
