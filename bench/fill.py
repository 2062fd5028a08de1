"""Fills a database with cases: one full year of the past, and the rest up to this moment, so that thousands are open.

``python -m bench.fill CASES YEAR``: how many in all, and how many of them in ROC year 111. The records are those of the
demo's writer, drawn from one seed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import django

YEAR = 2022


def fill(cases: int, year: int) -> None:
    """Write the cases, count the figures, and tidy up at once what autovacuum would tidy up while it is measured."""
    from django.db import connection

    from figures import actions as figures
    from foundation.clock import now
    from servicerequests.demo.people import make_people
    from servicerequests.demo.writing import Writer

    rng = Random("bench")
    writer = Writer(rng, make_people(rng), until=now())
    scale = year / _TOTAL
    writer.write(_arrivals(YEAR, scale, rng))
    writer.write(_latest(cases - year, scale, now(), rng))
    figures.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _arrivals(year: int, scale: float, rng: Random) -> list:
    from cases.registry import kinds
    from foundation.clock import TAIPEI
    from servicerequests.demo.volumes import year_of_arrivals

    families: dict[str, list[str]] = {}
    for kind in kinds().values():
        families.setdefault(kind.family.code, []).append(kind.code)
    return year_of_arrivals(year, scale, families, rng, TAIPEI)


def _latest(wanted: int, scale: float, until: datetime, rng: Random) -> list:
    """The last so many reports before a moment, at the same rate."""
    days = wanted / (scale * _TOTAL) * 366
    years = range((until - timedelta(days=days * 1.2 + 2)).year, until.year + 1)
    found = [each for year in years for each in _arrivals(year, scale, rng) if each.at < until]
    return sorted(found, key=lambda arrival: arrival.at)[-wanted:]


def one_day(rng: Random, until: datetime) -> Iterator:
    """The reports of one more day of the full year's size."""
    return (each for each in _arrivals(until.year, 1, rng) if each.at.date() == until.date())


_TOTAL = 315_657

if __name__ == "__main__":
    django.setup()
    fill(*map(int, sys.argv[1:]))
