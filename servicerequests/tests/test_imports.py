"""Another city's records with all their defects, under that city's own pack: nothing is dropped, everything adds up.

Kaohsiung's records are in test_import_dispatches.py.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from cases.models import Case, CaseEvent
from cases.registry import registry
from figures import actions as figures
from figures.queries import value
from figures.registry import Period
from foundation.clock import TAIPEI
from foundation.imports import Mapping, Report, get, run
from organisation.actions import load_pack
from organisation.memory import forget
from servicerequests.imports import dispatches

pytestmark = pytest.mark.django_db

PACK = Path(django_settings.BASE_DIR) / "packs" / "taipei"
HEADER = "案件編號,派工項目,案件地址_去樓層,立案日期,立案時間"


@pytest.fixture
def taipei(no_city: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A city hall of Taipei: another folder, nothing else."""
    settings.CITY_PACK = PACK
    monkeypatch.setattr(registry, "_kinds", None)
    dispatches._kind_names.cache_clear()
    forget()
    load_pack()
    yield
    forget()
    dispatches._kind_names.cache_clear()


type Load = Callable[..., tuple[Report, list[dict[str, str]]]]


@pytest.fixture
def load(taipei: None, tmp_path: Path) -> Load:
    """``load("line", "line")``: import a file of these lines; the report, and what was rejected."""

    def load(*lines: str, **options: Any) -> tuple[Report, list[dict[str, str]]]:
        file, rejects = tmp_path / "dispatches.csv", tmp_path / "rejects.csv"
        file.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
        declared = get("dispatches")
        mapping = Mapping.load(PACK / "imports" / "dispatches.toml", declared)
        report = run(declared, file, mapping=mapping, rejects=rejects, **options)
        assert report.read == report.imported + report.unchanged + report.rejected == len(lines)
        if not rejects.exists():
            return report, []
        with rejects.open(encoding="utf-8-sig") as file_:
            return report, list(csv.DictReader(file_))

    return load


GOOD = "2026010110001,場所與設施噪音舉發,大安區臺北市大安區錦泰里012鄰金華街１００號,20260101,000916"


def test_a_good_line_is_a_case_of_its_kind_in_its_district(load: Load) -> None:
    report, rejected = load(GOOD)
    assert report.imported == 1 and not rejected
    case = Case.objects.for_list().get()
    assert (case.source, case.source_number) == ("taipei-1999", "2026010110001")
    assert (case.kind_code, str(case.district), case.channel, case.state) == ("noise", "大安區", "import", "imported")
    assert case.address == "大安區錦泰里金華街100號"  # full-width digits, the city said twice, a neighbourhood
    assert case.received_at == datetime(2026, 1, 1, 0, 9, 16, tzinfo=TAIPEI)
    assert case.unit.code == case.kind.unit_for(case.district_id)
    assert CaseEvent.objects.get(case=case).data == {"source": "taipei-1999", "source_number": "2026010110001"}


def test_numbers_spoilt_by_a_spreadsheet_do_not_make_two_reports_one(load: Load) -> None:
    spoilt = "2.02504E+12,場所與設施噪音舉發,中正區100台灣台北市中正區羅斯福路四段{},20250401,000212"
    cut = "202501011,場所與設施噪音舉發,士林區福德路31巷{}號,20250101,000411"
    lines = [spoilt.format("68號"), spoilt.format("70號"), cut.format(3), cut.format(5), spoilt.format("68號")]
    report, rejected = load(*lines)
    assert (report.imported, report.rejected) == (4, 1)  # the last is the first once more, which the rejects say
    assert "第 2 列" in rejected[0]["reject_reason"]
    numbers = set(Case.objects.values_list("source_number", flat=True))
    assert len(numbers) == 4 and all(number.startswith("#") for number in numbers)
    again, _rejected = load(*reversed(lines))
    assert (again.imported, again.unchanged, again.rejected) == (0, 4, 1)


@pytest.mark.parametrize(
    ("address", "district", "kept"),
    [
        ("松山區105台灣台北市松山區光復北路190巷30號", "松山區", "松山區光復北路190巷30號"),
        ("松山區臺北市臺北市松山區中正里南京東路三段337之1號", "松山區", "松山區中正里南京東路三段337之1號"),
        ("中正區重慶南路三段-汀州路二段", "中正區", "中正區重慶南路三段-汀州路二段"),
        ("大同區貴德街", "大同區", "大同區貴德街"),
        ("大安區No. 18, Yongkang St Ln 4", "大安區", "大安區No. 18, Yongkang St Ln 4"),
        ("北投區112台灣台北市北投區公?路350巷17號", "北投區", "北投區公?路350巷17號"),
    ],
)
def test_messy_addresses_find_their_district_and_say_things_once(
    load: Load, address: str, district: str, kept: str
) -> None:
    quoted = f'"{address}"' if "," in address else address
    report, rejected = load(f"2026010110001,場所與設施噪音舉發,{quoted},20260101,000916")
    assert report.imported == 1, rejected
    case = Case.objects.for_list().get()
    assert (str(case.district), case.address) == (district, kept)


def test_a_comma_that_nobody_quoted_does_not_shift_the_columns(load: Load) -> None:
    report, rejected = load("2026010110001,路樹處理,南港區胡適國小,參考地址：舊莊街一段１號,20260101,074251")
    assert report.imported == 1, rejected
    case = Case.objects.for_list().get()
    assert case.address == "南港區胡適國小,參考地址:舊莊街一段1號"
    assert case.received_at == datetime(2026, 1, 1, 7, 42, 51, tzinfo=TAIPEI)


