"""The city's calendar: the official one to the day, and closures by district."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organisation.calendar import is_official_working_day, working_calendar
from organisation.memory import forget
from organisation.models import CalendarOverride
from organisation.pack import Pack
from organisation.rules import TAIPEI

LINGYA, NAMAXIA = "64000080", "64000380"
# Days off since the act on memorial days and holidays of 2025-05-28, which the published table of 2017 to 2025 was
# written before: 教師節, 臺灣光復節 (made up for on the 24th) and 行憲紀念日.
NEWER_THAN_THE_TABLE = {date(2025, 9, 29), date(2025, 10, 24), date(2025, 12, 25)}


@pytest.fixture
def official(shared_data: Path) -> dict[date, bool]:
    """Whether each day of 2017 to 2025 is a working day, by the table of the 人事行政總處."""
    with (shared_data / "tw-gov-calendar" / "tw_office_calendar_2017-2025.csv").open(encoding="utf-8-sig") as file:
        table = {date.fromisoformat(row["date"]): row["is_day_off"] == "0" for row in csv.DictReader(file)}
    return {**table, **dict.fromkeys(NEWER_THAN_THE_TABLE, False)}


def test_every_day_agrees_with_the_official_calendar(official: dict[date, bool]) -> None:
    assert len(official) == 3287
    assert [day for day, working in official.items() if is_official_working_day(day) is not working] == []
    made_up = [day for day, working in official.items() if working and day.weekday() >= 5]
    assert len(made_up) == 22  # Saturdays worked to make up for a bridge day


def test_the_official_holidays_of_the_next_years(shared_data: Path) -> None:
    with (shared_data / "tw-gov-calendar" / "tw_office_holidays_2026-2027.csv").open(encoding="utf-8-sig") as file:
        listed = {date.fromisoformat(row["date"]) for row in csv.DictReader(file)}
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(730)]
    expected = {day for day in days if day.weekday() < 5 and day not in listed}
    assert {day for day in days if is_official_working_day(day)} == expected


@pytest.mark.django_db
def test_sums_of_working_days_are_those_of_the_official_calendar(official: dict[date, bool], no_city: None) -> None:
    calendar = working_calendar()
    days = sorted(official)
    for start in days[::17]:
        for length in (1, 10, 100, 365):
            end = start + timedelta(days=length)
            if end in official:
                span = (start + timedelta(days=n + 1) for n in range(length))
                assert calendar.working_days_between(start, end) == sum(official[day] for day in span)
    for day in days[:-120:13]:
        nth = [later for later in days if later > day and official[later]]
        for count in (1, 3, 7, 30):
            due = calendar.add(datetime(day.year, day.month, day.day, 10, tzinfo=TAIPEI), count, "working_days")
            assert due.date() == nth[count - 1]


def declared(day: date, kind: str, district: str | None = None) -> CalendarOverride:
    override = CalendarOverride.objects.create(
        date=day, district_id=district, kind=kind, reason="颱風", source="測試", declared_at=timezone.now()
    )
    forget()
    return override


def test_a_closure_counts_in_its_district_only(city: Pack) -> None:
    friday, received = date(2022, 3, 4), datetime(2022, 3, 3, 15, tzinfo=TAIPEI)
    declared(friday, "closed", NAMAXIA)
    assert working_calendar(NAMAXIA).add(received, 1, "working_days").date() == date(2022, 3, 7)
    assert working_calendar(LINGYA).add(received, 1, "working_days").date() == friday
    assert working_calendar().add(received, 1, "working_days").date() == friday


def test_a_district_s_own_declaration_goes_before_the_city_s(city: Pack) -> None:
    friday = date(2022, 3, 4)
    declared(friday, "closed")
    declared(friday, "morning_closed", NAMAXIA)
    assert not working_calendar().is_working_day(friday)
    assert not working_calendar(LINGYA).is_working_day(friday)
    assert working_calendar(NAMAXIA).working_days_between(date(2022, 3, 3), friday) == 0.5


def test_a_day_may_be_opened_and_a_withdrawn_declaration_does_not_count(city: Pack) -> None:
    saturday, friday = date(2022, 3, 5), date(2022, 3, 4)
    declared(saturday, "open")
    withdrawn = declared(friday, "closed")
    CalendarOverride.objects.filter(pk=withdrawn.pk).update(revoked_at=timezone.now())
    forget()
    assert working_calendar().is_working_day(saturday)
    assert working_calendar().is_working_day(friday)


def test_typhoon_days_of_the_pack_count(city: Pack) -> None:
    assert not working_calendar().is_working_day(date(2024, 7, 24))
    assert is_official_working_day(date(2024, 7, 24))


@pytest.fixture
def passing_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The clock by which a process forgets, as a list whose item the test moves."""
    clock = [1000.0]
    monkeypatch.setattr("organisation.memory.monotonic", lambda: clock[0])
    yield clock


def test_bulk_use_costs_one_statement_and_another_process_s_change_comes_through(
    city: Pack, passing_time: list[float]
) -> None:
    received = datetime(2022, 3, 3, 15, tzinfo=TAIPEI)
    forget()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _n in range(50):
            for district in city.districts:
                working_calendar(district.code).add(received, 2, "working_days")
    assert len(queries) == 1
    calendar = working_calendar(LINGYA)
    # Another process declares a closure: this one does not hear of it, but reads again after a while.
    CalendarOverride.objects.create(
        date=date(2022, 3, 4), kind="closed", reason="颱風", source="測試", declared_at=timezone.now()
    )
    assert working_calendar(LINGYA) is calendar
    passing_time[0] += 11
    assert working_calendar(LINGYA).add(received, 1, "working_days").date() == date(2022, 3, 7)
    # Nothing changed since: the sums are kept.
    calendar = working_calendar(LINGYA)
    passing_time[0] += 11
    assert working_calendar(LINGYA) is calendar
