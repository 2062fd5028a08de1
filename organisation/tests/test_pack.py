"""A pack is data: read whole, checked whole, and refused with file, line and reason."""

from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from organisation.pack import PackError, pack, read_pack
from organisation.pack.boundaries import read_boundaries
from organisation.pack.model import FILES
from organisation.pack.reading import toml_lines

PACKS = Path(__file__).resolve().parents[2] / "packs"
EACH_PACK = sorted(path.parent for path in PACKS.glob("*/city.toml"))


def problems(path: Path) -> list[str]:
    """Everything that is said against a pack; fails the test for one that is accepted."""
    with pytest.raises(PackError) as refused:
        read_boundaries(read_pack(path))
    return [str(problem) for problem in refused.value.problems]


def spoil(path: Path, name: str, old: str, new: str) -> int:
    """Change the first occurrence of a text in a file; returns its line."""
    text = (path / name).read_text(encoding="utf-8")
    assert old in text
    (path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("path", EACH_PACK, ids=lambda path: path.name)
def test_each_pack_of_the_repository_is_good(path: Path) -> None:
    found = read_pack(path)
    boundaries = read_boundaries(found)
    assert len(boundaries.districts) == len(found.districts)
    assert len(boundaries.villages) == len(found.villages)
    assert sum((path / name).stat().st_size for name in FILES) < 2_500_000
    for kind in found.kinds:
        assert kind["words"], kind["code"]
        assert kind["hint_zh"] and kind["hint_en"], kind["code"]
        due = found.rule("dispatch_sla_hours", date(2022, 6, 1))
        if kind["urgent"]:
            assert [(d["amount"], d["unit"]) for d in kind["deadline"]] == [(due.value, "hours")]


def test_the_city_of_the_issue() -> None:
    kaohsiung = read_pack(PACKS / "kaohsiung")
    assert (len(kaohsiung.districts), len(kaohsiung.villages)) == (38, 886)
    deadlines = {
        kind["code"]: (kind["deadline"][-1]["amount"], kind["deadline"][-1]["unit"]) for kind in kaohsiung.kinds
    }
    assert deadlines == {
        "pothole": (4, "hours"), "street_light": (2, "working_days"), "traffic_signal": (4, "hours"),
        "fallen_tree": (4, "hours"), "noise": (7, "working_days"), "illegal_parking": (0, "days"),
        "waste": (3, "working_days"), "petition": (30, "days"),
        "works_safety": (3, "working_days"), "works_quality": (7, "working_days"),
        "works_site": (7, "working_days"), "works_delay": (7, "working_days"),
    }  # fmt: skip
    assert len(read_pack(PACKS / "taipei").districts) == 12


def test_texts_come_in_the_language_of_the_page() -> None:
    assert "110" in pack().text("emergency")
    with translation.override("en"):
        assert "immediate danger" in pack().text("emergency")
    assert "立即" in pack().text("emergency", "zh-hant")
    with pytest.raises(KeyError):
        pack().text("no_such_text")


def test_rules_hold_from_their_day_on(copied_pack: Path) -> None:
    spoil(copied_pack, "rules.toml", "[[rule]]\nname = \"petition_days\"",
          '[[rule.dated]]\nsince = 2023-01-01\nvalue = 3\nsource = "x"\nconfidence = "default"\n\n'
          "[[rule]]\nname = \"petition_days\"")  # fmt: skip
    changed = read_pack(copied_pack)
    assert changed.rule("dispatch_sla_hours", date(2022, 12, 31)).value == 4
    assert changed.rule("dispatch_sla_hours", date(2023, 1, 1)).value == 3
    with pytest.raises(LookupError):
        changed.rule("dispatch_sla_hours", date(2001, 1, 1))
    with pytest.raises(KeyError):
        changed.rule("no_such_rule", date(2022, 1, 1))
    pothole = changed.kinds[0]
    assert [d["since"] for d in pothole["deadline"]] == [date(2009, 10, 1), date(2023, 1, 1)]


KINDS = "kinds.toml"
REFUSED = [
    # file, text, its replacement, the column, a part of the reason
    ("city.toml", 'code = "kaohsiung"', 'code = "tainan"', "code", "資料夾名稱"),
    ("city.toml", "center = [120.3120, 22.6208]", "center = [0, 22.6208]", "center", "bbox"),
    ("city.toml", "center = [120.3120, 22.6208]", "center = [120.3120]", "center", "2 個數字"),
    ("city.toml", "lunch_ends = 13:30:00", "lunch_ends = 11:30:00", "opens", "次序"),
    ("city.toml", "closes = 17:30:00", 'closes = "half past five"', "closes", "不是時間"),
    ("city.toml", 'phone = "1999"', 'telephone = "1999"', "telephone", "不認得"),
    ("city.toml", 'brand = "', 'brand = ', "", "TOML"),
    ("agencies.csv", "pwb,工務局", "PWB,工務局", "code", "寫法"),
    ("agencies.csv", "transport,交通局", "pwb,交通局", "code", "重複"),
    ("agencies.csv", "397110000G", "39711", "organ_code", "寫法"),
    ("agencies.csv", "code,name", "code,nom", "", "欄位應為"),
    ("agencies.csv", "pwb,工務局,Public Works Bureau", "pwb,工務局,Public Works Bureau,more", "", "6 欄"),
    ("agencies.csv", "pwb,工務局", 'pwb,"工"務局', "", "CSV"),
    ("units.csv", "pwb-roads,pwb,pwb-maintenance", "pwb-roads,no-agency,pwb-maintenance", "agency", "no-agency"),
    ("units.csv", "pwb-roads,pwb,pwb-maintenance", "pwb-roads,pwb,pwb-lights", "parent", "列在前面"),
    ("units.csv", "pwb-roads,pwb,pwb-maintenance", "pwb-roads,pwb,rdec-1999", "parent", "別的機關"),
    ("units.csv", "養護工程處道路一隊,\"Road Crew 1, Maintenance Office\",1",
     "養護工程處道路一隊,\"Road Crew 1, Maintenance Office\",yes", "is_crew", "1 或 0"),
    ("posts.csv", "pwb-roads,科長", "pwb-rivers,科長", "unit", "pwb-rivers"),
    ("posts.csv", "pwb-roads,股長,Subsection Chief", "pwb-roads,科長,Subsection Chief", "unit", "重複"),
    ("districts.csv", "64000080,苓雅區", "6400008,苓雅區", "code", "寫法"),
    ("districts.csv", "120.320936", "east", "lon", "不是數字"),
    ("districts.csv", "120.320936", "220.320938", "lon", "超出範圍"),
    ("villages.csv", "64000010001,64000010", "64000010001,63000010", "district", "63000010"),
    ("calendar.csv", "2024-07-24,,closed", "2024-07-24,板橋區,closed", "district", "板橋區"),
    ("calendar.csv", "2024-07-24,,closed", "2024-07-24,,shut", "kind", "之一"),
    ("calendar.csv", "2024-07-24,,closed", "24 July,,closed", "date", "不是日期"),
    ("calendar.csv", "2024-07-25,,closed", "2024-07-24,,closed", "date", "重複"),
    ("calendar.csv", "凱米颱風停止上班", "", "reason", "必須填寫"),
    ("rules.toml", 'confidence = "H"', 'confidence = "sure"', "confidence", "之一"),
    ("rules.toml", 'name = "petition_days"', 'name = "dispatch_sla_hours"', "name", "重複"),
    (KINDS, 'code = "waste"', 'code = "noise"', "code", "重複"),
    (KINDS, 'family = "dispatch"', 'family = "queue"', "family", "之一"),
    (KINDS, 'label_en = "Noise"', "label_en = 7", "label_en", "應為文字"),
    (KINDS, "order = 5", "order = 5.5", "order", "不是整數"),
    (KINDS, "order = 5", "order = -5", "order", "超出範圍"),
    (KINDS, "urgent = true", 'urgent = "true"', "urgent", "true 或 false"),
    (KINDS, "active_from = 2009-10-01", "active_from = 2009", "active_from", "不是日期"),
    (KINDS, 'rule = "dispatch_sla_hours"', 'rule = "no_such_rule"', "rule", "no_such_rule"),
    (KINDS, "amount = 7\n", "amount = 7.3\n", "amount", "半數"),
    (KINDS, "amount = 7\n", "amount = 0\n", "amount", "0 days"),
    (KINDS, 'unit = "working_days"', 'unit = "fortnights"', "unit", "之一"),
    (KINDS, 'unit = "pwb-roads"', 'unit = "pwb-rivers"', "unit", "pwb-rivers"),
    (KINDS, '"新興區" = "police-xinxing"', '"板橋區" = "police-xinxing"', "板橋區", "行政區"),
    (KINDS, '"新興區" = "police-xinxing"', '"新興區" = "police-nowhere"', "新興區", "police-nowhere"),
    (KINDS, 'public_fields = ["size", "lane"]', 'public_fields = ["size", "depth"]', "public_fields", "depth"),
    (KINDS, 'words = ["坑洞", ', 'words = ["坑洞", "坑洞", ', "words", "重複"),
    (KINDS, 'words = ["坑洞", ', "words = [7, ", "words", "清單"),
    (KINDS, 'type = "bool"', 'type = "colour"', "type", "之一"),
    (KINDS, 'name = "lane"', 'name = "size"', "name", "重複"),
    (KINDS, 'type = "choice"\nlabel_zh = "有幾盞？"', 'type = "text"\nlabel_zh = "有幾盞？"', "choices", "choice"),
    (KINDS, '{ value = "wheel", ', '{ value = "hand", ', "value", "重複"),
    (KINDS, "max_length = 20", "max_lenght = 20", "max_lenght", "不認得"),
    (KINDS, "remind_before = { amount = 1, ", "remind_before = { amount = -1, ", "amount", "超出範圍"),
    (KINDS, "extension = { max_times = 1, ", "extension = { max_times = 0, ", "max_times", "超出範圍"),
    ("texts.toml", "[emergency]", "[emergencies]", "", "emergency"),
    ("SOURCES.toml", '["kinds.toml"]\nsource', '["kinds.toml"]\norigin', "source", "必須填寫"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "column", "reason"), REFUSED)
def test_a_wrong_file_is_refused_with_line_and_reason(
    copied_pack: Path, name: str, old: str, new: str, column: str, reason: str
) -> None:
    read_pack(copied_pack)  # good as it was
    line = spoil(copied_pack, name, old, new)
    found = problems(copied_pack)
    assert any(
        said.startswith(f"{name}:") and reason in said and (not column or f"[{column}]" in said) for said in found
    ), found
    lines = {int(said.split(":")[1].split()[0]) for said in found if said.startswith(f"{name}:")}
    # A value that is missing has the line of its table, two of them that disagree the line of one.
    assert any(abs(line - said) <= 3 for said in lines), (line, found)


@pytest.mark.parametrize(
    ("name", "old", "new", "further", "said"),
    [
        ("rules.toml", "value = 4\n", "value = 4\nuntil = 2009-01-01\n", 1, "[until] 早於起始日。"),
        ("agencies.csv", "transport,交通局", "pwb,交通局", 0, "[code] 「pwb」重複。"),
        ("kinds.toml", 'type = "bool"', 'type = "colour"', 0, "[type] 「colour」應為"),
        ("kinds.toml", '{ value = "wheel", ', '{ value = "hand", ', 0, "[value] 「hand」重複。"),
    ],
)
def test_the_line_is_the_very_one(copied_pack: Path, name: str, old: str, new: str, further: int, said: str) -> None:
    line = spoil(copied_pack, name, old, new) + further
    assert any(problem.startswith(f"{name}:{line} {said}") for problem in problems(copied_pack))


@pytest.mark.parametrize(
    ("since", "before", "said"),
    [
        ("2009-10-01", "", "重疊或次序顛倒"),
        ("2008-01-01", "", "重疊或次序顛倒"),
        ("2015-01-01", "until = 2015-01-01\n", "重疊"),
    ],
)
def test_dated_rules_must_not_overlap(copied_pack: Path, since: str, before: str, said: str) -> None:
    entry = f'[[rule.dated]]\nsince = {since}\nvalue = 3\nsource = "x"\nconfidence = "L"\n'
    spoil(copied_pack, "rules.toml", 'confidence = "H"\n', f'confidence = "H"\n{before}\n{entry}')
    assert any(
        "rules.toml:" in problem and "[since]" in problem and said in problem for problem in problems(copied_pack)
    )


def test_everything_that_is_wrong_is_said_at_once(copied_pack: Path) -> None:
    spoil(copied_pack, "agencies.csv", "pwb,工務局", "PWB,工務局")
    spoil(copied_pack, "kinds.toml", 'family = "dispatch"', 'family = "queue"')
    (copied_pack / "posts.csv").unlink()
    (copied_pack / "texts.toml").write_bytes(b'[emergency]\nzh = "' + "緊急".encode("big5") + b'"\n')
    said = problems(copied_pack)
    files = {problem.split(":")[0].split()[0] for problem in said}
    assert {"agencies.csv", "kinds.toml", "posts.csv", "texts.toml"} <= files
    assert any(problem.startswith("texts.toml:2") and "UTF-8" in problem for problem in said)
    assert any(problem.startswith("posts.csv 找不到") for problem in said)


VILLAGES = "boundaries/villages.geojson"
BAD_SHAPES = [
    (VILLAGES, '{"code":"64000010001"', '{"code":"63000010001"', "63000010001"),
    (VILLAGES, '{"code":"64000010002"', '{"code":"64000010001"', "64000010001"),
    (VILLAGES, '{"code":"64000010002"', '{"id":"64000010002"', "properties.code"),
    (VILLAGES, '"geometry":{"type":"Polygon"', '"geometry":{"type":"LineString"', "Polygon"),
    (VILLAGES, '"coordinates":[[[', '"coordinates":[[[999,', "寫法"),
    ("boundaries/districts.geojson", '"type":"FeatureCollection"', '"type":"Topology"', "FeatureCollection"),
    ("boundaries/districts.geojson", ",\n", "\n", "JSON"),
]


@pytest.mark.parametrize(("name", "old", "new", "reason"), BAD_SHAPES)
def test_wrong_boundaries_are_refused(copied_pack: Path, name: str, old: str, new: str, reason: str) -> None:
    line = spoil(copied_pack, name, old, new)
    found = [said for said in problems(copied_pack) if said.startswith(name)]
    assert any(reason in said for said in found), found
    lines = {int(said[len(name) + 1 :].split()[0]) for said in found}
    assert lines & {line, line + 1}


def test_a_missing_boundary_and_a_crossed_one_are_refused(copied_pack: Path) -> None:
    path = copied_pack / "boundaries" / "districts.geojson"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], *lines[2:]]), encoding="utf-8")
    assert any("64000010" in said and "缺少" in said for said in problems(copied_pack))
    # A bow tie that covers the point of the district.
    bow = '{"type":"Feature","properties":{"code":"64000010"},"geometry":{"type":"Polygon","coordinates":' \
          "[[[120,22],[121,23],[121,22],[120,23],[120,22]]]}},"  # fmt: skip
    path.write_text("\n".join([lines[0], bow, *lines[2:]]), encoding="utf-8")
    said = problems(copied_pack)
    assert len(said) == 1
    assert said[0].startswith("boundaries/districts.geojson:2 ")
    assert "Self-intersection" in said[0]


def test_lines_of_toml() -> None:
    text = '''# head
a = 1
[t]
b = """
x = 1
[[no]]
"""
[[k]]
c = [
  { d = 1 },  # [[no]]
  "]",
]
e = 'x # y'
[[k.f]]
g = "[["
[[k]]
"h i" = 2
[k.r]
j.l = 3
[[k.f]]
g = 1
'''
    assert toml_lines(text) == {
        ("a",): 2, ("t",): 3, ("t", "b"): 4, ("k", 0): 8, ("k", 0, "c"): 9, ("k", 0, "c", 0): 10, ("k", 0, "e"): 13,
        ("k", 0, "f", 0): 14,
        ("k", 0, "f", 0, "g"): 15, ("k", 1): 16, ("k", 1, "h i"): 17, ("k", 1, "r"): 18, ("k", 1, "r", "j", "l"): 19,
        ("k", 1, "f", 0): 20, ("k", 1, "f", 0, "g"): 21,
    }  # fmt: skip
