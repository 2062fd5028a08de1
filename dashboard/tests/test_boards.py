"""The boards: every number a reading of figures, each table as CSV, a fixed price, addresses that mean something."""

import csv
import io
import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from dashboard import tabling
from dashboard.actions import change_board, load_boards
from dashboard.choosing import Choice
from dashboard.models import Board, BoardChange, Chart
from dashboard.reading import tell
from dashboard.showing import shown
from figures import actions as figures
from figures.models import Observation
from figures.registry import figure
from foundation.clock import TAIPEI
from tests.years import BY_MONTH, DONE, HAPPENED, LINGYA, ON_TIME

pytestmark = pytest.mark.django_db

LINGYA_CODE = "64000080"
REQUESTS = "/dashboard/requests/"


def page(query: str = "?year=2022", address: str = REQUESTS) -> str:
    answer = Client().get(address + query)
    assert answer.status_code == 200
    return answer.content.decode()


def tables(text: str) -> dict[str, list[list[str]]]:
    """The tables of the page by caption: rows of cells as they read, without thousands."""
    found = {}
    for table in re.findall(r"<table>.*?</table>", text, re.S):
        rows = [re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", table, re.S)]
        rows = [[unescape(re.sub(r"<[^>]+>", "", cell)).strip().replace(",", "") for cell in row] for row in rows]
        found[re.search(r"<caption[^>]*>(.*?)（", table)[1]] = rows
    return found


def lines(title: str, query: str = "?year=2022", address: str = REQUESTS) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in tables(page(query, address))[title][1:]}


def test_the_board_counts_what_happened(year):
    months = lines("每月統計")
    assert len(months) == 13
    for month in range(1, 13):
        assert months[f"{month} 月"][0] == str(BY_MONTH.get(month, 0)), month
    assert months["合計"] == [str(len(HAPPENED)), str(DONE), str(ON_TIME), "85.7", "1", "1"]
    kinds = lines("各種類統計")
    assert kinds["路面坑洞"][:3] == ["4", "4", "3"] and kinds["其他陳情"][:2] == ["2", "1"]
    assert set(kinds) == {"路面坑洞", "路燈不亮", "噪音", "其他陳情", "合計"}  # rows of nothing are left out
    assert lines("各行政區統計")["苓雅區"][0] == "4"


def test_months_are_put_together_as_their_figures_allow(year):
    found = lines("各行政區統計", "?year=2022&from=1&to=3")
    received, done, on_time, rate, open_, late = found["合計"]
    assert (received, done, on_time, rate) == ("5", "5", "4", "80.0")  # the rate from its parts, not from its months
    assert (open_, late) == ("0", "0")  # what was open at the end of March
    numbers = re.findall(r'<li class="card stat.*?</li>', page("?year=2022&from=1&to=3"), re.S)
    assert "5" in numbers[0] and "尚無資料" in numbers[2]  # no median of three months is known from their medians


def test_a_choice_narrows_every_number(year):
    lingya = [row for row in HAPPENED if row[2] is LINGYA]
    assert lines("每月統計", f"?year=2022&district={LINGYA_CODE}")["合計"][0] == str(len(lingya)) != str(len(HAPPENED))
    assert lines("每月統計", f"?year=2022&kind=pothole&district={LINGYA_CODE}")["合計"][0] == "3"
    text = page(f"?year=2022&district={LINGYA_CODE}")
    assert "selected>苓雅區" in text and "看全市全年" in text and "看全市全年" not in page()
    # A table by district still has them all; the chosen one stands out.
    assert "三民區" in lines("各行政區統計", f"?year=2022&district={LINGYA_CODE}")
    assert '<tr class=chosen><th scope="row">苓雅區' in text


def test_a_figure_that_cannot_be_narrowed_says_so(year):
    text = page(f"?year=2022&district={LINGYA_CODE}", "/dashboard/channels/")
    assert "這張圖不受所選的行政區影響。" in text
    hours = lines("一週之中什麼時候通報", "?year=2022", "/dashboard/channels/")
    # Eight o'clock of three weekdays: 8 January 2022 was a Saturday, 8 March a Tuesday, 8 August a Monday.
    assert hours["9"][5] == "3" and hours["9"][1] == "2" and hours["9"][0] == "3" and hours["8"] == ["—"] * 7


@pytest.mark.parametrize("query", ["?year=2022", f"?year=2022&district={LINGYA_CODE}", "?year=2022&from=2&to=8"])
def test_the_csv_is_the_table(year, query):
    found = tables(page(query))
    for title in ("各行政區統計", "每月受理與完成"):
        chart = Chart.objects.get(board__slug="requests", title=title)
        answer = Client().get(f"{REQUESTS}{chart.pk}.csv{query}")
        taken = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert len(taken) == len(found[title])
        for mine, theirs in zip(taken[1:], found[title][1:], strict=True):
            assert [value or "—" for value in mine] == theirs


