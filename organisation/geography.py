"""Which district and village a point lies in, which district a text names, and the outlines that maps draw.

All from the pack's files in memory: no SQL.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

from shapely import Point, STRtree, coverage_simplify, set_precision
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from organisation.pack import Pack, pack
from organisation.pack.boundaries import read_boundaries
from organisation.placenames import DistrictNames

# Outlines of districts are drawn with the whole city in sight, where a pixel is some 100 m, 0.001 degrees.
OUTLINE_TOLERANCE = 0.0012
DIGITS = 5  # decimals of a degree, one metre


class Place(NamedTuple):
    """Where a point lies, by official codes."""

    district_code: str
    village_code: str


class _Index:
    """The villages of a pack, by position."""

    def __init__(self, of: Pack) -> None:
        boundaries = read_boundaries(of)
        districts = {village.code: village.district for village in of.villages}
        self.districts = boundaries.districts
        self.villages = boundaries.villages
        self.places = [Place(districts[code], code) for code in boundaries.villages]
        self.tree = STRtree(list(boundaries.villages.values()))
        self.outlines = dict(
            zip(
                boundaries.districts,
                coverage_simplify(list(boundaries.districts.values()), OUTLINE_TOLERANCE),
                strict=True,
            )
        )


@lru_cache(maxsize=4)
def _index(digest: str) -> _Index:
    """By the digest of the pack: reading the pack keeps it in memory, so asking for it again is free."""
    return _Index(pack())


def locate(lon: float, lat: float) -> Place | None:
    """The district and village of a point (WGS 84), or None outside the city.

    A point on a border belongs to the village that stands first in the pack.
    """
    index = _index(pack().digest)
    found = index.tree.query(Point(lon, lat), predicate="intersects")
    return index.places[found.min()] if len(found) else None


def district_by_name(text: str) -> str | None:
    """The code of the district that a messy text names, or None; see ``organisation.placenames``."""
    return _names(pack().digest).find(text)


@lru_cache(maxsize=4)
def _names(digest: str) -> DistrictNames:
    city = pack().city
    return DistrictNames(
        [city.name, city.name_en, *city.aliases],
        [(row.code, row.name, row.name_en, row.zip3, row.aliases) for row in pack().districts],
    )


def district_outline(code: str | None = None) -> str:
    """GeoJSON of the districts' outlines, or of one, simplified together so that neighbours still touch.

    Properties: ``code``, ``name``, ``name_en``. KeyError for an unknown code.
    """
    return _outline(pack().digest, code)


@lru_cache(maxsize=128)
def _outline(digest: str, code: str | None) -> str:
    outlines = _index(digest).outlines
    rows = {district.code: district for district in pack().districts}
    wanted = [code] if code else list(outlines)
    return _collection([(outlines[c], {"code": c, "name": rows[c].name, "name_en": rows[c].name_en}) for c in wanted])


def village_outlines(district: str) -> str:
    """GeoJSON of a district's villages, as in ``district_outline``. KeyError for an unknown district."""
    return _village_outlines(pack().digest, district)


@lru_cache(maxsize=128)
def _village_outlines(digest: str, district: str) -> str:
    index = _index(digest)
    if district not in index.districts:
        raise KeyError(district)
    return _collection(
        [
            (index.villages[row.code], {"code": row.code, "name": row.name, "name_en": row.name_en})
            for row in pack().villages
            if row.district == district
        ]
    )


def _collection(areas: list[tuple[BaseGeometry, dict[str, str]]]) -> str:
    features = [
        {"type": "Feature", "properties": properties, "geometry": mapping(set_precision(area, 10**-DIGITS))}
        for area, properties in areas
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
