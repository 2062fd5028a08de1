"""The public places of a figure's records, in cells: for maps of many figures in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import h3.api.basic_int as h3
from django.db.models import Count as Counting
from django.db.models import F, QuerySet, Value

from figures.registry import Count, Figure, registry
from foundation.cells import widened


class Wanted(NamedTuple):
    """A figure's records from a day to another, with given values of dimensions."""

    code: str
    first: date
    last: date
    dims: Mapping[str, str]


class Spot(NamedTuple):
    """The middle of a cell (WGS 84, degrees) and how many records lie in it."""

    lon: float
    lat: float
    n: int


def has_places(figure: Figure) -> bool:
    """Whether the records of a figure have places that may be shown."""
    return isinstance(figure, Count) and figure.places is not None


def spots(wanted: Sequence[Wanted], resolution: int) -> list[list[Spot]]:
    """For each that is wanted its cells with a record, the fullest first; one statement for all of them.

    ``resolution`` is one of H3, and never finer than the public may know. Records without a place are in no cell.
    Raises ValueError for a figure whose records have none, LookupError for a dimension that it does not have.
    """
    found: list[list[Spot]] = [[] for _each in wanted]
    if not wanted:
        return found
    first, *others = [_cells(number, each, resolution) for number, each in enumerate(wanted)]
    for number, cell, n in first.union(*others, all=True) if others else first:
        lat, lon = h3.cell_to_latlng(cell)
        found[number].append(Spot(lon, lat, n))
    return [sorted(each, key=lambda spot: -spot.n) for each in found]


def _cells(number: int, wanted: Wanted, resolution: int) -> QuerySet:
    figure = registry.figure(wanted.code)
    if not isinstance(figure, Count) or figure.places is None:
        raise ValueError(f"the records of {wanted.code} have no places")
    places = figure.places
    keep, fill = widened(min(resolution, places.finest()))
    records = places.public(figure.records()).filter(**{f"{figure.date_field}__range": (wanted.first, wanted.last)})
    cells = figure.where(records, wanted.dims).annotate(
        figure_tag=Value(number), figure_cell=F(places.cell).bitand(keep).bitor(fill)
    )
    return cells.order_by().values("figure_tag", "figure_cell").annotate(n=Counting("pk")).values_list(
        "figure_tag", "figure_cell", "n"
    )  # fmt: skip