def test_renamed_and_garbled_items_are_still_their_kind(load: Load) -> None:
    items = {
        "路燈故障或設施損壞": "street_light",
        "路燈不亮或損壞": "street_light",
        "河濱公園自??道及堤外?道破損、散?物、油漬及樹倒": "riverside_path",
        "河濱公園自行車道及堤外便道破損、散落物、油漬及樹倒": "riverside_path",
        "大型廢棄物清運聯繫": "bulky_waste",
    }
    report, rejected = load(
        *(f"202601011000{i},{item},大同區貴德街,20260101,001200" for i, item in enumerate(items, 1))
    )
    assert report.imported == len(items), rejected
    assert list(Case.objects.order_by("source_number").values_list("kind_code", flat=True)) == list(items.values())


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("2026010110001,天上有東西,大同區貴德街,20260101,001200", "kind", "天上有東西"),
        ("2026010110001,路樹處理,貴德街,20260101,001200", "district", "行政區"),
        ("2026010110001,路樹處理,新北市板橋區文化路,20260101,001200", "district", "行政區"),
        ("2026010110001,路樹處理,大同區貴德街,20261301,001200", "received_at", "20261301"),
        ("2026010110001,路樹處理,大同區貴德街,20260101,256100", "received_at", "256100"),
        ("2026010110001,路樹處理,大同區貴德街,,", "received_at", "沒有填"),
        ("2026010110001,,大同區貴德街,20260101,001200", "kind", "沒有填"),
        ("2026010110001,路樹處理,大同區貴德街", "", "欄位太少"),
    ],
)
def test_what_cannot_be_understood_is_rejected_by_line_column_and_reason(
    load: Load, line: str, column: str, says: str
) -> None:
    report, rejected = load(GOOD.replace("110001", "110009"), line)
    assert (report.imported, report.rejected) == (1, 1)
    (row,) = rejected
    assert (row["reject_line"], row["reject_column"]) == ("3", column)
    assert says in row["reject_reason"]
    assert Case.objects.count() == 1


def test_a_rejects_file_that_was_mended_can_be_imported_in_its_turn(load: Load, tmp_path: Path) -> None:
    load(GOOD, "2026010110002,天上有東西,大同區貴德街,20260101,001200")
    mended = tmp_path / "mended.csv"
    mended.write_text((tmp_path / "rejects.csv").read_text("utf-8-sig").replace("天上有東西", "路樹處理"), "utf-8")
    declared = get("dispatches")
    mapping = Mapping.load(PACK / "imports" / "dispatches.toml", declared)
    report = run(declared, mended, mapping=mapping, rejects=tmp_path / "again.csv")
    assert (report.imported, report.rejected) == (1, 0)
    assert set(Case.objects.values_list("kind_code", flat=True)) == {"noise", "street_tree"}


def test_what_was_exported_comes_back_the_same(load: Load, tmp_path: Path) -> None:
    load(GOOD, "202501011,路樹處理,士林區福德路31巷3號,20250101,000411")
    before = list(Case.objects.order_by("source_number").values("source_number", "kind_code", "address", "received_at"))
    file = tmp_path / "out.csv"
    call_command("cityexport", "dispatches", output=file)
    declared = get("dispatches")
    again = run(declared, file, rejects=tmp_path / "r1.csv")
    assert (again.imported, again.unchanged, again.rejected) == (0, 2, 0)
    text = file.read_text("utf-8-sig").replace("taipei-1999", "another-system")
    file.write_text(text, "utf-8")
    copied = run(declared, file, rejects=tmp_path / "r2.csv")
    assert (copied.imported, copied.rejected) == (2, 0)
    after = Case.objects.filter(source="another-system").order_by("source_number")
    assert list(after.values("source_number", "kind_code", "address", "received_at")) == before


def test_real_records_of_every_year_add_up(taipei: None, shared_data: Path, tmp_path: Path) -> None:
    """Each fortieth line of each file: all the defects that the source is known for are among them."""
    folder = shared_data / "taipei-1999-dispatch"
    if not folder.is_dir():
        pytest.skip("the public data beside the repository is not there")
    file = tmp_path / "slice.csv"
    lines = 0
    with file.open("w", encoding="utf-8") as out:
        out.write(HEADER + "\n")
        for path in sorted(folder.glob("taipei_1999_20*.csv.gz")):
            with gzip.open(path, "rt", encoding="utf-8-sig") as records:
                for line in islice(records, 1, None, 40):
                    out.write(line)
                    lines += 1
    declared = get("dispatches")
    mapping = Mapping.load(PACK / "imports" / "dispatches.toml", declared)
    report = run(declared, file, mapping=mapping, rejects=tmp_path / "rejects.csv")
    assert report.read == lines == report.imported + report.unchanged + report.rejected
    assert lines > 9_000 and report.rejected < lines / 100, report.reasons
    assert Case.objects.count() == CaseEvent.objects.count() == report.imported
    assert Case.objects.filter(source_number__startswith="#").exists()
    figures.rebuild()
    counted = sum(value("servicerequests.requests", Period.year(year)).value for year in (2024, 2025, 2026))
    assert counted == report.imported
