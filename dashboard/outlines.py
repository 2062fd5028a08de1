"""The city's districts as paths for pictures, from the pack's own boundaries."""

from __future__ import annotations

import json
from functools import lru_cache
from math import cos, radians
from typing import NamedTuple

from organisation.geography import district_outline
from organisation.pack import pack

WIDE = 400  # units across; a unit is some 200 m, and what is smaller than a unit is not drawn


class Outlines(NamedTuple):
    """A path for each district by code, and the size of the map that they lie in."""

    paths: dict[str, str]
    box: tuple[float, float]
    west: float
    north: float
    scale: float  # units to a degree of longitude
    stretch: float  # and of latitude

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point (WGS 84, degrees) lies on the map, across and down."""
        return (lon - self.west) * self.scale, (self.north - lat) * self.stretch


def outlines() -> Outlines:
    """The districts within the city's box, which leaves out far islands, north up, undistorted at its middle."""
    return _outlines(pack().digest)


@lru_cache(maxsize=4)
def _outlines(digest: str) -> Outlines:
    west, south, east, north = map(float, pack().city.bbox)
    scale = WIDE / (east - west)
    stretch = scale / cos(radians((south + north) / 2))
    paths = {}
    for feature in json.loads(district_outline())["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        drawn = []
        for polygon in polygons:
            for ring in polygon:
                points: list[tuple[int, int]] = []
                for lon, lat, *_height in ring:
                    point = (round((lon - west) * scale), round((north - lat) * stretch))
                    if not points or point != points[-1]:
                        points.append(point)
                if len(points) > 3:
                    drawn.append("M" + "L".join(f"{x} {y}" for x, y in points[:-1]) + "Z")
        paths[feature["properties"]["code"]] = "".join(drawn)
    return Outlines(paths, (WIDE, round((north - south) * stretch)), west, north, scale, stretch)
