"""The calendar of the Republic: to and fro."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation import roc
from foundation.templatetags import city


def test_years_count_from_1912() -> None:
    assert roc.roc_year(date(1912, 1, 1)) == 1
    assert roc.roc_year(date(2022, 3, 5)) == 111
    assert roc.roc_year(date(1911, 12, 31)) == 0


def test_how_dates_are_written() -> None:
    assert roc.roc_date(date(2022, 3, 5)) == "111 年 3 月 5 日"
    assert roc.roc_month(date(2022, 3, 5)) == "111 年 3 月"
    assert roc.roc_short(date(2022, 3, 5)) == "111/03/05"
    assert roc.roc_short(date(2010, 12, 31)) == "099/12/31"
    assert roc.roc_date(date(1911, 10, 10)) == "民國前 1 年 10 月 10 日"
    assert roc.roc_short(date(1895, 4, 17)) == "前17/04/17"


def test_a_moment_is_told_on_taipeis_clocks() -> None:
    new_years_eve_in_london = datetime(2021, 12, 31, 18, 30, tzinfo=UTC)
    assert roc.roc_datetime(new_years_eve_in_london) == "111/01/01 02:30"
    assert roc.roc_year(new_years_eve_in_london) == 111


@pytest.mark.parametrize(
    "text",
    ["111/3/5", "111-03-05", "111.3.5", "1110305", "民國 111 年 3 月 5 日", "111年3月5日", "2022/3/5", " 111/03/05 "],
)
def test_what_people_type_is_read(text: str) -> None:
    assert roc.parse_roc(text) == date(2022, 3, 5)


@pytest.mark.parametrize("text", ["", "111", "111/2/30", "111/13/1", "abc", "1113", "111/3/5 10:00", "0/0/0"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        roc.parse_roc(text)


@given(st.dates(min_value=date(1912, 1, 1), max_value=date(2910, 12, 31)))
def test_written_and_read_again_is_the_same_day(day: date) -> None:
    assert roc.parse_roc(roc.roc_date(day)) == day
    assert roc.parse_roc(roc.roc_short(day)) == day


@given(st.dates(min_value=date(1912, 1, 1), max_value=date(2910, 12, 31)), st.dates(min_value=date(1912, 1, 1)))
def test_short_dates_sort_as_days_do(one: date, other: date) -> None:
    if other.year <= 2910:
        assert (roc.roc_short(one) < roc.roc_short(other)) == (one < other)


def test_filters_follow_the_language_of_the_page() -> None:
    from django.utils import translation

    moment = datetime(2022, 3, 5, 14, 30, tzinfo=roc.TAIPEI)
    with translation.override("zh-hant"):
        assert city.roc_filter(moment) == "111 年 3 月 5 日"
        assert (city.roc_short(moment), city.roc_datetime(moment)) == ("111/03/05", "111/03/05 14:30")
        assert (city.roc_month(moment), city.roc_year_filter(111)) == ("111 年 3 月", "111")
    with translation.override("en"):
        assert city.roc_filter(moment) == city.roc_short(moment) == "2022-03-05"
        assert city.roc_datetime(moment.astimezone(UTC)) == "2022-03-05 14:30"
        assert (city.roc_month(moment), city.roc_year_filter(moment)) == ("2022-03", "2022")
    assert city.roc_filter(None) == city.roc_datetime(None) == city.when(None) == ""
