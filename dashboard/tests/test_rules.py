"""Which charts fit which data, and the arithmetic of pictures and sentences."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.rules import (
    CLOCK,
    DISTRICT,
    FLOW,
    KINDS,
    RATE,
    STOCK,
    TIME,
    TOTAL,
    Shape,
    change,
    facts,
    largest,
    offered,
    refusal,
)  # fmt: skip
from foundation.drawing.scales import class_of, classes, ticks

amounts = st.decimals(0, 10**7, places=2)

maybe = st.none() | amounts


def shape(*sums: str, by: str = TOTAL, split: str = "", units: tuple[str, ...] = (), target: bool = False,
          places: bool = False) -> Shape:  # fmt: skip
    return Shape(sums, units or ("件",) * len(sums), by, split, has_target=target, has_places=places)


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (shape(), ()),
        (shape(FLOW), ("number",)),
        (shape(RATE, target=True), ("number", "progress")),
        (shape(FLOW, FLOW), ()),
        (shape(FLOW, by=TIME), ("line", "bar", "table")),
        (shape(FLOW, by=TIME, split="kind"), ("line", "stacked", "table")),
        (shape(STOCK, by=TIME, split="kind"), ("line", "table")),
        (shape(RATE, by=TIME, split="kind"), ("line", "table")),
        (shape(FLOW, FLOW, by=TIME, split="kind"), ()),
        (shape(FLOW, by="kind"), ("bar", "donut", "table")),
        (shape(FLOW, by=DISTRICT, places=True), ("bar", "donut", "table", "map", "points")),
        (shape(STOCK, by=DISTRICT), ("bar", "donut", "table", "map")),
        (shape(RATE, by=DISTRICT), ("bar", "table", "map")),
        (shape(FLOW, RATE, by="kind", units=("件", "%")), ("table",)),
        (shape(FLOW, FLOW, by="kind"), ("bar", "table")),
        (shape(*[FLOW] * 4, by="kind"), ("table",)),
        (shape(*[FLOW] * 4, by=TIME), ("line", "table")),
        (shape(FLOW, by=CLOCK), ("table", "heat")),
        (shape(STOCK, by=CLOCK), ("table",)),
    ],
)
def test_the_shape_of_the_data_decides_which_charts_fit(data, kinds):
    assert offered(data) == kinds
    assert [kind for kind in KINDS if not refusal(kind, data)] == list(kinds)


@given(st.lists(st.tuples(st.text(max_size=3), maybe), max_size=9), st.booleans())
def test_what_stands_out_is_in_the_points(points, adds_up):
    found = facts(points, adds_up)
    known = [value for _label, value in points if value is not None]
    if not any(known):
        assert found.highest is None
        return
    assert found.highest in points and found.highest[1] == max(known)
    assert (found.lowest is None) == (min(known) == max(known))
    assert found.lowest is None or found.lowest[1] == min(known)
    assert (found.share is not None) == (adds_up and len(known) > 1)
    assert found.share is None or 0 < found.share <= 100


@given(amounts)
def test_an_axis_begins_at_zero_and_holds_the_highest_value(highest):
    axis = ticks(highest)
    steps = {after - before for before, after in pairwise(axis)}
    assert axis[0] == 0 and axis[-1] >= highest and len(steps) == 1 and 2 <= len(axis) <= 6
    assert not highest or axis[-2] < highest


@given(st.lists(amounts, max_size=40))
def test_a_maps_classes_hold_every_value_and_never_part_equals(values):
    bounds = classes(values)
    assert len(bounds) <= 5 and bounds == sorted(set(bounds))
    for value in values:
        found = class_of(value, bounds)
        assert 0 <= found <= 5 and (found == 0) == (value <= 0)
    assert [class_of(v, bounds) for v in sorted(values)] == sorted(class_of(v, bounds) for v in values)
    assert not bounds or class_of(max(values), bounds) == 5


@given(st.dictionaries(st.text(max_size=3), maybe, max_size=12))
def test_the_largest_parts_come_first_and_one_is_never_alone_among_others(totals):
    shown = largest(totals, 5)
    rest = {member for member, value in totals.items() if value} - set(shown)
    assert [totals[m] for m in shown] == sorted((totals[m] for m in shown), reverse=True)
    assert len(rest) != 1 and len(shown) <= 6
    assert not rest or max(totals[m] for m in rest) <= min(totals[m] for m in shown)


def test_there_is_no_change_from_nothing():
    assert change(Decimal(3), Decimal(2)) == 1
    assert change(Decimal(3), None) is change(None, Decimal(3)) is change(Decimal(3), Decimal(0)) is None
