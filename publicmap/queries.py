"""What the map counts. Only what anybody may know: never a sensitive kind, and places by cells."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import h3.api.basic_int as h3
from django.db import connection
from django.db.models import Count, Q

from cases.models import Case
from cases.querysets import CaseQuerySet
from cases.registry import kinds
from cases.rules import stretches
from foundation.cells import widened
from foundation.clock import today
from organisation.pack import pack
from publicmap.rules import RESOLUTION, SINGLE_FROM, STAND_OF, STANDS, Box, middle

MARGIN = 0.3  # degrees around the city's box in which a cell may have its middle
MOST_SINGLE = 1000  # cases that a tile of a near zoom names
MOST_A_CELL = 20

_WHERE = """
kind_code = ANY(%(kinds)s) AND state = ANY(%(states)s)
    AND (%(district)s::text IS NULL OR district_id = %(district)s)
    AND (%(since)s::date IS NULL OR received_on >= %(since)s)
"""
# Two ways to the same rows. By place: stretches of the index case_map, and nothing read from the table. By time, for
# the few days that most people look at with much of the city in sight: case_received, whose rows lie together.
_BY_PLACE = f"""
FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS stretch (first, last)
JOIN cases_case ON cell BETWEEN first AND last WHERE {_WHERE}
"""
_BY_TIME = f"FROM cases_case WHERE cell & %(keep)s | %(fill)s = ANY(%(cells)s) AND {_WHERE}"
FAR, FEW_DAYS = 12, 100
_COUNTS = f"""
SELECT cell & %(keep)s | %(fill)s, {", ".join(f"count(*) FILTER (WHERE state = ANY(%({stand})s))" for stand in STANDS)}
{{rows}} GROUP BY 1
"""
_SINGLE = f"""
SELECT cell & %(keep)s | %(fill)s, number, kind_code, state, received_on
{_BY_PLACE} ORDER BY received_on DESC, id DESC LIMIT {MOST_SINGLE}
"""


@dataclass(frozen=True)
class Asked:
    """What is looked for: all parts may be empty. ``stand`` is a key of STANDS, or ``open`` for the first two."""

    kind: str = ""
    stand: str = ""
    district: str = ""
    since: date | None = None
    box: Box | None = None

    @property
    def kinds(self) -> list[str]:
        """The codes of the kinds that may be shown, and are asked for."""
        return [kind.code for kind in kinds().values() if not kind.sensitive and self.kind in ("", kind.code)]

    @property
    def states(self) -> list[str]:
        """The states that are asked for; what was merged or withdrawn is on no map."""
        wanted = {"open": ("received", "working"), "": tuple(STANDS)}.get(self.stand, (self.stand,))
        return sorted(state for stand in wanted for state in STANDS[stand])

    def cases(self) -> CaseQuerySet:
        """The cases themselves."""
        found = Case.objects.public().filter(
            kind_code__in=self.kinds, state__in=self.states, cell__isnull=False
        )  # fmt: skip
        if self.district:
            found = found.filter(district_id=self.district)
        if self.since:
            found = found.filter(received_on__gte=self.since)
        return found.filter(inside(self.box)) if self.box else found

    def by_stand(self) -> dict[str, int]:
        """How many stand how, in one statement; without a box by the index of the map alone."""
        each = {stand: Count("cell", filter=Q(state__in=states)) for stand, states in STANDS.items()}
        return self.cases().aggregate(**each)


def inside(box: Box) -> Q:
    """The condition that a case lies in a box, served by the index of cells."""
    near = Q(pk__in=[])
    for first, last in stretches(box.covering()):
        near |= Q(cell__range=(first, last))
    return near & Q(lon__range=(box.west, box.east), lat__range=(box.south, box.north))


def finest() -> int:
    """The resolution below which the public is told no place (rule data ``public_map_resolution``)."""
    return int(pack().rule("public_map_resolution", today()).value)


def tile(asked: Asked, zoom: int, x: int, y: int) -> list[list[Any]]:
    """The cells of a tile that hold something, one statement at most: ``[lat, lon, received, working, done, history]``.

    Near by, each has also a list of its newest cases: ``[number, kind, stand, day of receipt]``. KeyError for a zoom
    that the map has not.
    """
    resolution = min(RESOLUTION[zoom], finest())
    west, south, east, north = pack().city.bbox
    box = Box.of_tile(zoom, x, y).within(Box(west, south, east, north).wider(MARGIN))
    cells = box.cells(resolution) if box else []
    if not cells:
        return []
    spans = stretches(cells)
    keep, fill = widened(resolution)
    given = {
        "cells": cells, "firsts": [first for first, _last in spans], "lasts": [last for _first, last in spans],
        "keep": keep, "fill": fill, "kinds": asked.kinds, "states": asked.states, "district": asked.district or None,
        "since": asked.since, **{stand: list(states) for stand, states in STANDS.items()},
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SINGLE if zoom >= SINGLE_FROM else _COUNTS.format(rows=rows_of(asked, zoom)), given)
        rows = cursor.fetchall()
    if zoom < SINGLE_FROM:
        return [[*middle(cell), *counts] for cell, *counts in rows]
    return _named(rows)


def rows_of(asked: Asked, zoom: int) -> str:
    """The quicker way to the rows of a tile."""
    few = asked.since is not None and (today() - asked.since).days <= FEW_DAYS
    return _BY_TIME if few and zoom <= FAR else _BY_PLACE


def _named(rows: list[tuple]) -> list[list[Any]]:
    """Rows of single cases, by cell."""
    found: dict[int, list] = defaultdict(list)
    for cell, number, kind, state, day in rows:
        found[cell].append([number, kind, STAND_OF[state], day.isoformat()])
    order = list(STANDS)
    return [
        [*middle(cell), *(sum(case[2] == stand for case in cases) for stand in order), cases[:MOST_A_CELL]]
        for cell, cases in found.items()
    ]


def place_of(case: Case) -> tuple[float, float]:
    """Where the public is shown a case."""
    return middle(h3.cell_to_parent(case.cell, finest()))
