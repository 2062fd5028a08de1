"""Points, names and outlines against a walk through all polygons."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, union_all
from shapely.geometry import shape

from organisation.geography import Place, district_by_name, district_outline, locate, village_outlines
from organisation.models import District
from organisation.pack import pack
from organisation.pack.boundaries import read_boundaries
from organisation.tests.test_pack import PACKS


@pytest.fixture(scope="module")
def shapes() -> dict[str, Any]:
    return read_boundaries(pack()).villages


def all_that_touch(shapes: dict[str, Any], lon: float, lat: float) -> list[str]:
    point = Point(lon, lat)
    return [code for code, area in shapes.items() if area.intersects(point)]


@given(lon=st.floats(120.1, 121.1), lat=st.floats(22.4, 23.5))
def test_any_point_lies_where_a_walk_through_all_villages_finds_it(
    shapes: dict[str, Any], lon: float, lat: float
) -> None:
    found = locate(lon, lat)
    expected = all_that_touch(shapes, lon, lat)
    assert found == (Place(expected[0][:8], expected[0]) if expected else None)


@given(data=st.data())
def test_corners_of_borders_lie_in_the_first_village_that_has_them(shapes: dict[str, Any], data: st.DataObject) -> None:
    village = shapes[data.draw(st.sampled_from(sorted(shapes)))]
    ring = max(getattr(village, "geoms", [village]), key=lambda part: part.area).exterior
    lon, lat = data.draw(st.sampled_from(list(ring.coords)))
    found = locate(lon, lat)
    assert found is not None
    assert found.village_code == all_that_touch(shapes, lon, lat)[0]


def test_every_representative_point_lies_in_its_own_village_and_district() -> None:
    for village in pack().villages:
        assert locate(village.lon, village.lat) == Place(village.district, village.code)
    for district in pack().districts:
        place = locate(district.lon, district.lat)
        assert place is not None
        assert place.district_code == district.code


@pytest.mark.parametrize(
    ("lon", "lat"), [(121.5, 25.0), (0.0, 0.0), (120.2, 22.5), (float("nan"), 22.6), (float("inf"), 22.6)]
)
def test_outside_the_city_is_nowhere(lon: float, lat: float) -> None:
    assert locate(lon, lat) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("苓雅區", "苓雅區"),
        ("高雄市苓雅區三多三路 215 號前", "苓雅區"),
        ("８０２高雄市　苓雅 中正路", "苓雅區"),
        ("802台灣高雄市苓雅區青年一路", "苓雅區"),
        ("高雄市高雄市苓雅區中正一路", "苓雅區"),
        ("高雄縣鳳山市光遠路", "鳳山區"),
        ("請到鳳山區公所旁邊", "鳳山區"),
        ("鳳山", "鳳山區"),
        ("高雄市苓雅中正一路", "苓雅區"),
        ("三民，建國三路", "三民區"),
        ("那瑪夏", "那瑪夏區"),
        ("No. 5, Lane 3, Lingya Dist., Kaohsiung City 802", "苓雅區"),
        ("Yong'an District", "永安區"),
        ("YONG’AN DIST", "永安區"),
        ("80247 中正一路", "苓雅區"),
        ("中正一路, Kaohsiung, Taiwan 802", "苓雅區"),
        ("三民區與左營區交界", "三民區"),
        ("高雄市大社區中山路", "大社區"),
        ("大社區", "大社區"),
        # What looks like a district and is none of ours.
        ("", None),
        ("   ", None),
        ("中正路", None),
        ("高雄市左營大路", None),
        ("左營高中前", None),
        ("高雄市三民家商", None),
        ("新興路 5 號", None),
        ("陽光大社區的中庭", None),
        ("802 號", None),
        ("802巷", None),
        ("807 屏東縣屏東市", None),
        ("臺中市大安區", None),
        ("台南市永康區", None),
        ("桃園市新興區", None),
        ("Taoyuan District, Taoyuan City", None),
    ],
)
def test_a_messy_text_names_a_district_or_none(text: str, name: str | None) -> None:
    codes = {district.code: district.name for district in pack().districts}
    found = district_by_name(text)
    assert (codes[found] if found else None) == name


@given(st.text(alphabet="高雄縣市臺台苓雅三民大社區中正路 ,０1２3", max_size=30))
def test_any_text_gives_a_district_or_none(text: str) -> None:
    assert district_by_name(text) in {None, *(district.code for district in pack().districts)}


def test_names_in_another_city_s_pack(settings: Any) -> None:
    settings.CITY_PACK = PACKS / "taipei"
    codes = {district.code: district.name for district in pack().districts}
    for text in ("105台灣台北市松山區光復北路32號", "北市松山八德路", "Songshan Dist., Taipei City"):
        assert codes[district_by_name(text)] == "松山區"
    for text in ("台北市中山北路二段", "新北市三重區", "臺中市大安區", "Zhongshan District, Keelung City"):
        assert district_by_name(text) is None
    assert locate(121.5577, 25.0598) == Place("63000010", locate(121.5577, 25.0598).village_code)


def test_real_addresses_find_their_district(shared_data: Path, settings: Any) -> None:
    settings.CITY_PACK = PACKS / "taipei"
    codes = {district.code: district.name for district in pack().districts}
    lines = found = 0
    with gzip.open(
        shared_data / "taipei-1999-dispatch" / "taipei_1999_2026_01-05.csv.gz", "rt", encoding="utf-8"
    ) as file:
        for row in csv.DictReader(file):
            address = row["案件地址_去樓層"]
            code = district_by_name(address)
            lines += 1
            found += code is not None
            assert code is None or codes[code] in address
    assert lines == 69_748
    assert lines - found < 20


def test_outlines_are_whole_and_small() -> None:
    outline = json.loads(district_outline())
    assert [f["properties"]["code"] for f in outline["features"]] == [d.code for d in pack().districts]
    assert {"code": "64000080", "name": "苓雅區", "name_en": "Lingya District"} in [
        f["properties"] for f in outline["features"]
    ]
    assert len(district_outline()) < 100_000
    areas = [shape(f["geometry"]) for f in outline["features"]]
    assert all(area.is_valid for area in areas)
    # Simplified together: no gaps and no overlaps, so the parts are as large as the whole.
    assert sum(area.area for area in areas) == pytest.approx(union_all(areas).area, rel=1e-4)
    one = json.loads(district_outline("64000080"))
    assert [f["properties"]["code"] for f in one["features"]] == ["64000080"]
    with pytest.raises(KeyError):
        village_outlines("99999999")


@pytest.mark.urls("organisation.urls")
def test_outlines_are_public_and_kept_by_browsers(client: Client) -> None:
    response = client.get("/geo/districts.json", headers={"accept-encoding": "gzip"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/geo+json"
    assert response["Content-Encoding"] == "gzip"
    assert "public" in response["Cache-Control"]
    assert "max-age=86400" in response["Cache-Control"]
    assert client.get("/geo/districts.json").json()["type"] == "FeatureCollection"
    again = client.get("/geo/districts.json", headers={"if-none-match": client.get("/geo/districts.json")["ETag"]})
    assert again.status_code == 304
    villages = client.get("/geo/villages/64000080.json").json()
    assert len(villages["features"]) == 69
    assert client.get("/geo/villages/99999999.json").status_code == 404
    assert client.post("/geo/districts.json").status_code == 405


@pytest.mark.django_db
def test_nothing_of_this_asks_the_database(no_city: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        locate(120.312, 22.6208)
        district_by_name("高雄市苓雅區")
        district_outline()
    assert not District.objects.exists()
