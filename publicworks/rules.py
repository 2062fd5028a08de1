"""Pure rules of works and of what citizens say about them. No Django here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, radians

from cases.rules import METRES_A_DEGREE

type Point = tuple[float, float]  # longitude, latitude in degrees (WGS 84)
type Box = tuple[float, float, float, float]  # west, south, east, north


def metres_to(lon: float, lat: float, line: Sequence[Point]) -> float:
    """The distance in metres from a point to a line, or to a point when the line has only one.

    The earth is taken as flat around the point: right to some metres across a city.
    """
    across = METRES_A_DEGREE * cos(radians(lat))
    flat = [((x - lon) * across, (y - lat) * METRES_A_DEGREE) for x, y in line]
    if len(flat) == 1:
        return hypot(*flat[0])
    return min(_from_origin(a, b) for a, b in pairwise(flat))


def _from_origin(a: Point, b: Point) -> float:
    """How far the stretch from a to b passes from (0, 0)."""
    (ax, ay), (dx, dy) = a, (b[0] - a[0], b[1] - a[1])
    length = dx * dx + dy * dy
    along = min(1.0, max(0.0, -(ax * dx + ay * dy) / length)) if length else 0.0
    return hypot(ax + along * dx, ay + along * dy)


def box_of(line: Sequence[Point]) -> Box:
    """The smallest box around a line."""
    lons, lats = [x for x, _y in line], [y for _x, y in line]
    return min(lons), min(lats), max(lons), max(lats)


def sides(points: Sequence[Point]) -> dict[str, float | None]:
    """The box around points, by the names under which a work keeps it; all None where there are none."""
    box = box_of(points) if points else (None,) * 4
    return dict(zip(("west", "south", "east", "north"), box, strict=True))


def box_around(lon: float, lat: float, metres: float) -> Box:
    """A box that holds everything within a distance of a point."""
    dlat = metres / METRES_A_DEGREE
    dlon = dlat / cos(radians(lat))
    return lon - dlon, lat - dlat, lon + dlon, lat + dlat


def middle(line: Sequence[Point]) -> Point:
    """The point of a line where a pin stands: its middle corner."""
    return line[len(line) // 2]


def read_line(text: str) -> list[Point]:
    """A line from ``120.30 22.62, 120.31 22.63``: longitude and latitude, corners parted by commas; also as WKT.

    Raises ValueError for anything else.
    """
    plain = text.strip()
    if plain.upper().startswith("LINESTRING"):
        plain = plain[len("LINESTRING") :].strip().removeprefix("(").removesuffix(")")
    line = []
    for corner in plain.split(","):
        lon, lat = map(float, corner.split())
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError(f"not on earth: {corner!r}")
        line.append((lon, lat))
    if len(line) < 2:
        raise ValueError("a line has two corners at least")
    return line


def write_line(line: Sequence[Sequence[float]]) -> str:
    """The line as `read_line` reads it."""
    return ", ".join(f"{lon} {lat}" for lon, lat in line)
