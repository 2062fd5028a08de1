"""Look-up of duplicates: for reports at the places of open cases, where there is most to compare."""

from __future__ import annotations

import time
from random import Random

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.ground import Size
from bench.table import Row, percentile
from cases.duplicates import likeness, twins
from cases.models import Case
from foundation.clock import now

P95 = 10


def measure(size: Size) -> list[Row]:
    """Ask at random open cases' own places, each with its own words."""
    rng, rule = Random("duplicates"), likeness(now())
    if rule is None:
        raise RuntimeError("the pack has no rule of duplicates")
    asked = list(
        Case.objects.unsettled().filter(lon__isnull=False).values_list("kind_code", "lon", "lat", "description")
    )
    rng.shuffle(asked)
    times, own, shown, itself = [], [], 0, 0
    for kind, lon, lat, words in asked[: max(20, round(30 * size.seconds))]:
        began, worked = time.perf_counter(), time.process_time()
        found = twins(Case.objects.public(), kind, lon, lat, words, now())
        times.append((time.perf_counter() - began) * 1000)
        own.append((time.process_time() - worked) * 1000)
        shown += len(found)
        itself += any(twin.metres <= 10 for twin in found)
    with CaptureQueriesContext(connection) as captured:
        twins(Case.objects.public(), *asked[0], now())
    if not itself:
        raise RuntimeError("a report at the very place of an open case finds none")
    return [
        Row("cases present", Case.objects.count(), ""),
        Row("unsettled, with a place", len(asked), ""),
        Row(f"SQL statements; {shown / len(times):.1f} are shown on average", len(captured), "", 1),
        Row("p95 of a look-up", percentile(times, 0.95), "ms", P95, False, "p50",
            percentile(times, 0.95) / percentile(times, 0.5)),
        Row("… the slowest", max(times), "ms"),
        Row("… p95 of this process's own time, whatever else the machine does", percentile(own, 0.95), "ms"),
    ]  # fmt: skip
