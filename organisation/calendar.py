"""The city's working calendar: official holidays with their make-up Saturdays, and the days that differ by district."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from holidays import country_holidays

from organisation.memory import Remembered
from organisation.models import CalendarOverride
from organisation.pack import pack
from organisation.rules import WorkingCalendar

_official = country_holidays("TW")


@lru_cache(maxsize=20_000)
def is_official_working_day(day: date) -> bool:
    """Whether the offices of the state work on that day, make-up Saturdays included, closures of a city aside.

    The package agrees with 行政院人事行政總處's 政府行政機關辦公日曆表; the tests compare all days since 2017.
    """
    return _official.is_working_day(day)


def _declared() -> dict[str | None, dict[date, str]]:
    rows = CalendarOverride.objects.in_force().values_list("district_id", "date", "kind")
    found: dict[str | None, dict[date, str]] = {}
    for district, day, kind in rows:
        found.setdefault(district, {})[day] = kind
    return found


_overrides = Remembered(_declared)
# The calendars made from the overrides in force, and these overrides: while they stay, so do the sums of the calendars.
_made: tuple[Mapping[str | None, Mapping[date, str]], dict[str | None, WorkingCalendar]] = ({}, {})


def working_calendar(district_code: str | None = None) -> WorkingCalendar:
    """The working calendar of a district, or of the city where no district is known.

    A district's own declaration goes before the city's for the same day. Costs no SQL but one statement every ten
    seconds a process.
    """
    global _made
    overrides = _overrides()
    if overrides != _made[0]:
        _made = (overrides, {})
    # A district of its own only where something was declared for it: the others share the city's sums.
    key = district_code if district_code in overrides else None
    calendars = _made[1]
    if key not in calendars:
        merged = {**overrides.get(None, {}), **overrides.get(key, {})}
        calendars[key] = WorkingCalendar(is_official_working_day, pack().hours, merged)
    return calendars[key]