def test_a_board_of_twelve_charts_costs_six_statements_and_300_kb(report, staff, year):
    Chart.objects.filter(board__slug="requests", title="每月統計").delete()
    assert Chart.objects.filter(board__slug="requests").count() == 12

    def cost(query: str) -> tuple[int, int]:
        page(query)
        with CaptureQueriesContext(connection) as said:
            text = page(query)
        # Nothing is counted here: a year that is over is read from what `figures` keeps.
        return len(said), len(text.encode())

    before = cost("?year=2022")
    for i in range(30):
        report("waste", received_at=year[0].received_at, lat=22.62 + i / 300)
    figures.rebuild()
    after = cost("?year=2022")
    assert before[0] == after[0] <= 6
    assert cost(f"?year=2022&district={LINGYA_CODE}")[0] <= 6
    assert after[1] < 200_000  # the page; its style sheets and script are 60 KB


@pytest.mark.parametrize("query", ["?district=99999999", "?district=x", "?kind=ufo", "?kind=%00"])
def test_what_the_city_does_not_have_is_not_found(year, query):
    assert Client().get(REQUESTS + query).status_code == 404


@pytest.mark.parametrize("odd", ["year=x", "year=1", "year=99999", "year=", "from=0&to=13", "from=x"])
def test_an_odd_year_or_month_shows_the_newest_year_that_says_something(year, odd):
    text = page("?" + odd)
    assert "民國 111 年 ·" in text


def test_the_numbers_compare_with_the_year_before(report, year):
    assert "比前一年" not in page()  # there is nothing to compare with
    report(received_at=year[0].received_at.replace(year=2021))
    figures.rebuild(2021)
    assert "比前一年多 7 件" in page()


def test_a_number_that_is_bad_news_is_marked(year):
    marked = re.findall(r'<li class="card stat stat-late".*?stat-label"><a[^>]*>(.*?)</a>', page(), re.S)
    assert marked == ["逾期未完成案件"]


def test_every_number_leads_to_its_definition_and_sums(year):
    links = {unescape(link) for link in re.findall(r'<a class="figure[^"]*" href="([^"]+)"', page())}
    assert len(links) > 40
    for link in sorted(links)[::15]:
        assert Client().get(link).status_code == 200, link
    first = Client().get("/figures/servicerequests.requests/2022/").content.decode()
    assert str(figure("servicerequests.requests").definition) in first and ">8<" in first


def test_sentences_say_what_the_pictures_show(year):
    text = page()
    assert "1 月的受理案件最多，3 件；2 月最少，0 件。" in text  # the first of equals
    assert "路面坑洞的受理案件最多，4 件，占 50.0%" in text
    assert "苓雅區的期限內完成率最高，100.0 %；三民區最低" in text
    chart = Chart.objects.get(title="各管道占比")
    alone = page("?year=2022", f"/dashboard/channels/{chart.pk}/")
    assert "占 50.0%" in alone and "受理案件" in alone and "/figures/servicerequests.requests/" in alone


def test_topics_are_found_by_words_category_and_agency(year):
    def found(query: str) -> list[str]:
        return re.findall(r'<h2><a href="/dashboard/([a-z-]+)/">', page(query, "/dashboard/"))

    assert "pwb-desk" not in found("") and len(found("")) == 12
    assert found("?q=噪音") == ["environment"] and found("?agency=police") == ["traffic"]
    assert found("?category=roads") == ["roads"] and found("?q=沒有這種事") == []


def test_the_topics_of_a_city_fit(year):
    text = page("", "/dashboard/")
    topics = Chart.objects.filter(board__audience="public").count()
    assert topics >= 72 and f"{topics} 個主題" in text and len(text.encode()) < 60_000


def test_a_city_without_a_case_has_boards(boards):
    for board in Board.objects.public():
        assert Client().get(f"/dashboard/{board.slug}/?from=1&to=6").status_code == 200, board.slug
    assert "沒有資料" in page("?from=1&to=6", "/dashboard/channels/")


def test_who_may_see_which_board(year, staff, client):
    def seen(user) -> set[str]:
        return set(Board.objects.visible_to(user).values_list("slug", flat=True))

    officer, elsewhere, controller = (
        staff("case_officer", "pwb-roads"),
        staff("case_officer", "epb-inspection"),
        staff("controller"),
    )
    assert "pwb-desk" in seen(officer) and "pwb-desk" not in seen(elsewhere)
    assert {"pwb-desk", "control-room"} <= seen(controller) and "control-room" not in seen(officer)
    assert Client().get("/dashboard/pwb-desk/").status_code == 404
    client.force_login(officer)
    assert client.get("/dashboard/pwb-desk/").status_code == 200


