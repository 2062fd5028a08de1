"""Growth: the queue's page with four years of cases, against the same page with the bench's usual number.

The two databases take turns, so that what else the machine does falls on both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median

from bench.table import Row

TIMES = 3  # 400,000 cases become 1.2 million, four years of a city
SLOWER = 1.3
TURNS = 3


def compare(queue: Callable[[str], Sequence[Row]], usual: str, larger: str) -> list[Row]:
    """How much slower each page is on the larger database; ``queue`` gives the rows of :mod:`bench.queue` on one."""
    runs: dict[str, list[list[Row]]] = {usual: [], larger: []}
    for _turn in range(TURNS):
        for database, rows in runs.items():
            rows.append(list(queue(database)))
    few, many = (_medians(rows) for rows in runs.values())
    (usual_cases, *_), (cases, *_) = (rows[0] for rows in runs.values())
    found = [cases]
    for page, milliseconds in many.items():
        words = f"times as slow as with {usual_cases.value:,.0f} cases: {page}"
        found.append(Row(words, milliseconds / few[page], "", SLOWER))
        found.append(Row("… p50 over HTTP", milliseconds, "ms", None, False, "the smaller", milliseconds / few[page]))
    return found


def _medians(runs: Sequence[Sequence[Row]]) -> dict[str, float]:
    """Of each page the median of its p50 in each run. The row before a p50 names its page."""
    times: dict[str, list[float]] = {}
    for rows in runs:
        for before, row in pairwise(rows):
            if row.what == "… p50":
                times.setdefault(before.what.removeprefix("p95 over HTTP, "), []).append(row.value)
    return {page: median(found) for page, found in times.items()}
