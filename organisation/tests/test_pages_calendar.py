"""The public calendar: what it says of each day, and that it costs the same whatever was declared."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from foundation.clock import TAIPEI, now
from organisation.calendar import is_official_working_day
from organisation.directory import districts
from organisation.memory import forget
from organisation.models import CalendarOverride
from organisation.pages.year import COMPARED_YEARS, closures_of, months_of, official_days

NAMAXIA, LINGYA = "64000380", "64000080"
MONDAY = date(2022, 7, 25)


@pytest.fixture
def monday(city: Any) -> Iterator[None]:
    """It is Monday, 25 July 2022, ten in the morning."""
    with time_machine.travel(datetime(2022, 7, 25, 10, tzinfo=TAIPEI), tick=False):
        yield


def declared(day: date, *codes: str | None, kind: str = "closed", **said: Any) -> list[CalendarOverride]:
    said = {"reason": "颱風停止上班", "source": "市府公告", "declared_at": now()} | said
    rows = [CalendarOverride.objects.create(date=day, district_id=code, kind=kind, **said) for code in codes or (None,)]
    forget()
    return rows


def page(address: str = "/calendar/", client: Client | None = None) -> Any:
    response = (client or Client()).get(address)
    assert response.status_code == 200
    return response


def days(response: Any) -> dict[date, Any]:
    weeks = [week for month in response.context["months"] for week in month.weeks]
    return {day.date: day for week in weeks for day in week if day}


@pytest.mark.parametrize("year", COMPARED_YEARS)
def test_every_day_that_is_not_as_its_weekday_says_has_a_word(year: int) -> None:
    said = official_days(year)
    year_s_days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    unusual = {
        day for day in year_s_days if day.year == year and is_official_working_day(day) is not (day.weekday() < 5)
    }
    assert unusual <= set(said)
    # And nothing is called a holiday on which people work, but the days that make up for one.
    worked = {day for day in said if is_official_working_day(day)}
    assert worked == {day for day in unusual if day.weekday() >= 5}
    assert all(said[day].startswith("補行上班") for day in worked)


def test_a_bridge_day_and_its_saturday_name_each_other_even_across_years() -> None:
    assert official_days(2022)[date(2022, 2, 4)] == "調整放假，1 月 22 日補行上班"
    assert official_days(2022)[date(2022, 1, 22)] == "補行上班，2 月 4 日調整放假"
    assert official_days(2014)[date(2014, 12, 27)] == "補行上班，1 月 2 日調整放假"
    with override("en"):
        assert official_days(2022)[date(2022, 2, 4)] == "Day off, made up for on 22 January"
        assert official_days(2022)[date(2022, 10, 10)] == "National Day"
    assert official_days(2022)[date(2022, 10, 10)] == "國慶日"


def test_the_two_days_before_the_new_year_have_names_of_their_own() -> None:
    said = official_days(2026)
    assert [said[date(2026, 2, day)] for day in (15, 16, 17, 20)] == ["小年夜", "農曆除夕", "春節", "春節（補假）"]


def test_days_in_a_row_share_a_line() -> None:
    february = months_of(2022, [], MONDAY)[1]
    assert [(line.label, line.words) for line in february.lines] == [
        ("1–3 日（二–四）", ("春節",)),
        ("4 日（五）", ("調整放假，1 月 22 日補行上班",)),
        ("28 日（一）", ("和平紀念日",)),
    ]
    assert [day and day.date.day for day in february.weeks[0]] == [None, None, 1, 2, 3, 4, 5]


def test_the_page_of_a_year_says_what_each_day_is(monday: None) -> None:
    declared(date(2022, 7, 26))
    declared(date(2022, 7, 27), NAMAXIA, LINGYA, reason="豪雨停止上班")
    declared(date(2022, 7, 28), kind="afternoon_closed")
    declared(date(2022, 7, 30), kind="open", reason="補行上班")
    shown = days(page())
    kinds = {day: shown[date(2022, 7, day)].kind for day in range(24, 31)}
    assert kinds == {24: "weekend", 25: "", 26: "closed", 27: "partly", 28: "partly", 29: "", 30: "open"}
    assert shown[date(2022, 1, 22)].kind == "made-up" and shown[date(2022, 2, 4)].kind == "off"
    assert shown[date(2022, 7, 27)].words == ("豪雨停止上班（苓雅區、那瑪夏區，全日停止上班）",)
    assert [day for day, each in shown.items() if each.is_today] == [MONDAY]
    assert len(shown) == 365


def test_the_closures_stand_there_with_place_reason_and_source_and_the_withdrawn_ones_apart(monday: None) -> None:
    declared(date(2022, 7, 27), *list(districts())[:5], reason="<b>豪雨</b>", source="市府 7 月 26 日公告")
    declared(date(2022, 7, 28), revoked_at=now(), reason="誤報停班")
    declared(date(2021, 7, 28), reason="去年的颱風")
    response = page()
    (closure,) = response.context["closures"]
    assert closure.place == "鹽埕區、鼓山區、左營區、楠梓區、三民區" and closure.short_place == "5 個行政區"
    (withdrawn,) = response.context["withdrawn"]
    assert withdrawn.reason == "誤報停班"
    text = response.content.decode()
    assert "市府 7 月 26 日公告" in text and "去年的颱風" not in text
    assert "&lt;b&gt;豪雨" in text and "<b>豪雨" not in text
    assert days(response)[date(2022, 7, 28)].kind == ""
    assert "去年的颱風" in page("/calendar/2021/").content.decode()
    assert "這一年沒有宣告臨時停班" in page("/calendar/2020/").content.decode()


def test_rows_said_in_one_go_are_one_and_a_whole_city_is_never_a_part_of_it(monday: None) -> None:
    rows = [*declared(MONDAY, NAMAXIA, LINGYA), *declared(MONDAY)]
    assert [closure.place for closure in closures_of(rows)] == ["苓雅區、那瑪夏區", "全市"]


@pytest.mark.parametrize(
    ("day", "override", "words", "following"),
    [
        (date(2022, 7, 25), None, "今天照常上班", None),
        (date(2022, 7, 25), ("closed", None), "今天全市全日停止上班", "111 年 7 月 26 日（二）"),
        (date(2022, 7, 25), ("morning_closed", None), "今天全市上午停止上班", None),
        (date(2022, 7, 25), ("closed", NAMAXIA), "今天照常上班", None),
        (date(2022, 7, 23), None, "今天不上班", "111 年 7 月 25 日（一）"),
        (date(2022, 7, 23), ("open", None), "今天全市照常上班", None),
        (date(2022, 1, 29), None, "今天不上班", "111 年 2 月 7 日（一）"),
        (date(2022, 1, 22), None, "今天照常上班", None),
    ],
)
def test_today_comes_first(city: Any, day: date, override: Any, words: str, following: str | None) -> None:
    if override:
        declared(day, override[1], kind=override[0], reason="今天的理由")
    with time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=TAIPEI), tick=False):
        response = page()
    today = response.context["today"]
    text = response.content.decode()
    assert today["words"] == words
    assert ("下一個上班日是" in text) is (following is not None)
    assert following is None or f"下一個上班日是 {following}。" in text
    assert ("今天的理由" in text) is (override is not None)


def test_what_is_coming_is_announced_even_when_it_is_next_year(city: Any) -> None:
    CalendarOverride.objects.all().delete()  # the pack's own, which are later still
    declared(date(2023, 1, 3), reason="新年後的停班")
    declared(date(2022, 12, 30), reason="昨天的停班")
    with time_machine.travel(datetime(2022, 12, 31, 10, tzinfo=TAIPEI), tick=False):
        response = page()
        assert [closure.reason for closure in response.context["coming"]] == ["新年後的停班"]
        assert [closure.reason for closure in response.context["closures"]] == ["昨天的停班"]
        assert page("/calendar/2022/").context["coming"] and not page("/calendar/2023/").context["coming"]


def test_years_that_nobody_can_know_are_not_there(monday: None) -> None:
    for year in (2001, 2023):
        assert page(f"/calendar/{year}/").context["first"] == date(year, 1, 1)
    for year in (0, 2000, 2024, 9999, 10_000, 999_999_999):
        assert Client().get(f"/calendar/{year}/").status_code == 404
    assert "已與行政院人事行政總處公布的辦公日曆表逐日核對" in page().content.decode()
    assert "請以公布的為準" in page("/calendar/2016/").content.decode()


def test_it_is_for_reading_and_who_may_declare_finds_the_way(monday: None, staff: Any) -> None:
    (row,) = declared(date(2022, 7, 26))
    links = ("/calendar/closures/new/", f"/calendar/closures/{row.pk}/revocation/")
    assert Client().post("/calendar/").status_code == 405
    for role, unit, may in (("controller", "rdec-evaluation", True), ("case_officer", "pwb-roads", False)):
        client = Client()
        client.force_login(staff(role, unit))
        text = page(client=client).content.decode()
        assert [link in text for link in links] == [may, may]
    assert not any(link in page().content.decode() for link in links)


def test_it_costs_one_statement_whatever_was_declared(monday: None) -> None:
    def statements() -> int:
        page()  # the directory and the closures in memory
        with CaptureQueriesContext(connection) as captured:
            page()
        return len(captured)

    declared(date(2022, 7, 26))
    assert statements() == 1
    for day in range(1, 21):
        declared(date(2022, 8, day), *districts())
    assert statements() == 1


def test_it_speaks_english(city: Any) -> None:
    declared(date(2022, 7, 26), NAMAXIA, reason="豪雨停止上班")
    with time_machine.travel(datetime(2022, 7, 24, 10, tzinfo=TAIPEI), tick=False):
        text = page(client=Client(headers={"accept-language": "en"})).content.decode()
    assert "Working calendar 2022" in text and "The offices are closed today" in text
    assert "They open again on 2022-07-25 (Mon)." in text
    assert "2022-07-26 (Tue)</time></b> 豪雨停止上班 (Namaxia District: Closed all day)" in text
    assert "Working day that makes up for 4 February" in text and "Tue–Thu 1–3" in text
