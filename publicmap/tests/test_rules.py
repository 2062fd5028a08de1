"""Boxes, tiles and the cells in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import metres_apart
from cases.states import EVERY_STATE
from publicmap.rules import RESOLUTION, STAND_OF, Box

lons, lats = st.floats(120.0, 121.0), st.floats(22.4, 23.4)


def test_each_state_stands_once_or_is_on_no_map():
    assert set(EVERY_STATE) - set(STAND_OF) == {"merged", "withdrawn"}


@given(st.sampled_from([z for z in RESOLUTION if z >= 9]), lons, lats)
def test_a_cell_is_in_exactly_one_of_the_tiles_around_it(zoom, lon, lat):
    from math import asinh, pi, radians, tan

    import h3.api.basic_int as h3

    side = 1 << zoom
    cell = h3.latlng_to_cell(lat, lon, RESOLUTION[zoom])
    lat, lon = h3.cell_to_latlng(cell)
    x, y = int((lon + 180) / 360 * side), int((1 - asinh(tan(radians(lat))) / pi) / 2 * side)
    holding = [(i, j) for i in (x - 1, x, x + 1) for j in (y - 1, y, y + 1)
               if cell in Box.of_tile(zoom, i, j).cells(RESOLUTION[zoom])]  # fmt: skip
    assert holding == [(x, y)]


@given(lons, lats, st.floats(0.001, 0.5), st.floats(0.001, 0.5), st.floats(0, 1), st.floats(0, 1))
def test_what_lies_in_a_box_lies_in_a_cell_that_covers_it(west, south, wide, high, at_x, at_y):
    import h3.api.basic_int as h3

    box = Box(west, south, west + wide, south + high)
    cells = set(box.covering())
    lon, lat = box.west + wide * at_x, box.south + high * at_y
    fine = h3.latlng_to_cell(lat, lon, 12)
    resolution = h3.get_resolution(next(iter(cells)))
    assert h3.cell_to_parent(fine, resolution) in cells
    assert len(cells) <= 300


@given(lons, lats, st.integers(100, 5000), st.floats(0, 360))
def test_a_circle_lies_in_its_box(lon, lat, metres, angle):
    from math import cos, radians, sin

    box = Box.around(lon, lat, metres).wider(0.0001)
    far_lat = lat + metres * cos(radians(angle)) / 111_320
    far_lon = lon + metres * sin(radians(angle)) / 111_320 / cos(radians(lat))
    assert metres_apart(lon, lat, far_lon, far_lat) == pytest.approx(metres, rel=0.01)
    assert box.west <= far_lon <= box.east and box.south <= far_lat <= box.north


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "a,b,c,d", "121,22,120,23", "120,23,121,22", "120,22,121,nan", "0,-91,1,1"]
)
def test_what_is_no_box_is_refused(text):
    with pytest.raises(ValueError):
        Box.read(text)


def test_a_box_is_read_as_it_was_written():
    box = Box(120.25, 22.5, 120.5, 22.75)
    assert Box.read(str(box)) == box
    assert box.within(Box(120.4, 22.0, 121, 22.6)) == Box(120.4, 22.5, 120.5, 22.6)
    assert box.within(Box(121, 22, 122, 23)) is None
