"""The board: every number a reading of figures, each table as CSV, a fixed price, and addresses that mean something."""

import csv
import io
import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.pages.requests import BREAKDOWNS, COLUMNS
from figures import actions as figures
from figures.registry import figure
from tests.years import BY_MONTH, DONE, HAPPENED, LINGYA, ON_TIME

pytestmark = pytest.mark.django_db

LINGYA_CODE = "64000080"


def page(query: str = "") -> str:
    answer = Client().get("/dashboard/" + query)
    assert answer.status_code == 200
    return answer.content.decode()


def tables(text: str) -> dict[str, list[list[str]]]:
    """The tables of the page by caption: rows of cells as they read, without thousands."""
    found = {}
    for table in re.findall(r"<table>.*?</table>", text, re.S):
        rows = [re.findall(r"<t[hd].*?</t[hd]>", row, re.S) for row in re.findall(r"<tr>.*?</tr>", table, re.S)]
        rows = [[unescape(re.sub(r"<[^>]+>", "", cell)).strip().replace(",", "") for cell in row] for row in rows]
        found[re.search(r"<caption[^>]*>(.*?)</caption>", table)[1]] = rows
    return found


def rows_of(by: str, query: str = "") -> list[list[str]]:
    answer = Client().get(f"/dashboard/requests-by-{by}.csv{query}")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_board_counts_what_happened(year):
    found = tables(page("?year=2022"))
    months = {row[0]: row[1:] for row in found["每月"][1:]}
    assert len(months) == 13
    for month in range(1, 13):
        assert months[f"{month} 月"][0] == str(BY_MONTH.get(month, 0)), month
    received, done, on_time, rate, open_, late = months["全年"]
    assert (received, done, on_time, rate) == (str(len(HAPPENED)), str(DONE), str(ON_TIME), "85.7")
    assert (open_, late) == ("1", "1")  # one petition was never answered
    kinds = {row[0]: row[1:] for row in found["各種類"][1:]}
    assert kinds["路面坑洞"][:3] == ["4", "4", "3"] and kinds["其他陳情"][:2] == ["2", "1"]
    assert set(kinds) == {"路面坑洞", "路燈不亮", "噪音", "其他陳情", "合計"}  # rows of nothing are left out
    districts = {row[0]: row[1:] for row in found["各行政區"][1:]}
    assert districts["苓雅區"][0] == "4" and districts["合計"][0] == "8"


@pytest.mark.parametrize("by", BREAKDOWNS)
@pytest.mark.parametrize("query", ["?year=2022", f"?year=2022&district={LINGYA_CODE}", "?year=2022&kind=pothole"])
def test_the_csv_is_the_table(year, by, query):
    shown = tables(page(query))[str(BREAKDOWNS[by])]
    taken = rows_of(by, query)
    assert len(taken) == len(shown) and len(taken[0]) == len(COLUMNS) + 1
    for mine, theirs in zip(taken[1:], shown[1:], strict=True):
        assert mine[0] == theirs[0]
        # Values as numbers, where the page writes words for what has no value.
        assert [value or "尚無資料" for value in mine[1:]] == theirs[1:], mine[0]


def test_the_page_links_to_the_csv_of_what_it_shows(year):
    text = page(f"?year=2022&district={LINGYA_CODE}")
    for by in BREAKDOWNS:
        assert f'href="/dashboard/requests-by-{by}.csv?year=2022&amp;district={LINGYA_CODE}"' in text


def test_it_asks_the_same_number_of_times_whatever_the_citys_size(report, staff, year):
    def cost() -> list[str]:
        with CaptureQueriesContext(connection) as said:
            page("?year=2022")
        return [query["sql"] for query in said]

    report(received_at=year[0].received_at.replace(year=2021))
    figures.rebuild()
    cost()
    before = cost()
    for i in range(30):
        report("waste", received_at=year[0].received_at, lat=22.62 + i / 300)
    figures.rebuild()
    after = cost()
    assert len(before) == len(after) <= 30, (len(before), len(after))
    # Nothing is counted here: a year that is over is read from what `figures` keeps.
    assert not [sql for sql in after if "cases_case" in sql]


