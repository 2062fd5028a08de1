"""The register out of files: streamed, once however often, with a reason for each line that is not taken."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from cases.registry import registry
from foundation.imports import Mapping, Report, get, run
from organisation.actions import load_pack
from organisation.memory import forget
from publicworks.actions.correcting import correct
from publicworks.actions.finding import TOPIC
from publicworks.imports.works import begin, unit_of
from publicworks.models import Work
from search.queries import matching

pytestmark = pytest.mark.django_db

PACKS = Path(django_settings.BASE_DIR) / "packs"
HEADER = (
    "tender_number,name,agency,unit,contractor,budget,budget_thousands,planned_start,planned_end,state,address,district,"
    "lon,lat,line,source"
)

type Load = Callable[..., tuple[Report, list[dict[str, str]]]]


@pytest.fixture
def load(city: Any, tmp_path: Path) -> Load:
    """``load(name="…", lon="…")``: import lines with these cells; the report, and what was rejected."""

    def load(*lines: dict[str, str], mapping: Path | None = None, file: Path | None = None) -> tuple[Report, list]:
        declared, rejects = get("works"), tmp_path / "rejects.csv"
        if file is None:
            file = tmp_path / "works.csv"
            with file.open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, HEADER.split(","))
                writer.writeheader()
                writer.writerows(lines)
        rejects.unlink(missing_ok=True)
        report = run(declared, file, mapping=Mapping.load(mapping, declared) if mapping else None, rejects=rejects)
        assert report.read == report.imported + report.unchanged + report.rejected
        if not rejects.exists():
            return report, []
        with rejects.open(encoding="utf-8-sig") as read:
            return report, list(csv.DictReader(read))

    return load


def line(number: str = "111-工-01", **cells: str) -> dict[str, str]:
    return {"tender_number": number, "name": "苓雅區四維三路雨水下水道工程"} | cells


def test_a_work_with_everything(load: Load) -> None:
    report, rejected = load(
        line(
            agency="高雄市政府水利局", contractor="甲營造\n乙水電", budget="12,000,000", planned_start="111/01/10",
            planned_end="1111220", state="施工中", line="120.3100 22.6200, 120.3121 22.6205, 120.3140 22.6206",
        )
    )  # fmt: skip
    assert report.imported == 1, rejected
    work = Work.objects.for_list().get()
    assert (work.unit.agency.code, work.agency_name, work.contractor) == ("water", "高雄市政府水利局", "甲營造、乙水電")
    assert (work.budget, work.planned_start, work.planned_end) == (12_000_000, date(2022, 1, 10), date(2022, 12, 20))
    assert (work.lon, work.lat, str(work.district)) == (120.3121, 22.6205, "苓雅區")
    assert (work.west, work.east) == (120.31, 120.314) and len(work.shape) == 3
    assert Work.objects.filter(matching(TOPIC, "雨水下水道")).exists()


def test_a_second_import_changes_nothing(load: Load) -> None:
    lines = [line("A", lon="120.3121", lat="22.6205"), line("B"), line("A", name="同一案號")]
    assert [(r.imported, r.unchanged, r.rejected) for r in (load(*lines)[0], load(*lines)[0])] == [(2, 0, 1), (0, 2, 1)]
    assert Work.objects.get(tender_number="B").district.name == "苓雅區"  # by its name


def test_a_second_import_corrects_what_it_says_and_keeps_what_it_leaves_empty(load: Load) -> None:
    load(
        line("A", agency="高雄市政府水利局", contractor="甲營造", lon="120.3121", lat="22.6205", state="施工中"),
        line("B"),
    )
    report, _rejected = load(line("A", name="雨水下水道第二期", contractor="乙水電", state="已完工"), line("B"))
    assert (report.imported, report.unchanged) == (1, 1)
    work = Work.objects.for_list().get(tender_number="A")
    assert (work.name, work.contractor, work.state) == ("雨水下水道第二期", "乙水電", "completed")
    assert (work.unit.agency.code, work.lon) == ("water", 120.3121)
    assert Work.objects.filter(matching(TOPIC, "乙水電")).get() == work
    assert not Work.objects.filter(matching(TOPIC, "甲營造")).exists()
    load(line("A", agency="交通部公路局", line="120.3100 22.6200, 120.3121 22.6205, 120.3140 22.6206"))
    work.refresh_from_db()
    assert work.unit is None and work.state == "completed" and len(work.shape) == 3
    load(line("A", planned_start="2022-05-01"))
    report, _rejected = load(line("A", planned_end="2022-04-01"), line("C"))
    assert (report.imported, report.rejected) == (1, 1), "the register's beginning is after that end"


def test_what_was_typed_by_hand_stays_and_the_line_is_listed_until_somebody_takes_the_files(
    load: Load, staff: Callable[..., Any], client: Any
) -> None:
    load(line("A", agency="高雄市政府水利局", contractor="甲營造", lon="120.3121", lat="22.6205"), line("B"))
    work, officer = Work.objects.for_list().get(tender_number="A"), staff("case_officer", "water-maintenance")
    typed = {"contractor": "乙水電", "budget": 900, "lon": 120.3130, "lat": 22.6210}
    assert correct(officer, work, work.digest, **typed)
    said = line("A", contractor="丙土木", budget="1000", planned_start="2022-05-01", lon="120.3121", lat="22.6205")
    report, rejected = load(said, line("B"), line("C"))
    assert (report.imported, report.unchanged, report.rejected) == (1, 1, 1)
    (listed,) = rejected
    assert listed["tender_number"] == "A" and listed["reject_column"] == "contractor、budget、lon"
    assert (
        "人工更正為「乙水電」，檔案是「丙土木」" in listed["reject_reason"]
        and "22.6205, 120.3121" in listed["reject_reason"]
    )
    work = Work.objects.for_list().get(pk=work.pk)
    assert (work.contractor, work.budget, work.lon, work.west) == ("乙水電", 900, 120.3130, 120.3130)
    assert work.planned_start == date(2022, 5, 1), "what no hand has typed is taken"
    assert load(said)[0].rejected == 1, "listed as often as the file says so"
    assert load(line("A", contractor="乙水電"))[0].rejected == 0
    load(said)
    address = f"/works/{work.pk}/change/"
    client.force_login(officer)
    page = client.get(address).text
    assert page.count("採用檔案的<span") == 3 and "丙土木" in page
    take = {"seen": Work.objects.get(pk=work.pk).digest, "field": "contractor"}
    for wrong in ({"field": "name"}, {"field": "nothing"}, {"seen": "other"}):
        client.post(f"{address}file/", take | wrong)
        assert Work.objects.get(pk=work.pk).contractor == "乙水電"
    assert client.post(f"{address}file/", take).status_code == 302
    client.post(f"{address}file/", {"seen": Work.objects.get(pk=work.pk).digest, "field": "lon"})
    work.refresh_from_db()
    assert (work.contractor, work.lon, work.west, work.by_hand) == ("丙土木", 120.3121, 120.3121, {"budget": 1000})
    assert work.corrections.count() == 3
    load(line("A", contractor="丁工程"))
    assert Work.objects.get(pk=work.pk).contractor == "丁工程", "files correct it again"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"lon": "120.3121"}, "經度與緯度要一起有"),
        ({"lon": "121.5", "lat": "25.04"}, "不在本市"),
        ({"line": "somewhere"}, "不是路線"),
        ({"planned_start": "2022-05-01", "planned_end": "2022-04-01"}, "預定完工早於預定開工"),
        ({"district": "信義區"}, "沒有「信義區」這個行政區"),
        ({"unit": "nobody"}, "單位名冊沒有"),
        ({"state": "施工"}, "不在可用的值之中"),
        ({"budget": "很多"}, "不是整數"),
        ({"name": ""}, "name"),
        ({"tender_number": "2.02504E+12"}, "科學記號"),
    ],
)
def test_a_broken_line_is_rejected_with_its_reason(load: Load, cells: dict[str, str], reason: str) -> None:
    report, rejected = load(line("good"), line("bad") | cells)
    assert (report.imported, report.rejected) == (1, 1)
    assert reason in " ".join(map(str, rejected[0].values()))
    assert Work.objects.get().tender_number == "good"


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("pwb-construction", "pwb-construction"),
        ("高雄市政府工務局新建工程處", "pwb-construction"),
        ("新建工程處", "pwb-construction"),
        ("高雄市政府水利局", "water-maintenance"),
        ("交通部公路局", None),
        ("", None),
    ],
)
def test_whom_a_name_means(city: Any, name: str, unit: str | None) -> None:
    found = unit_of(name, begin())
    assert (found.code if found else None) == unit


def test_what_is_exported_comes_back(load: Load, tmp_path: Path) -> None:
    load(line("A", lon="120.3121", lat="22.6205", budget_thousands="12.5", unit="pwb-construction"),
         line("B", line="120.31 22.62, 120.32 22.63"))  # fmt: skip
    before = list(Work.objects.order_by("pk").values())
    file = tmp_path / "out.csv"
    call_command("cityexport", "works", output=file)
    Work.objects.all().delete()
    assert load(file=file)[0].imported == 2
    for row in (*before, *(after := list(Work.objects.order_by("pk").values()))):
        del row["id"]
    assert before == after and before[0]["budget"] == 12_500


# Real files of other cities and of the procurement site, where they are at hand.


def test_the_procurement_sites_notices(load: Load, shared_data: Path) -> None:
    (file,) = (shared_data / "pcc-tenders-sample").glob("*.csv")
    mapping = PACKS / "kaohsiung" / "imports" / "works.toml"
    report, rejected = load(file=file, mapping=mapping)
    assert report.read == 3192 and report.rejected == 0, rejected[:3]
    assert report.imported > 3000
    assert Work.objects.filter(state="tendering", source="pcc").count() == report.imported
    again, _rejected = load(file=file, mapping=mapping)
    assert (again.imported, again.unchanged) == (0, 3192)


def test_taipeis_inspected_works(
    no_city: None, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared_data: Path
) -> None:
    settings.CITY_PACK = PACKS / "taipei"
    monkeypatch.setattr(registry, "_kinds", None)
    forget()
    load_pack()
    (file,) = (shared_data / "taipei-construction-audit").glob("*.csv")
    declared = get("works")
    mapping = Mapping.load(PACKS / "taipei" / "imports" / "works.toml", declared)
    report = run(declared, file, mapping=mapping, rejects=tmp_path / "rejects.csv")
    assert (report.read, report.imported) == (30, 30)
    work = Work.objects.get(name="臺北市動物之家暨動保處辦公廳舍新建工程")
    assert work.budget == 1_270_650_000
    assert work.contractor == "福清營造股份有限公司、協揚科技工程股份有限公司、芫鼎電機有限公司"
    assert (work.state == "building" and work.unit is None) or work.unit.agency.name == "工務局"
    forget()
