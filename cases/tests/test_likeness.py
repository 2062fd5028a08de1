"""Two reports of one matter: the rule as arithmetic, and the cells that it and the map go by."""

from datetime import date

import h3.api.basic_int as h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import (
    CELL_RESOLUTION,
    Likeness,
    cell_of,
    metres_apart,
    stretches,
    words_in_common,
)
from foundation.cells import widened

RULE = Likeness(150, 60, 0.6, 0.2, 0.2, 0.3)
metres = st.floats(0, 400)
days = st.floats(0, 100)
words = st.none() | st.floats(0, 1)
texts = st.text("路面破洞很大，柏油 abc12", max_size=20)
points = st.tuples(st.floats(120.0, 121.1), st.floats(22.4, 23.5))


@given(metres, days, words)
def test_a_score_is_a_share(away, ago, said):
    assert 0 <= RULE.score(away, ago, said) <= 1 + 1e-9


@given(metres, metres, days, words)
def test_nearer_is_never_less_alike(one, other, ago, said):
    near, far = sorted((one, other))
    assert RULE.score(near, ago, said) >= RULE.score(far, ago, said)


@given(metres, days, days, words)
def test_sooner_is_never_less_alike(away, one, other, said):
    soon, late = sorted((one, other))
    assert RULE.score(away, soon, said) >= RULE.score(away, late, said)


@given(metres, days, st.floats(0, 1), st.floats(0, 1))
def test_more_words_in_common_are_never_less_alike(away, ago, one, other):
    few, many = sorted((one, other))
    assert RULE.score(away, ago, many) >= RULE.score(away, ago, few)


def test_the_ends_of_the_scale():
    assert RULE.score(0, 0, 1) == RULE.score(0, 0, None) == pytest.approx(1)
    assert RULE.score(150.1, 0, 1) == RULE.score(0, 60.1, 1) == 0
    # The very same words from the other end of the street are no proof, nor is the same spot with other words nothing.
    assert RULE.score(150, 60, 1) < RULE.enough < RULE.score(0, 60, 0)


@given(texts, texts)
def test_words_in_common_are_a_share_and_the_same_both_ways(one, other):
    found = words_in_common(one, other)
    assert found == words_in_common(other, one)
    assert found is None or 0 <= found <= 1


@given(texts)
def test_a_text_has_all_its_words_in_common_with_itself(text):
    assert words_in_common(text, text) in (None, 1)


def test_words_are_compared_as_the_search_compares_them():
    assert words_in_common("臺北路燈", "台北路燈") == 1
    assert words_in_common("路燈不亮", "路面坑洞") == 0
    assert words_in_common("", "路燈") is words_in_common("路", "路") is words_in_common("，。", "路燈") is None
    assert 0 < words_in_common("路口有坑洞", "十字路口坑洞很深") < 1


@pytest.mark.parametrize(
    "value",
    [
        {"metres": 0, "days": 1, "distance": 1, "age": 0, "words": 0, "enough": 0},
        {"metres": 1, "days": 1, "distance": 1, "age": -1, "words": 0, "enough": 0},
        {"metres": 1, "days": 1, "distance": 1, "age": 0, "words": 0, "enough": 2},
    ],
)
def test_a_rule_that_cannot_weigh_is_refused(value):
    with pytest.raises(ValueError, match="no rule of likeness"):
        Likeness.of(value)
    with pytest.raises(TypeError):
        Likeness.of({"metres": 1})


def test_each_city_has_a_rule_that_can_be_read(settings):
    from organisation.pack import read_pack

    for folder in sorted((settings.BASE_DIR / "packs").glob("*/rules.toml")):
        assert Likeness.of(read_pack(folder.parent).rule("duplicate", date(2022, 3, 5)).value)


@given(points, st.integers(4, CELL_RESOLUTION))
def test_a_mask_widens_a_cell_as_h3_does(point, resolution):
    keep, fill = widened(resolution)
    cell = cell_of(*point)
    assert cell & keep | fill == h3.cell_to_parent(cell, resolution)
    assert 0 < cell < 2**63


@given(points, st.lists(points, min_size=1, max_size=6), st.integers(6, 10))
def test_stretches_hold_what_lies_in_the_cells_and_nothing_else(point, others, resolution):
    wide = {h3.latlng_to_cell(lat, lon, resolution) for lon, lat in others}
    found = stretches(wide)
    assert found == sorted(found) and all(first <= last for first, last in found)
    for lon, lat in [point, *others]:
        cell = cell_of(lon, lat)
        inside = h3.cell_to_parent(cell, resolution) in wide
        assert inside == any(first <= cell <= last for first, last in found)


def test_neighbours_of_one_parent_are_one_stretch():
    parent = h3.latlng_to_cell(22.62, 120.31, 8)
    assert len(stretches(h3.cell_to_children(parent, 9))) == 1


@given(points, points)
def test_distance_agrees_with_the_great_circle(one, other):
    flat = metres_apart(*one, *other)
    assert flat == pytest.approx(h3.great_circle_distance(one[::-1], other[::-1], "m"), rel=0.006, abs=0.5)
