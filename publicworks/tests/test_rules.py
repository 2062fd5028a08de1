"""Distances, boxes and lines, for any point of the city."""

from math import asin, cos, isclose, radians, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicworks.rules import box_around, box_of, metres_to, middle, read_line, write_line

lons, lats = st.floats(120.1, 121.1), st.floats(22.4, 23.5)
points = st.tuples(lons, lats)
lines = st.lists(points, min_size=1, max_size=6)


def sphere(lon, lat, other_lon, other_lat):
    """The great circle, as the yardstick."""
    half = sin(radians(other_lat - lat) / 2) ** 2
    half += cos(radians(lat)) * cos(radians(other_lat)) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * 6_378_137 * asin(sqrt(half))


@given(points, st.tuples(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02)))
def test_a_point_is_as_far_as_on_the_sphere(point, away):
    lon, lat = point
    other = (lon + away[0], lat + away[1])
    assert isclose(metres_to(lon, lat, [other]), sphere(lon, lat, *other), rel_tol=0.005, abs_tol=1)


@given(points, lines)
def test_a_line_is_never_farther_than_its_corners(point, line):
    assert metres_to(*point, line) <= min(metres_to(*point, [corner]) for corner in line) + 1e-6


@given(points, points)
def test_the_middle_of_a_stretch_lies_on_it(a, b):
    half = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    assert metres_to(*half, [a, b]) < 1e-3


def test_beside_a_street_the_street_counts_and_not_its_ends():
    street = [(120.300, 22.600), (120.310, 22.600)]  # a kilometre to the east
    assert 110 < metres_to(120.305, 22.601, street) < 113
    assert metres_to(120.305, 22.601, [street[0]]) > 500


@given(lines)
def test_a_box_holds_its_line_and_the_pin(line):
    west, south, east, north = box_of(line)
    assert all(west <= lon <= east and south <= lat <= north for lon, lat in [*line, middle(line)])


@given(points, lines, st.floats(10, 2000))
def test_what_is_within_the_distance_meets_the_box_around(point, line, metres):
    if metres_to(*point, line) <= metres:
        (west, south, east, north), (w, s, e, n) = box_around(*point, metres), box_of(line)
        slack = 1e-9
        assert w <= east + slack and e >= west - slack and s <= north + slack and n >= south - slack


@given(st.lists(points, min_size=2, max_size=6))
def test_a_line_reads_back_as_it_was_written(line):
    assert read_line(write_line(line)) == line
    assert read_line(f"LINESTRING ({write_line(line)})") == line


@pytest.mark.parametrize(
    "text", ["", "120.3", "120.3 22.6", "120.3 22.6, x y", "22.6 120.3, 22.7 120.3", "1 2 3, 4 5 6"]
)
def test_what_is_no_line_is_refused(text):
    with pytest.raises(ValueError):
        read_line(text)
