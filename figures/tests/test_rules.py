import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures.registry import DAY, MONTH, YEAR, Period
from figures.rules import half_up, months_between, next_month, percentage, spans, subsets

days = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        ("8315.083", 0, "8315"),
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("96.45", 1, "96.5"),
        ("-2.5", 0, "-3"),
    ],
)
def test_a_half_is_rounded_up(value: str, decimals: int, printed: str) -> None:
    assert str(half_up(Decimal(value), decimals)) == printed


def test_a_share_of_nothing_is_no_share() -> None:
    assert percentage(Decimal(3), Decimal(4)) == 75
    assert percentage(Decimal(0), Decimal(4)) == 0
    assert percentage(Decimal(3), Decimal(0)) is None
    assert percentage(None, Decimal(4)) is None


@given(st.lists(days), st.integers(0, 40))
def test_spans_cover_the_days_and_lie_apart(some: list[date], near: int) -> None:
    found = spans(some, timedelta(days=near))
    assert all(any(first <= day <= last for first, last in found) for day in some)
    assert all(first in some and last in some for first, last in found)
    assert all(b[0] - a[1] > timedelta(days=near) for a, b in itertools.pairwise(found))


@given(days, days)
def test_months_between_are_all_months_between(a: date, b: date) -> None:
    first, last = sorted((a, b))
    months = months_between(first, last)
    assert len(months) == (last.year - first.year) * 12 + last.month - first.month + 1
    assert all(next_month(m) == n for m, n in itertools.pairwise(months))
    assert months_between(last + timedelta(days=31), first) == []


def test_subsets_begin_with_the_total() -> None:
    assert subsets(["b", "a"]) == [(), ("a",), ("b",), ("a", "b")]
    assert subsets(["b", "a", "c"], 1) == [(), ("a",), ("b",), ("c",)]


@given(days, st.sampled_from([DAY, MONTH, YEAR]))
def test_periods_follow_each_other_without_gap(day: date, grain: str) -> None:
    period = Period.of(grain, day)
    assert period.start <= day <= period.end
    assert period.next.start == period.end + timedelta(days=1)
    assert period.next.previous == period
    assert Period.parse(period.code) == period


def test_periods_hold_their_months_and_days() -> None:
    year = Period.year(2024)
    assert [str(month) for month in year.months][::11] == ["2024-01", "2024-12"]
    assert len(year.days) == 366
    assert Period.month(2024, 2).end == date(2024, 2, 29)
    assert Period.month(2024, 2).within(year) and not year.within(Period.month(2024, 2))


@pytest.mark.parametrize(
    "code", ["111", "2022-13", "2022-02-30", "2022-1", "2022-08-05-01", "1911", "3000", "", "２０２２"]
)
def test_what_is_no_period_is_refused(code: str) -> None:
    with pytest.raises(ValueError):
        Period.parse(code)


def test_a_period_starts_on_its_first_day() -> None:
    with pytest.raises(ValueError):
        Period(MONTH, date(2022, 8, 2))
    with pytest.raises(ValueError):
        Period("week", date(2022, 8, 1))


def test_periods_are_named_in_the_readers_calendar(settings) -> None:
    from django.utils.translation import override

    with override("zh-hant"):
        assert Period.year(2022).label == "民國 111 年"
        assert Period.month(2022, 8).label == "民國 111 年 8 月"
        assert Period.day(date(2022, 8, 5)).label == "民國 111 年 8 月 5 日"
        assert Period.month(2022, 8).short_label == "8 月"
    with override("en"):
        assert Period.year(2022).label == "2022"
        assert Period.month(2022, 8).label == "2022-08"
        assert Period.day(date(2022, 8, 5)).label == "2022-08-05"


@given(days)
def test_the_year_before_is_a_year_before(day: date) -> None:
    for grain in (DAY, MONTH, YEAR):
        period = Period.of(grain, day)
        before = period.year_before
        assert before.grain == grain and before.start.year == period.start.year - 1
        assert (before.start.month, before.start.day) in {(period.start.month, period.start.day), (2, 28)}
