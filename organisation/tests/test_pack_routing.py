"""What a pack may leave out: routing rules, a table of roads, examples; and how it is refused when they are wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from organisation.pack import PackError, read_pack
from organisation.pack.records import ExampleRow, RoadRow

PACKS = Path(__file__).resolve().parents[2] / "packs"
ROUTING = """
[[route]]
code = "night-noise"
unit = "police-command"
priority = 50
kinds = ["noise"]
districts = ["苓雅區"]
road_classes = ["lane", "alley"]
hours = "off"
opens = 22:00:00
closes = 06:00:00
words = ["鞭炮"]
since = 2026-01-01
until = 2026-12-31
source = "協調會議紀錄"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A copy of Kaohsiung's pack, with each of the files that may be left out."""
    copy = shutil.copytree(PACKS / "kaohsiung", tmp_path / "kaohsiung")
    with (copy / "SOURCES.toml").open("a", encoding="utf-8") as sources:
        for name in ("routing.toml", "roads.csv"):
            sources.write(f'\n["{name}"]\nsource = "測試"\nlicence = "測試"\n')
    (copy / "routing.toml").write_text(ROUTING, encoding="utf-8")
    (copy / "roads.csv").write_text("district,road,class\n苓雅區,中正一路,boulevard\n,沿海一路,provincial\n")
    return copy


def problems(path: Path) -> str:
    with pytest.raises(PackError) as refused:
        read_pack(path)
    return str(refused.value)


def test_a_pack_may_have_them(path: Path) -> None:
    pack = read_pack(path)
    (rule,) = pack.routing
    lingya = next(row.code for row in pack.districts if row.name == "苓雅區")
    assert rule["districts"] == [lingya] and (rule["opens"], rule["closes"]) == ("22:00", "06:00")
    assert (rule["since"], rule["until"]) == ("2026-01-01", "2026-12-31")
    assert pack.roads == (RoadRow(lingya, "中正一路", "boulevard"), RoadRow("", "沿海一路", "provincial"))
    assert ExampleRow("路燈壞了好幾天，晚上整條巷子都是暗的", "street_light", "pwb") in pack.examples
    assert {row.agency for row in pack.examples} > {"labor", "health", "police"}


def test_a_pack_may_leave_them_out() -> None:
    pack = read_pack(PACKS / "taipei")
    assert (pack.routing, pack.roads, pack.examples) == ([], (), ())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"police-command"', '"nobody"', "沒有「nobody」這個單位"),
        ("priority = 50", "priority = 10", "10 超出範圍"),
        ("priority = 50", "priority = 1000", "1000 超出範圍"),
        ('["noise"]', '["nois"]', "不認得「nois」"),
        ('["苓雅區"]', '["苓鴉區"]', "不認得「苓鴉區」"),
        ('"lane", ', '"path", ', "不認得「path」"),
        ('"off"', '"never"', "應為"),
        ("closes = 06:00:00\n", "", "起訖時間要一起填"),
        ("until = 2026-12-31", "until = 2025-12-31", "早於起始日"),
        ('source = "協調會議紀錄"', "", "必須填寫"),
        ('hours = "off"', 'hour = "off"', "不認得這個項目"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_reason(path: Path, old: str, new: str, says: str) -> None:
    text = (path / "routing.toml").read_text(encoding="utf-8")
    assert old in text
    (path / "routing.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    said = problems(path)
    assert says in said and said.startswith("routing.toml:")


@pytest.mark.parametrize(
    ("name", "row", "says"),
    [
        ("roads.csv", "苓鴉區,中正路,road", "沒有「苓鴉區」這個行政區"),
        ("roads.csv", ",中正路,path", "應為"),
        ("examples.csv", "測試,nothing,", "沒有「nothing」這個種類"),
        ("examples.csv", "測試,,nobody", "沒有「nobody」這個機關"),
        ("examples.csv", "測試,,", "必須填寫"),
        ("examples.csv", "路面有個大洞，機車騎過去差點摔車,pothole,", "重複"),
    ],
)
def test_a_wrong_row_is_refused_with_its_reason(path: Path, name: str, row: str, says: str) -> None:
    with (path / name).open("a", encoding="utf-8") as file:
        file.write(f"{row}\n")
    assert says in problems(path)


def test_each_of_them_needs_a_source_and_counts_for_the_digest(path: Path) -> None:
    before = read_pack(path).digest
    (path / "roads.csv").write_text("district,road,class\n,沿海一路,provincial\n")
    assert read_pack(path).digest != before
    sources = (path / "SOURCES.toml").read_text(encoding="utf-8").replace('["roads.csv"]', '["others.csv"]')
    (path / "SOURCES.toml").write_text(sources, encoding="utf-8")
    said = problems(path)
    assert "缺少「roads.csv」的來源與授權" in said and "不認得" in said
