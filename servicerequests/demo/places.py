"""Points that lie where people live: some hundred in each village, drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from shapely import contains_xy

from organisation.models import District
from organisation.pack import pack
from organisation.pack.boundaries import read_boundaries
from servicerequests.demo.volumes import INHABITANTS, Draw

POINTS_A_VILLAGE = 24


@dataclass(frozen=True, slots=True)
class Spot:
    """A point with the district and village that it lies in."""

    lon: float
    lat: float
    district: str
    village: str


class Places:
    """Draws spots: first a district by its inhabitants, then one of the points in its villages."""

    def __init__(self, rng: Random) -> None:
        self.names = {district.code: district.name for district in District.objects.active()}
        shapes = read_boundaries(pack()).villages
        self.spots: dict[str, list[Spot]] = {}
        for code, shape in shapes.items():
            district = code[:8]  # a village's official code begins with its district's
            for lon, lat in _points_in(shape, POINTS_A_VILLAGE, rng):
                self.spots.setdefault(district, []).append(Spot(lon, lat, district, code))
        self.district = Draw({code: INHABITANTS.get(code, 20) for code in self.spots})

    def draw(self, rng: Random) -> Spot:
        """A place where something might be reported."""
        return rng.choice(self.spots[self.district(rng)])


def _points_in(shape, wanted: int, rng: Random) -> list[tuple[float, float]]:
    """Points inside a polygon, near its middle rather than on its mountains."""
    inner = shape.representative_point()
    west, south, east, north = shape.bounds
    found: list[tuple[float, float]] = [(round(inner.x, 6), round(inner.y, 6))]
    for _try in range(wanted * 4):
        if len(found) >= wanted:
            break
        lon, lat = rng.gauss(inner.x, (east - west) / 5), rng.gauss(inner.y, (north - south) / 5)
        if contains_xy(shape, lon, lat):
            found.append((round(lon, 6), round(lat, 6)))
    return found
