"""Pure rules of the public map: which cells a tile has, which cells lie over a box, what a state looks like."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, cos, degrees, pi, radians, sinh

import h3.api.basic_int as h3

from cases.rules import METRES_A_DEGREE

# The resolution of H3 at which a zoom of the web's tiles is counted: its cells lie some 40 to 120 pixels apart.
RESOLUTION = {7: 4, 8: 4, 9: 5, 10: 6, 11: 6, 12: 7, 13: 8, 14: 8, 15: 9, 16: 10, 17: 11, 18: 11, 19: 11}
SINGLE_FROM = 16  # from this zoom on a cell names its cases
# How a case stands, as anybody may know it: by these words the map, the list and the feeds agree.
STANDS = {
    "received": frozenset({"received", "disputed"}),
    "working": frozenset({"assigned", "dispatched", "accepted", "on_site", "waiting"}),
    "done": frozenset({"done", "closed"}),
    "history": frozenset({"imported"}),
}
STAND_OF = {state: stand for stand, states in STANDS.items() for state in states}
CELLS_A_BOX = 200


@dataclass(frozen=True)
class Box:
    """A rectangle in degrees (WGS 84)."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def read(cls, text: str) -> Box:
        """From ``west,south,east,north``, as GeoJSON has it (RFC 7946, 5). ValueError for anything else."""
        west, south, east, north = (float(part) for part in text.split(","))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError(f"no box: {text!r}")
        return cls(west, south, east, north)

    @classmethod
    def around(cls, lon: float, lat: float, metres: float) -> Box:
        """The box that a circle touches from inside."""
        dlat = metres / METRES_A_DEGREE
        dlon = dlat / cos(radians(lat))
        return cls(lon - dlon, lat - dlat, lon + dlon, lat + dlat)

    @classmethod
    def of_tile(cls, zoom: int, x: int, y: int) -> Box:
        """The box of a tile of the web's Mercator scheme (OGC WMTS GoogleMapsCompatible)."""
        side = 1 << zoom
        north, south = (degrees(atan(sinh(pi * (1 - 2 * row / side)))) for row in (y, y + 1))
        return cls(x / side * 360 - 180, south, (x + 1) / side * 360 - 180, north)

    def within(self, other: Box) -> Box | None:
        """What two boxes have in common; None when they do not meet."""
        west, south = max(self.west, other.west), max(self.south, other.south)
        east, north = min(self.east, other.east), min(self.north, other.north)
        return Box(west, south, east, north) if west < east and south < north else None

    def wider(self, by: float) -> Box:
        """With a margin of so many degrees on each side."""
        return Box(self.west - by, self.south - by, self.east + by, self.north + by)

    def cells(self, resolution: int) -> list[int]:
        """The cells whose middle lies in the box: of boxes that share a side each cell is in exactly one."""
        corners = [(self.south, self.west), (self.south, self.east), (self.north, self.east), (self.north, self.west)]
        return list(h3.polygon_to_cells(h3.LatLngPoly(corners), resolution))

    def covering(self) -> list[int]:
        """Cells that together hold all of the box, and a little more: as fine as CELLS_A_BOX of them allow."""
        for resolution in range(11, 3, -1):
            wider = self.wider(3 * h3.average_hexagon_edge_length(resolution, "m") / METRES_A_DEGREE)
            if wider.area / h3.average_hexagon_area(resolution, "m^2") <= CELLS_A_BOX:
                break
        return wider.cells(resolution)

    @property
    def area(self) -> float:
        """In square metres, near enough for choosing a resolution."""
        width = (self.east - self.west) * METRES_A_DEGREE * cos(radians(self.south))
        return width * (self.north - self.south) * METRES_A_DEGREE

    def __str__(self) -> str:
        return ",".join(f"{degree:.5f}" for degree in (self.west, self.south, self.east, self.north))


def middle(cell: int) -> tuple[float, float]:
    """Latitude and longitude of a cell's middle, to a metre."""
    lat, lon = h3.cell_to_latlng(cell)
    return round(lat, 5), round(lon, 5)
