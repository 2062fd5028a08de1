"""Chapter five on the web: the numbers of the report, computed, and each leading to where it comes from."""

import csv
import re
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annualreport import markup
from annualreport.registry import RESULTS, kind
from cases.models import Case
from figures import actions as figures
from figures.registry import Period, registry
from tests.years import APP, DISPATCHES, DONE, PETITIONS

pytestmark = pytest.mark.django_db

# What the city's own report of ROC year 111 prints in this chapter and this issue covers.
PRINTED = {
    "servicerequests.petitions": "215,876",
    "servicerequests.dispatches": "99,781",
    "servicerequests.dispatches_monthly_mean": "8,315",
    "servicerequests.dispatch_sla_hours": "4",
    "servicerequests.app_cases": "4,351",
}


def named() -> set[str]:
    """The figures that the pack's texts of the chapter name."""
    texts = [node.text_zh for node in kind(RESULTS).nodes if f"{node.code}.".startswith("5.")]
    return {number.code for text in texts for number in markup.numbers(markup.parse(text).blocks)}


def words(text: str) -> str:
    """The text of a page as it reads."""
    main = text.split("<main")[-1].split("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", main)))


def chapter(year: int = 111, language: str = "zh-hant") -> str:
    client = Client()
    client.cookies["django_language"] = language
    answer = client.get(f"/annual-report/{year}/5/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_chapter_prints_every_figure_that_the_citys_report_does():
    printed = named()
    assert set(PRINTED) <= printed
    for code in printed:
        registry.figure(code)  # declared
    seed = Path(__file__).resolve().parents[3] / "shared" / "figures_111.csv"
    if seed.exists():
        with seed.open(encoding="utf-8-sig") as file:
            wanted = {row[0]: row[3] for row in csv.reader(file) if row[0] in PRINTED}
        assert wanted == {code: number.replace(",", "") for code, number in PRINTED.items()}


def test_its_numbers_are_counted_from_records(year):
    text = words(chapter())
    assert "這份報告還沒有公布" in text
    assert f"處理民眾陳情案 {PETITIONS} 件及派工案件 {DISPATCHES} 件" in text
    assert "應於 4 小時內完成" in text
    assert f"經由 App 反映案件共 {APP} 件" in text
    assert f"完成案件 {DONE} 件，其中 85.7% 在期限內完成" in text
    # The median of 2, 3, 30, 9, 5, 1 and 48 hours.
    assert "處理時間中位數 5.0 小時" in text


def test_a_number_changes_with_its_records_and_not_before_they_are_counted(year, report):
    before = chapter()
    report("noise", received_at=year[0].received_at)
    assert words(chapter()) == words(before)
    figures.drain()
    assert f"處理民眾陳情案 {PETITIONS + 1} 件" in words(chapter())


def test_each_number_leads_to_its_definition_its_sums_and_its_records(year):
    text = chapter()
    links = [unescape(link) for link in re.findall(r'<a class="figure" href="([^"]+)"', text)]
    client = Client()
    for code in sorted(named()):
        address = f"/figures/{code}/2022/"
        assert address in links
        page = client.get(address)
        assert page.status_code == 200
        assert str(registry.figure(code).definition) in unescape(page.content.decode())
        assert code in text
    records = client.get("/figures/servicerequests.petitions/2022/records/").content.decode()
    for case in year:
        assert (str(case.number) in records) == (case.kind.family.code == "petition")
    petition = next(case for case in year if case.kind_code == "petition")
    assert f'href="/track/{petition.number}/"' in records
    assert petition.description not in records and "citizen@example.com" not in records
    # And the number is exactly as long as its list.
    assert len(set(re.findall(r"P111-\d{7}", records))) == PETITIONS


def test_a_closed_year_shows_a_later_correction_as_one(year, staff):
    figures.freeze(Period.year(2022))
    Case.objects.filter(pk=year[0].pk).update(channel="app")
    figures.rebuild(2022, reason="管道登錄錯誤")
    text = words(chapter())
    assert f"經由 App 反映案件共 {APP} 件" in text  # what was published stays
    assert f"目前為 {APP + 1}" in text


def test_it_costs_the_same_whatever_the_citys_size(year, report):
    def cost() -> int:
        with CaptureQueriesContext(connection) as said:
            chapter()
        return len(said)

    cost()
    before = cost()
    for _i in range(20):
        report("waste", received_at=year[0].received_at)
    figures.rebuild(2022)
    assert cost() == before <= 15


def test_the_years_are_listed_with_records_the_newest_first(year, report):
    report(received_at=year[0].received_at.replace(year=2020))
    figures.rebuild(2020)
    text = Client().get("/annual-report/").content.decode()
    years = re.findall(r'href="/annual-report/(\d+)/5/"', text)
    assert years == ["111", "109"]
    assert 'href="/reports/results/111.pdf"' in text


def test_a_city_without_records_says_so(city):
    assert "還沒有可以報告的年度" in Client().get("/annual-report/").content.decode()
    assert "－" in words(chapter())  # shares of nothing have no value


@pytest.mark.parametrize(
    "address",
    [
        "/annual-report/111/9/", "/annual-report/111/0/", "/annual-report/103/5/", "/annual-report/999/5/",
        "/annual-report/111/9.pdf", "/annual-report/1110/5.pdf", "/annual-report/111/5/?version=1",
        "/reports/x/111/", "/reports/analysis/111/", "/reports/results/2022-08/", "/reports/results/111.exe",
    ],
)  # fmt: skip
def test_what_was_never_written_is_not_found(city, address):
    assert Client().get(address).status_code == 404


def test_the_year_alone_has_the_whole_outline_and_its_files(city):
    text = Client().get("/annual-report/111/").content.decode()
    for node in kind(RESULTS).nodes:
        assert node.title_zh in text
    assert 'href="/annual-report/111/5/#s5.4.3"' in text and 'href="/reports/results/111.odt"' in text


def test_the_chapter_speaks_english(year):
    text = words(chapter(language="en"))
    assert "Pothole" in text and "5.4.3 Dispatches" in text
    assert not re.findall("[一-鿿]+", text.split("PDF", 1)[1])


def test_a_city_whose_pack_has_no_reports_says_so(city, monkeypatch):
    monkeypatch.setattr("annualreport.pages.reading.kinds", dict)
    assert "還沒有可以報告的年度" in Client().get("/annual-report/").content.decode()
    assert Client().get("/annual-report/111/5/").status_code == 404
