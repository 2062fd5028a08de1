"""A full city year: 316,000 records, 38 districts, 8 kinds, 6 channels.

The limits are those of the house's first issue; `pytest -s` prints what was measured.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection

from figures import actions, queries
from figures.registry import Period
from figures.tests.slips import GROUP, Slip

RECORDS = 316_000
YEAR, DAY = Period.year(2022), date(2022, 8, 5)

_FILL = """
INSERT INTO figures_tests_slip (kind, district, channel, received_at, received_on, due_at, done_at, done_on)
SELECT 'kind' || (8 * power(random(), 1.5))::int, 'district' || (38 * power(random(), 1.5))::int,
    'channel' || (6 * random())::int, at, (at AT TIME ZONE 'Asia/Taipei')::date, at + interval '4 hours',
    at + took, ((at + took) AT TIME ZONE 'Asia/Taipei')::date
FROM (SELECT timestamptz '2022-01-01 00:00+08' + random() * interval '365 days' AS at,
             random() * random() * interval '9 days' AS took FROM generate_series(1, %s)) AS made
"""


@pytest.fixture
def city_year(slips: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_FILL, [RECORDS])
        cursor.execute("ANALYZE figures_tests_slip")
    yield


def seconds(what: str, verb: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    verb()
    took = time.perf_counter() - begun
    print(f"{what}: {took * 1000:,.1f} ms")
    return took


@pytest.mark.slow
def test_a_city_year(city_year: None) -> None:
    assert seconds("rebuild of the year, six figures", lambda: actions.rebuild(2022)) < 60
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE figures_observation")
    Slip.objects.filter(pk__in=list(Slip.objects.filter(received_on=DAY).values_list("pk", flat=True)[:100])).update(
        kind="kind3"
    )
    actions.touch(GROUP, {DAY})
    assert seconds("one more day", lambda: actions.drain(slow=False)) < 2
    assert seconds("one more day, the medians of the year", actions.drain) < 2
    assert seconds("nothing to do", actions.drain) < 0.1
    assert seconds("1,000 touches", lambda: [actions.touch(GROUP, {DAY}) for _ in range(1000)]) < 2
    assert queries.value("slips.received", YEAR).value == RECORDS

    reads = {
        "five figures of a year": lambda: queries.values(
            ["slips.received", "slips.done", "slips.on_time_share", "slips.hours", "slips.open"], YEAR
        ),
        "twelve months": lambda: queries.series("slips.received", YEAR.months, kind="kind1"),
        "two figures by district": lambda: queries.table(["slips.received", "slips.on_time_share"], YEAR, "district"),
        "twelve months by kind": lambda: queries.series_by("slips.received", YEAR.months, "kind"),
        "365 days": lambda: queries.series("slips.received", YEAR.days),
        "a day by two dimensions, counted": lambda: queries.value(
            "slips.received", Period.day(DAY), kind="kind1", district="district3"
        ),
        "the year counted from its records": lambda: queries.recount("slips.received", YEAR),
    }
    for what, read in reads.items():
        read()
        assert seconds(what, read) < 1, what