def test_a_choice_narrows_every_number(year):
    everywhere, here = page("?year=2022"), page(f"?year=2022&district={LINGYA_CODE}")
    lingya = [row for row in HAPPENED if row[2] is LINGYA]
    assert tables(here)["每月"][-1][1] == str(len(lingya)) != tables(everywhere)["每月"][-1][1]
    potholes = tables(page(f"?year=2022&kind=pothole&district={LINGYA_CODE}"))
    assert potholes["每月"][-1][1] == "3"
    assert "selected>苓雅區" in here and "看全市" in here and "看全市" not in everywhere


@pytest.mark.parametrize(
    "query", ["?district=99999999", "?district=x", "?kind=ufo", "?district=64000080&kind=%27", "?kind=%00"]
)
def test_what_the_city_does_not_have_is_not_found(year, query):
    assert Client().get("/dashboard/" + query).status_code == 404
    assert Client().get("/dashboard/requests-by-kind.csv" + query).status_code == 404


def test_an_unknown_table_is_not_found(year):
    assert Client().get("/dashboard/requests-by-officer.csv").status_code == 404


@pytest.mark.parametrize("odd", ["year=x", "year=1", "year=99999", "year=-1", "map=x", "year="])
def test_an_odd_year_or_map_shows_the_newest_year_that_says_something(year, odd):
    text = page("?" + odd)
    assert "民國 111 年" in text and tables(text)["每月"][-1][1] == "8"


def test_the_big_numbers_compare_with_the_year_before(report, staff, year):
    assert "比前一年" not in page("?year=2022")  # there is nothing to compare with
    before = report(received_at=year[0].received_at.replace(year=2021))
    figures.rebuild(2021)
    text = page("?year=2022")
    assert "▲ 比前一年多 7 件" in text
    assert before.on_time is None


def test_a_number_that_is_bad_news_is_marked(year):
    cards = re.findall(r'<li class="card stat([^"]*)">(.*?)</li>', page("?year=2022"), re.S)
    marked = [re.search(r'stat-label">(.*?)<', card)[1] for classes, card in cards if "stat-late" in classes]
    assert marked == ["逾期未完成案件"] and len(cards) == 4


def test_every_number_leads_to_its_definition_and_sums(year):
    text = page("?year=2022")
    links = {unescape(link) for link in re.findall(r'<a class="figure [^"]*" href="([^"]+)"', text)}
    assert len(links) > 40
    client = Client()
    for link in sorted(links)[::9]:
        answer = client.get(link)
        assert answer.status_code == 200, link
    first = client.get("/figures/servicerequests.requests/2022/").content.decode()
    assert str(figure("servicerequests.requests").definition) in first and ">8<" in first


def test_sentences_say_what_the_pictures_show(year):
    text = page("?year=2022")
    assert "1 月最多：受理案件 3 件。" in text  # the first of equals
    assert "路面坑洞最多：受理案件 4 件。" in text
    rate = page("?year=2022&map=servicerequests.on_time_rate")
    assert "苓雅區最高：期限內完成率 100.0 %。" in rate and "各區期限內完成率" in rate


def test_the_map_has_the_tables_numbers_and_keeps_what_was_chosen(year):
    text = page("?year=2022&kind=pothole&map=servicerequests.done_late")
    assert "逾期完成" not in text.split("tabs")[0]
    areas = json.loads(re.search(r'<script id="areas" type="application/json">(.*?)</script>', text)[1])
    assert areas["values"][LINGYA_CODE] == 3
    assert areas["urls"][LINGYA_CODE] == f"?year=2022&kind=pothole&district={LINGYA_CODE}"
    late = json.loads(
        re.search(
            r'<script id="areas" type="application/json">(.*?)</script>', page("?year=2022&map=servicerequests.late")
        )[1]
    )
    assert sum(late["values"].values()) == 1


def test_a_city_without_a_case_has_a_board(city):
    text = page()
    assert "這段期間沒有受理案件。" in text and "這段期間沒有資料。" in text


def test_the_board_speaks_english(year):
    client = Client()
    client.cookies["django_language"] = "en"
    text = client.get("/dashboard/?year=2022").content.decode()
    main = text.split("<main")[1].split("</main>")[0]
    assert "Pothole" in main and "2022" in main
    words = re.sub(r'<script.*?</script>|data-[a-z-]+="[^"]*"', "", main, flags=re.S)
    assert not re.findall(r"[一-鿿]+", words)
