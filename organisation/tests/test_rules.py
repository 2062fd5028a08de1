"""The working calendar against a slow, obvious one that walks through time minute by minute and day by day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from timeit import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organisation.rules import OPEN_HALVES, TAIPEI, UNITS, OpeningHours, WorkingCalendar
from organisation.tests.conftest import HOURS

MINUTE = timedelta(minutes=1)
SESSIONS = ((1, HOURS.opens, HOURS.lunch_starts), (2, HOURS.lunch_ends, HOURS.closes))


def weekday(day: date) -> bool:
    return day.weekday() < 5


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TAIPEI)


class Slow:
    """The same, as one would do it on paper."""

    def __init__(self, is_working_day: Callable[[date], bool], overrides: dict[date, str]) -> None:
        self.is_working_day = is_working_day
        self.overrides = overrides

    def sessions(self, day: date) -> list[tuple[time, time]]:
        kind = self.overrides.get(day)
        halves = OPEN_HALVES[kind] if kind else 3 if self.is_working_day(day) else 0
        return [(begins, ends) for half, begins, ends in SESSIONS if halves & half]

    def is_open(self, moment: datetime) -> bool:
        return any(begins <= moment.time() < ends for begins, ends in self.sessions(moment.date()))

    def add_working_minutes(self, start: datetime, minutes: int) -> datetime:
        while minutes:
            minutes -= self.is_open(start)
            start += MINUTE
        return start

    def working_minutes(self, start: datetime, end: datetime) -> int:
        total = 0
        while start < end:
            total += self.is_open(start)
            start += MINUTE
        return total

    def add_half_days(self, start: datetime, halves: int) -> datetime:
        day = start.date()
        while True:
            day += timedelta(days=1)
            for _begins, ends in self.sessions(day):
                halves -= 1
                if not halves:
                    return datetime.combine(day, ends, TAIPEI)

    def half_days(self, start: date, end: date) -> int:
        total = 0
        while start < end:
            start += timedelta(days=1)
            total += len(self.sessions(start))
        return total


days = st.dates(date(2019, 1, 1), date(2027, 12, 31))
moments = st.datetimes(datetime(2019, 1, 1), datetime(2027, 12, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=TAIPEI)
)
exact_moments = st.datetimes(datetime(2019, 1, 1), datetime(2027, 12, 1), timezones=st.just(TAIPEI))


@st.composite
def calendars(draw: st.DrawFn, around: datetime | None = None) -> tuple[WorkingCalendar, Slow]:
    """A calendar of week-ends, holidays and closures, some of them near a moment, and its slow twin."""
    near = st.integers(-5, 40).map(lambda n: around.date() + timedelta(days=n)) if around else days
    holidays = draw(st.sets(near | days, max_size=12))
    overrides = draw(st.dictionaries(near | days, st.sampled_from(sorted(OPEN_HALVES)), max_size=12))

    def is_working_day(day: date) -> bool:
        return weekday(day) and day not in holidays

    return WorkingCalendar(is_working_day, HOURS, overrides), Slow(is_working_day, overrides)


@given(st.data(), moments, st.integers(0, 24 * 60))
def test_working_hours_are_those_of_the_clock_on_the_wall(data: st.DataObject, start: datetime, minutes: int) -> None:
    quick, slow = data.draw(calendars(start))
    end = quick.add(start, Decimal(minutes) / 60, "working_hours")
    assert end == slow.add_working_minutes(start, minutes)
    assert round(quick.elapsed(start, end, "working_hours") * 60) == minutes


@given(st.data(), moments, st.integers(0, 6 * 24 * 60))
def test_elapsed_working_hours_are_counted_minute_by_minute(data: st.DataObject, start: datetime, wait: int) -> None:
    quick, slow = data.draw(calendars(start))
    end = start + wait * MINUTE
    assert round(quick.elapsed(start, end, "working_hours") * 60) == slow.working_minutes(start, end)


@given(st.data(), moments, st.integers(1, 90))
def test_working_days_are_counted_half_by_half(data: st.DataObject, start: datetime, halves: int) -> None:
    quick, slow = data.draw(calendars(start))
    end = quick.add(start, Decimal(halves) / 2, "working_days")
    assert end == slow.add_half_days(start, halves)
    assert quick.elapsed(start, end, "working_days") == halves / 2


@given(st.data(), days, st.integers(0, 400))
def test_working_days_between_two_dates(data: st.DataObject, start: date, length: int) -> None:
    quick, slow = data.draw(calendars())
    end = start + timedelta(days=length)
    assert quick.working_days_between(start, end) == Decimal(slow.half_days(start, end)) / 2
    assert quick.working_days_between(end, start) == -quick.working_days_between(start, end)


@given(exact_moments, st.integers(0, 40))
def test_months_end_as_the_civil_code_says(start: datetime, months: int) -> None:
    end = WorkingCalendar(weekday, HOURS).add(start, months, "months")
    begins = start.date() + timedelta(days=1)  # art. 120: the first day is not counted
    expected_month = (begins.replace(day=1) + timedelta(days=31 * months)).replace(day=1)
    while (expected_month.year - begins.year) * 12 + expected_month.month - begins.month > months:
        expected_month = (expected_month - timedelta(days=1)).replace(day=1)
    try:  # art. 121: the day before the one that bears the first day's number
        last = expected_month.replace(day=begins.day) - timedelta(days=1)
    except ValueError:  # or, without such a day, the last day of the month
        last = (expected_month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    assert end == datetime.combine(last + timedelta(days=1), time(), TAIPEI)


amounts = {
    "hours": st.decimals(0, 400, places=2),
    "working_hours": st.decimals(0, 400, places=2),
    "working_days": st.integers(0, 240).map(lambda n: Decimal(n) / 2),
    "days": st.integers(0, 400),
    "months": st.integers(0, 24),
}


@pytest.mark.parametrize("unit", UNITS)
@given(data=st.data(), start=exact_moments)
def test_what_was_added_has_elapsed(unit: str, data: st.DataObject, start: datetime) -> None:
    calendar, _slow = data.draw(calendars(start))
    amount = data.draw(amounts[unit])
    end = calendar.add(start, amount, unit)
    assert end >= start
    assert calendar.elapsed(start, end, unit) == pytest.approx(float(amount), abs=1e-9)
    assert calendar.elapsed(start, end - timedelta(microseconds=1), unit) <= float(amount)


@pytest.mark.parametrize("unit", UNITS)
@given(data=st.data(), start=exact_moments, later=st.timedeltas(timedelta(0), timedelta(days=90)))
def test_later_and_more_is_never_earlier(unit: str, data: st.DataObject, start: datetime, later: timedelta) -> None:
    calendar, _slow = data.draw(calendars(start))
    less, more = sorted(data.draw(st.tuples(amounts[unit], amounts[unit])))
    assert calendar.add(start, less, unit) <= calendar.add(start, more, unit)
    assert calendar.add(start, less, unit) <= calendar.add(start + later, less, unit)
    assert calendar.elapsed(start, start + later, unit) <= calendar.elapsed(start, start + 2 * later, unit) + 1e-9
    assert calendar.elapsed(start + later, start, unit) == 0


@given(st.data(), moments, st.integers(1, 20))
def test_subtract_gives_the_last_moment_with_that_much_to_run(data: st.DataObject, end: datetime, amount: int) -> None:
    calendar, slow = data.draw(calendars(end))
    start = calendar.subtract(end, amount, "working_hours")
    assert slow.working_minutes(start, end) == amount * 60
    assert slow.working_minutes(start + MINUTE, end) < amount * 60
    assert end - calendar.subtract(end, amount, "hours") == timedelta(hours=amount)
    assert end - calendar.subtract(end, amount, "days") == timedelta(days=amount)


@given(st.data(), moments, st.integers(1, 40))
def test_subtract_gives_the_opening_of_a_half_day(data: st.DataObject, moment: datetime, halves: int) -> None:
    calendar, slow = data.draw(calendars(moment))
    end = slow.add_half_days(moment, 1)
    start = calendar.subtract(end, Decimal(halves) / 2, "working_days")
    openings = [
        datetime.combine(start.date() + timedelta(days=n), begins, TAIPEI)
        for n in range((end.date() - start.date()).days + 1)
        for begins, _ends in slow.sessions(start.date() + timedelta(days=n))
    ]
    assert start in openings
    assert sum(start <= opening < end for opening in openings) == halves


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        # 2022-03-04 is a Friday.
        ("2022-03-04 16:00", 4, "hours", "2022-03-04 20:00"),
        ("2022-03-04 16:00", 2, "working_hours", "2022-03-07 08:30"),
        ("2022-03-04 11:00", 1, "working_hours", "2022-03-04 12:00"),
        ("2022-03-04 11:00", Decimal("1.5"), "working_hours", "2022-03-04 14:00"),
        ("2022-03-04 16:00", 2, "working_days", "2022-03-08 17:30"),
        ("2022-03-04 06:00", 2, "working_days", "2022-03-08 17:30"),
        ("2022-03-05 10:00", 1, "working_days", "2022-03-07 17:30"),
        ("2022-03-04 16:00", Decimal("0.5"), "working_days", "2022-03-07 12:00"),
        ("2022-03-04 16:00", 0, "working_days", "2022-03-05 00:00"),
        ("2022-03-04 16:00", 0, "days", "2022-03-05 00:00"),
        ("2022-03-04 16:00", 30, "days", "2022-04-04 00:00"),
        ("2022-01-15 09:00", 2, "months", "2022-03-16 00:00"),
        ("2022-01-30 09:00", 1, "months", "2022-03-01 00:00"),
        ("2022-02-28 09:00", 1, "months", "2022-04-01 00:00"),
        ("2024-01-30 09:00", 1, "months", "2024-03-01 00:00"),
    ],
)
def test_examples(start: str, amount: Decimal, unit: str, end: str) -> None:
    assert WorkingCalendar(weekday, HOURS).add(at(start), amount, unit) == at(end)


@pytest.mark.parametrize(
    ("end", "amount", "unit", "start"),
    [
        ("2022-03-08 17:30", 1, "working_days", "2022-03-08 08:00"),
        ("2022-03-08 17:30", Decimal("0.5"), "working_days", "2022-03-08 13:30"),
        ("2022-03-07 12:00", 1, "working_days", "2022-03-04 13:30"),
        ("2022-03-07 09:00", 2, "working_hours", "2022-03-04 16:30"),
        ("2022-03-07 09:00", 4, "hours", "2022-03-07 05:00"),
        ("2022-03-07 00:00", 3, "days", "2022-03-04 00:00"),
    ],
)
def test_examples_of_counting_back(end: str, amount: Decimal, unit: str, start: str) -> None:
    assert WorkingCalendar(weekday, HOURS).subtract(at(end), amount, unit) == at(start)


def test_a_typhoon_from_noon_on_makes_half_a_working_day() -> None:
    received = at("2022-03-03 15:00")
    usual = WorkingCalendar(weekday, HOURS)
    typhoon = WorkingCalendar(weekday, HOURS, {date(2022, 3, 4): "afternoon_closed"})
    assert usual.add(received, 1, "working_days") == at("2022-03-04 17:30")
    assert typhoon.add(received, 1, "working_days") == at("2022-03-07 12:00")
    assert typhoon.add(received, Decimal("0.5"), "working_days") == at("2022-03-04 12:00")
    assert typhoon.is_working_day(date(2022, 3, 4))
    assert typhoon.elapsed(at("2022-03-04 12:00"), at("2022-03-04 17:30"), "working_hours") == 0


def test_moments_of_other_zones_mean_the_same() -> None:
    calendar = WorkingCalendar(weekday, HOURS)
    in_taipei = at("2022-03-04 16:00")
    for unit in UNITS:
        end = calendar.add(in_taipei.astimezone(UTC), 3, unit)
        assert end == calendar.add(in_taipei, 3, unit)
        assert end.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("amount", "unit"),
    [(-1, "hours"), (Decimal("0.3"), "working_days"), (Decimal("0.5"), "days"), (1.5, "months"), (1, "weeks")],
)
def test_what_makes_no_sense_is_refused(amount: Decimal, unit: str) -> None:
    calendar = WorkingCalendar(weekday, HOURS)
    with pytest.raises(ValueError):
        calendar.add(at("2022-03-04 16:00"), amount, unit)
    if unit != "months":
        with pytest.raises(ValueError):
            calendar.subtract(at("2022-03-04 16:00"), amount, unit)


def test_naive_moments_unknown_units_and_wrong_hours_are_refused() -> None:
    calendar = WorkingCalendar(weekday, HOURS)
    with pytest.raises(ValueError, match="time zone"):
        calendar.add(datetime(2022, 3, 4, 16), 1, "hours")
    with pytest.raises(ValueError, match="weeks"):
        calendar.elapsed(at("2022-03-04 16:00"), at("2022-03-05 16:00"), "weeks")
    with pytest.raises(ValueError, match="months"):
        calendar.subtract(at("2022-03-04 16:00"), 1, "months")
    with pytest.raises(ValueError, match="opening hours"):
        OpeningHours(time(8), time(7), time(13), time(17))


def test_a_calendar_without_working_days_ends() -> None:
    with pytest.raises((OverflowError, ValueError)):
        WorkingCalendar(lambda day: False, HOURS).add(at("9998-01-01 08:00"), 1, "working_days")


def test_deadlines_of_a_page_cost_next_to_nothing() -> None:
    calendar = WorkingCalendar(weekday, HOURS)
    start = at("2022-03-04 16:00")
    end = calendar.add(start, 30, "working_days")
    for unit in UNITS:
        # The quickest of several runs: the others say how busy the machine was.
        adding = repeat(lambda unit=unit: calendar.add(start, 30, unit), number=1000, repeat=5)
        measuring = repeat(lambda unit=unit: calendar.elapsed(start, end, unit), number=1000, repeat=5)
        assert max(min(adding), min(measuring)) / 1000 < 50e-6
