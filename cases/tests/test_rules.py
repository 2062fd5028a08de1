"""Promises as arithmetic: the due time against a slow, obvious reference."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import Pause, Promise, due_at, metres_apart, plain_code, read_clock
from foundation.clock import TAIPEI
from organisation.rules import OpeningHours, WorkingCalendar

CALENDAR = WorkingCalendar(
    lambda day: day.weekday() < 5, OpeningHours(time(8), time(12), time(13, 30), time(17, 30)), {}
)
START = datetime(2022, 3, 1, tzinfo=TAIPEI)
moments = st.integers(0, 60 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


def count_working_days(first: date, last: date) -> int:
    """One by one, after ``first`` up to and including ``last``."""
    return sum(1 for i in range(1, (last - first).days + 1) if (first + timedelta(days=i)).weekday() < 5)


def slow_due(received: datetime, days: int) -> date:
    """Walk day by day."""
    day = received.astimezone(TAIPEI).date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


@given(moments, st.integers(1, 30))
def test_working_days_count_from_the_day_after(received, days):
    due = due_at(received, Promise(Decimal(days), "working_days"), CALENDAR)
    assert due == datetime.combine(slow_due(received, days), time(17, 30), TAIPEI)


@given(moments, st.integers(1, 20), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12)), max_size=3))
def test_a_pause_gives_back_the_working_days_that_it_took(received, days, pauses):
    at, kept, lost = received, [], 0
    for wait, length in pauses:
        since = at + timedelta(days=wait)
        at = since + timedelta(days=length)
        kept.append(Pause(since, at))
        lost += count_working_days(since.astimezone(TAIPEI).date(), at.astimezone(TAIPEI).date())
    due = due_at(received, Promise(Decimal(days), "working_days"), CALENDAR, pauses=kept)
    assert due == datetime.combine(slow_due(received, days + lost), time(17, 30), TAIPEI)


@given(moments, st.integers(1, 96), st.integers(0, 5000))
def test_a_pause_of_clock_hours_moves_the_deadline_by_its_length(received, hours, minutes):
    pause = Pause(received, received + timedelta(minutes=minutes))
    due = due_at(received, Promise(Decimal(hours), "hours"), CALENDAR, pauses=[pause])
    assert due == received + timedelta(hours=hours, minutes=minutes)


@given(moments, st.integers(1, 10), st.integers(1, 10))
def test_an_extension_goes_on_where_the_promise_ends(received, days, more):
    together = due_at(received, Promise(Decimal(days + more), "working_days"), CALENDAR)
    extra = [Promise(Decimal(more), "working_days")]
    assert due_at(received, Promise(Decimal(days), "working_days"), CALENDAR, extensions=extra) == together


def test_an_open_pause_does_not_move_the_deadline_yet():
    promise = Promise(Decimal(4), "hours")
    assert due_at(START, promise, CALENDAR, pauses=[Pause(START)]) == START + timedelta(hours=4)


@pytest.mark.parametrize(
    ("minutes", "done", "waiting", "state"),
    [
        (10, None, None, "on"),
        (181, None, None, "near"),
        (240, None, None, "near"),
        (241, None, None, "late"),
        (500, 200, None, "kept"),
        (500, 240, None, "kept"),
        (500, 241, None, "broken"),
        (500, None, 100, "wait"),
    ],
)
def test_what_the_clock_shows(minutes, done, waiting, state):
    def after(value):
        return START + timedelta(minutes=value) if value is not None else None

    pauses = [Pause(after(waiting))] if waiting else []
    reading = read_clock(START, after(240), "hours", CALENDAR, now=after(minutes), done=after(done), pauses=pauses)
    assert reading.state == state
    assert 0 <= reading.fraction <= 1
    assert (reading.left < timedelta(0)) == (state in {"late", "broken"})


@given(moments, st.integers(1, 15), st.integers(0, 40_000))
def test_the_bar_never_runs_backwards(received, days, minutes):
    due = due_at(received, Promise(Decimal(days), "working_days"), CALENDAR)
    at = received + timedelta(minutes=minutes)
    earlier = read_clock(received, due, "working_days", CALENDAR, now=at)
    later = read_clock(received, due, "working_days", CALENDAR, now=at + timedelta(hours=5))
    assert earlier.fraction <= later.fraction
    assert (at > due) == (earlier.state == "late")


def test_a_clock_without_a_promise():
    assert read_clock(START, None, "", CALENDAR, now=datetime.now(UTC)).state == "none"


def test_codes_are_read_as_people_type_them():
    assert plain_code(" 7k4m-9qxr ") == "7K4M9QXR"
    assert plain_code("7K4M 9QXR0OIL") == "7K4M9QXR"


def test_distance_is_right_within_six_in_a_thousand():
    assert metres_apart(120, 22, 120, 23) == pytest.approx(110_750, rel=0.006)  # WGS 84, a degree of latitude at 22.5
    assert metres_apart(120, 22.6, 121, 22.6) == pytest.approx(102_790, rel=0.006)
    assert metres_apart(120, 22, 120, 22) == 0
