"""Other systems' dispatch records become cases or rejects, and nothing in between."""

import csv
from pathlib import Path

import pytest
from django.conf import settings

from cases.models import Case, CaseEvent
from figures.actions import drain
from figures.queries import value
from figures.registry import Period
from foundation.imports import Mapping, get, run
from search.queries import matching
from servicerequests.imports.addresses import tidy

pytestmark = pytest.mark.django_db

MAPPING = Path(settings.BASE_DIR) / "packs" / "kaohsiung" / "imports" / "potholes.toml"
HEADER = "file_no,district,created_at,lat,lng,src"
LINES = [
    "INS1,苓雅區,2017-01-02 12:40:10,22.6205,120.3121,a",  # as it should be
    "INS2,那瑪夏,2017-01-02 12:41:10,,,a",  # a district without its 區, no point
    "INS3,,2017-01-02 12:42:10,22.6205,120.3121,a",  # no district, but a point in one
    "INS4,,2017-01-02 12:43:10,,,a",  # nowhere: rejected
    "INS5,前鎮區,2017-01-02 12:44:10,22.6205,120.3121,a",  # a point in another district than the stated one
    "INS6,前鎮區,2017-01-02 12:45:10,25.0330,121.5654,a",  # a point outside the city
    "INS7,前鎮區,yesterday,,,a",  # no date: rejected
    "INS8,信義區,2017-01-02 12:46:10,,,a",  # no district of this city: rejected
    "INS1,苓雅區,2017-01-02 12:40:10,22.6205,120.3121,a",  # the first once more
    "INS9,苓雅區,2017-01-02 12:47:10,22.6205,,a",  # half a point: rejected
]


@pytest.fixture
def potholes(tmp_path, city):
    file = tmp_path / "potholes.csv"
    file.write_text("\n".join([HEADER, *LINES]) + "\n", "utf-8")

    def load(**options):
        declared = get("dispatches")
        rejects = tmp_path / "rejects.csv"
        report = run(declared, file, mapping=Mapping.load(MAPPING, declared), rejects=rejects, **options)
        with rejects.open(encoding="utf-8-sig") as lines:
            return report, list(csv.DictReader(lines))

    return load


def test_every_line_is_a_case_or_a_reject(potholes):
    report, rejected = potholes()
    assert (report.read, report.imported, report.unchanged, report.rejected) == (10, 5, 0, 5)
    assert [row["file_no"] for row in rejected] == ["INS4", "INS7", "INS8", "INS1", "INS9"]
    assert all(row["reject_reason"] for row in rejected)
    cases = {case.source_number: case for case in Case.objects.for_list()}
    assert cases["INS2"].district.name == "那瑪夏區" and cases["INS3"].district.name == "苓雅區"
    assert cases["INS5"].district.name == "前鎮區" and cases["INS5"].lat is not None
    assert "苓雅區" in CaseEvent.objects.get(case=cases["INS5"]).text
    assert cases["INS6"].lat is None and "25.033" in CaseEvent.objects.get(case=cases["INS6"]).text


def test_the_second_time_changes_nothing(potholes):
    potholes()
    again, _rejected = potholes()
    assert (again.imported, again.unchanged, again.rejected) == (0, 5, 5)
    assert Case.objects.count() == CaseEvent.objects.count() == 5


def test_a_dry_run_writes_nothing(potholes):
    report, rejected = potholes(dry_run=True)
    assert (report.imported, len(rejected)) == (5, 5)
    assert not Case.objects.exists()


def test_history_counts_as_received_and_as_nothing_else(potholes):
    potholes()
    drain()
    year = Period.year(2017)
    assert value("servicerequests.dispatches", year).value == 5
    assert value("servicerequests.done", year).value == 0
    assert value("servicerequests.open", year).value == value("servicerequests.late", year).value == 0
    assert Case.objects.filter(matching("cases.case", "INS5")).get().state == "imported"


@pytest.mark.parametrize(
    ("messy", "clean"),
    [
        ("松山區105台灣台北市松山區光復北路190巷30號", "松山區光復北路190巷30號"),
        ("松山區臺北市松山區復盛里015鄰八德路四段７２巷１６弄１４號", "松山區復盛里八德路四段72巷16弄14號"),
        ("松山區臺北市臺北市松山區中正里南京東路三段337之1號", "松山區中正里南京東路三段337之1號"),
        ("松山區重慶南路三段-汀州路二段", "松山區重慶南路三段-汀州路二段"),
        ("松山區No. 18, Yongkang St Ln 4", "松山區No. 18, Yongkang St Ln 4"),
    ],
)
def test_addresses_say_things_once(messy, clean):
    assert tidy(messy, "松山區", ("台北市", "臺北市")) == clean


def test_the_real_records_add_up(shared_data, city, tmp_path):
    file = shared_data / "kcg-1999-potholes" / "kcg_potholes_1999.csv"
    if not file.exists():
        pytest.skip("the public data beside the repository is not there")
    declared = get("dispatches")
    report = run(declared, file, mapping=Mapping.load(MAPPING, declared), rejects=tmp_path / "rejects.csv")
    assert report.read == 9538 == report.imported + report.rejected
    assert Case.objects.count() == report.imported
