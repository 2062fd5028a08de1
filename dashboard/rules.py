"""Which charts fit which figures, and what a chart says. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

KINDS = ("number", "line", "bar", "stacked", "donut", "table", "heat", "map", "points", "progress")

# What a figure's values do when they are put together: a flow adds up over time and over parts, a stock over parts
# only, a rate or a mean over neither.
FLOW, STOCK, RATE = "flow", "stock", "rate"

# By what a chart is broken down: by nothing, by time, or by a dimension of its figures. Two dimensions have a chart of
# their own: the districts have a map, and the hours of the week are read only in a week's grid.
TOTAL, TIME, DISTRICT, CLOCK = "", "time", "district", "clock"

MOST_LINES, MOST_BARS, MOST_COLUMNS = 5, 3, 8
MOST_PARTS = 5  # parts of a whole that have a colour of their own; the others are one part


@dataclass(frozen=True)
class Shape:
    """What is known of the data of a chart before a single value is read."""

    sums: tuple[str, ...]  # of each figure: FLOW, STOCK or RATE
    units: tuple[str, ...]
    by: str = TOTAL
    split: str = ""
    has_target: bool = False
    is_set: bool = False  # the figures are all the parts of a whole that is declared
    has_places: bool = False  # the records have places that anybody may know


def refusal(kind: str, shape: Shape) -> str:
    """Why a kind of chart does not fit the shape of the data, as a code that pages put in words; "" where it does."""
    if not shape.sums:
        return "no_figure"
    if shape.by == CLOCK and kind not in ("heat", "table"):
        return "only_heat"
    if shape.split and kind not in ("line", "stacked", "table"):
        return "no_split"
    if shape.split and (shape.by != TIME or len(shape.sums) > 1):
        return "split_needs_time"
    return _REFUSALS[kind](shape)


def offered(shape: Shape) -> tuple[str, ...]:
    """The kinds of chart that fit, in the order of the editor."""
    return tuple(kind for kind in KINDS if not refusal(kind, shape))


def _alone(shape: Shape) -> str:
    return "one_figure" if len(shape.sums) > 1 else ""


def _one_unit(shape: Shape, most: int) -> str:
    if len(set(shape.units)) > 1:
        return "one_unit"
    return "too_many" if len(shape.units) > most else ""


def _number(shape: Shape) -> str:
    return _alone(shape) or ("only_total" if shape.by else "")


def _line(shape: Shape) -> str:
    return ("needs_time" if shape.by != TIME else "") or _one_unit(shape, MOST_LINES)


def _bar(shape: Shape) -> str:
    return ("needs_by" if not shape.by else "") or _one_unit(shape, MOST_BARS)


def _stacked(shape: Shape) -> str:
    if shape.by != TIME:
        return "needs_time"
    if shape.is_set and not shape.split:
        return ""
    if not shape.split:
        return "needs_split"
    # What is open at the end of each month is the same case again and again: a column of it is no sum of the year's.
    return _alone(shape) or ("only_flow" if shape.sums != (FLOW,) else "")


def _donut(shape: Shape) -> str:
    if shape.is_set:
        return "only_total" if shape.by else ""
    if shape.by in (TOTAL, TIME):
        return "needs_dimension"
    return _alone(shape) or ("adds_up" if shape.sums[0] == RATE else "")


def _table(shape: Shape) -> str:
    return ("needs_by" if not shape.by else "") or ("too_many" if len(shape.sums) > MOST_COLUMNS else "")


def _heat(shape: Shape) -> str:
    return _alone(shape) or ("needs_hours" if shape.by != CLOCK else "only_flow" if shape.sums[0] != FLOW else "")


def _map(shape: Shape) -> str:
    return _alone(shape) or ("needs_district" if shape.by != DISTRICT else "")


def _points(shape: Shape) -> str:
    return _map(shape) or ("" if shape.has_places else "needs_places")


def _progress(shape: Shape) -> str:
    return _alone(shape) or ("only_total" if shape.by else "" if shape.has_target else "needs_target")


_REFUSALS = {
    "number": _number, "line": _line, "bar": _bar, "stacked": _stacked, "donut": _donut, "table": _table,
    "heat": _heat, "map": _map, "points": _points, "progress": _progress,
}  # fmt: skip


type Point = tuple[str, Decimal | None]


@dataclass(frozen=True)
class Facts:
    """What stands out in a row of points."""

    highest: tuple[str, Decimal] | None = None
    lowest: tuple[str, Decimal] | None = None
    share: Decimal | None = None  # of the highest in the sum of all, in percent


def facts(points: Sequence[Point], adds_up: bool) -> Facts:
    """The highest and the lowest point (the first of equals; none where all are zero or all are the same), and the
    share of the highest where the points are parts of a sum."""
    known = [(label, value) for label, value in points if value is not None]
    if not any(value for _label, value in known):
        return Facts()
    highest = max(known, key=lambda point: point[1])
    lowest = min(known, key=lambda point: point[1])
    total = sum((value for _label, value in known), Decimal(0))
    return Facts(
        highest,
        lowest if lowest[1] != highest[1] else None,
        highest[1] * 100 / total if adds_up and total > 0 and len(known) > 1 else None,
    )


def change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """The difference between two readings; None where one is missing, or where there was nothing to compare with."""
    return None if now is None or not before else now - before


def largest(totals: Mapping[str, Decimal | None], most: int = MOST_PARTS) -> list[str]:
    """The members with the largest totals, largest first; those of nothing are left out. One more than ``most`` is
    shown rather than put away as the only one under "others"."""
    ranked = sorted((m for m, value in totals.items() if value), key=lambda m: -(totals[m] or 0))
    return ranked if len(ranked) <= most + 1 else ranked[:most]