def test_the_pack_is_loaded_once_and_what_was_edited_stays(city, staff):
    assert load_boards() == Board.objects.count() > 5
    assert load_boards() == 0
    board = Board.objects.get(slug="requests")
    Board.objects.filter(pk=board.pk).update(pack_digest="of an older pack", title="舊的")
    assert load_boards() == 1 and Board.objects.get(pk=board.pk).title == "派工與陳情"
    board.refresh_from_db()
    board.title = "市民的事"
    change_board(board, staff("editor"))
    Board.objects.filter(pk=board.pk).update(pack_digest="of an older pack")
    assert load_boards() == 0 and Board.objects.get(pk=board.pk).title == "市民的事"
    change = BoardChange.objects.first()
    assert (change.before["title"], change.after["title"]) == ("派工與陳情", "市民的事")


def test_the_boards_speak_english(year):
    client = Client()
    client.cookies["django_language"] = "en"
    for address in ("/dashboard/", REQUESTS, "/dashboard/channels/"):
        main = client.get(f"{address}?year=2022").content.decode().split("<main")[1].split("</main>")[0]
        assert "Requests" in main or "channel" in main
        assert not re.findall(r"[一-鿿]+", main), address


@time_machine.travel(datetime(2023, 3, 15, 12, tzinfo=TAIPEI), tick=False)
def test_a_line_up_to_the_present_goes_on_as_a_forecast(boards):
    week = (320, 322, 321, 320, 324, 255, 238)
    Observation.objects.bulk_create(
        Observation(
            figure="servicerequests.requests", grain="day", period=date(2023, 3, 14) - timedelta(days=n),
            value=week[n % 7] + n % 5, computed_at=datetime(2023, 3, 15, tzinfo=TAIPEI),
        )
        for n in range(120)
    )  # fmt: skip
    chart = Chart.objects.get(title="最近 30 天每日受理")
    address, asked = f"/screens/{chart.board.screen_key}/", []
    for kind in ("bar", "line", "bar", "line"):  # the first two fill what is remembered
        Chart.objects.filter(pk=chart.pk).update(kind=kind)
        with CaptureQueriesContext(connection) as statements:
            text = Client().get(address).content.decode()
        asked.append(len(statements))
    assert asked[2] == asked[3]
    part = text[text.index(chart.title) :]
    assert "推估3 月 15 日" in part and 'class="line l1 ahead"' in part
    (told,) = tell([chart], Choice(2023))
    assert '<th scope="row">3 月 28 日（推估）</th>' in tabling.table(chart, told)
    assert "推估" not in str(tabling.rows(chart, told))  # a file has what was counted
    (narrowed,) = tell([chart], Choice(2023, dims={"district": LINGYA_CODE}))
    assert narrowed.forecast is None  # of the district nothing is known


def test_a_reader_sees_numbers_of_some_seconds_ago_and_what_was_changed_on_the_board_at_once(staff, year, settings):
    settings.BOARD_SECONDS = 15.0
    editor = Client()
    editor.force_login(staff("board_editor"))
    before = page()
    Observation.objects.filter(figure="servicerequests.requests", by="").update(value=4711)
    with CaptureQueriesContext(connection) as said:
        assert page() == before
    assert len(said) == 1  # whether the reader may see it is asked each time
    assert "4,711" not in editor.get(REQUESTS + "?year=2022").content.decode()
    assert "4,711" in page("?year=2022&from=1&to=12")  # another question, another answer
    Board.objects.filter(slug="requests").update(is_published=False)
    assert Client().get(REQUESTS + "?year=2022").status_code == 404
    Board.objects.filter(slug="requests").update(is_published=True)
    chart = Chart.objects.filter(board__slug="requests").first()
    Chart.objects.filter(pk=chart.pk).update(title="改了名字的圖")
    assert "改了名字的圖" in editor.get(REQUESTS + "?year=2022").content.decode()
    assert "改了名字的圖" in page()
    Observation.objects.filter(figure="servicerequests.requests", by="").update(value=5813)
    settings.BOARD_SECONDS = 0.0
    assert "5,813" in page()


def test_a_chart_is_made_again_only_where_its_values_its_words_or_the_language_differ(staff, year):
    charts, chosen = list(Chart.objects.filter(board__slug="requests").order_by("pk")), Choice(2022)
    first = shown(charts, chosen)
    assert all(again is part for again, part in zip(shown(charts, chosen), first, strict=True))
    with override("en"):
        assert shown(charts, chosen)[0].card != first[0].card
    number = next(n for n, chart in enumerate(charts) if chart.figures == ["servicerequests.requests"])
    Observation.objects.filter(figure="servicerequests.requests", by="").update(value=4711)
    changed = shown(charts, chosen)
    assert changed[number] is not first[number] and "4,711" in changed[number].card
    assert any(again is part for again, part in zip(changed, first, strict=True))
    charts[number].title = "換了名字"
    assert "換了名字" in shown(charts, chosen)[number].card
