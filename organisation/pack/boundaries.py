"""The boundaries of a pack: GeoJSON polygons of its districts and villages, in WGS 84."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from shapely import Point, is_valid_reason
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from organisation.pack.model import DISTRICTS, VILLAGES, Pack
from organisation.pack.reading import PackError, Problem, Source
from organisation.pack.records import DistrictRow, VillageRow


@dataclass(frozen=True)
class Boundaries:
    """Polygons by the code of their district or village, in the order of the pack's files."""

    districts: dict[str, BaseGeometry]
    villages: dict[str, BaseGeometry]


def read_boundaries(pack: Pack) -> Boundaries:
    """Read and check the boundaries of a pack. PackError with everything that is wrong."""
    problems: list[Problem] = []
    found = Boundaries(
        _areas(Source(pack.path / DISTRICTS, DISTRICTS, problems), {row.code: row for row in pack.districts}),
        _areas(Source(pack.path / VILLAGES, VILLAGES, problems), {row.code: row for row in pack.villages}),
    )
    if problems:
        raise PackError(problems)
    return found


def _areas(source: Source, rows: Mapping[str, DistrictRow | VillageRow]) -> dict[str, BaseGeometry]:
    found: dict[str, BaseGeometry] = {}
    for number, (line, feature) in enumerate(source.features(), 1):
        code, area, problem = _area(feature)
        if not problem and code not in rows:
            problem = _("沒有代碼為「%(value)s」的地區。") % {"value": code}
        elif not problem and code in found:
            problem = _("「%(value)s」重複。") % {"value": code}
        elif not problem and not area.covers(Point(rows[code].lon, rows[code].lat)):
            problem = _("「%(value)s」的代表點不在界線之內。") % {"value": code}
        if problem:
            source.refuse(line, problem, column=_("第 %(n)d 個圖徵") % {"n": number})
        else:
            found[code] = area
    if not source.problems:
        for code in rows.keys() - found.keys():
            source.refuse(0, _("缺少「%(value)s」的界線。") % {"value": code})
    return found


def _area(feature: Any) -> tuple[str, BaseGeometry, str]:
    """The code and the polygons of a feature, or what is wrong with it."""
    nothing = Point()
    try:
        code = str(feature["properties"]["code"])
        if feature["geometry"]["type"] not in ("Polygon", "MultiPolygon"):
            return code, nothing, _("應為 Polygon 或 MultiPolygon。")
        area = shape(feature["geometry"])
    except (KeyError, TypeError, ValueError, IndexError, ShapelyError):
        return "", nothing, _("缺少 properties.code 或 geometry，或座標寫法不對。")
    if not area.is_valid:
        return code, nothing, _("界線不是有效的多邊形：%(reason)s") % {"reason": is_valid_reason(area)}
    west, south, east, north = area.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        return code, nothing, _("座標超出經緯度的範圍。")
    return code, area, ""
