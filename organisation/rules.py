"""Working time. Pure: no Django, no database, no clock.

A deadline is an amount of one of these units after a moment of receipt:

``hours``          clock hours, day and night
``working_hours``  opening hours of the offices, without the lunch break
``working_days``   the day of receipt is not counted; ends when the offices close, a half day at the lunch break
``days``           calendar days; the day of receipt is not counted; ends at 24:00; 0 is the same day
``months``         calendar months by Civil Code art. 120 and 121: the day of receipt is not counted; ends with the day
                   before the one that bears the first day's number, or with the last day of the month

A day on which the offices are open for half the day only (a typhoon from noon on) counts as half a working day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Literal, get_args
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")
HOUR = 3_600_000_000  # in microseconds, in which all sums below are exact
DAY = 24 * HOUR
MORNING, AFTERNOON = 1, 2

# The only roles that people of a contractor may have in their unit, whatever somebody writes into a membership.
CONTRACTOR_ROLES = ("crew",)

# What the personnel system may give and take by itself: the daily work of a unit and of the telephones. Whatever else
# reaches a whole agency or the city, or keeps accounts, keys, figures or logs, is given by people.
PROVISIONED_ROLES = ("case_officer", "unit_head", "crew", "call_agent")


def provisioned_roles(*, is_crew: bool, is_contractor: bool) -> tuple[str, ...]:
    """The roles that the personnel system may give in a unit: of a crew, of a firm's crew, or of an office."""
    if is_contractor:
        return CONTRACTOR_ROLES
    return tuple(role for role in PROVISIONED_ROLES if (role == "crew") == is_crew or role == "unit_head")


Unit = Literal["hours", "working_hours", "working_days", "days", "months"]
UNITS: tuple[str, ...] = get_args(Unit)
Amount = int | float | Decimal

# What is left of a day by the kind of its override.
OPEN_HALVES = {"closed": 0, "open": MORNING | AFTERNOON, "morning_closed": AFTERNOON, "afternoon_closed": MORNING}


@dataclass(frozen=True)
class OpeningHours:
    """When the offices are open on a working day: a morning, a lunch break, an afternoon."""

    opens: time
    lunch_starts: time
    lunch_ends: time
    closes: time

    def __post_init__(self) -> None:
        if not self.opens < self.lunch_starts <= self.lunch_ends < self.closes:
            raise ValueError("opening hours must run: opens < lunch_starts <= lunch_ends < closes")


class WorkingCalendar:
    """Adds and measures working time; a deadline costs a bisection in sums that are made once a year of the calendar.

    ``is_working_day`` is the official calendar; ``overrides`` says which days differ, by the kinds of ``OPEN_HALVES``.
    Moments must be aware; what comes back is in Taipei's time. Safe to share between threads.
    """

    def __init__(
        self,
        is_working_day: Callable[[date], bool],
        hours: OpeningHours,
        overrides: Mapping[date, str] | None = None,
    ) -> None:
        self.hours = hours
        self._official = is_working_day
        self._overrides = {day: OPEN_HALVES[kind] for day, kind in (overrides or {}).items()}
        morning = (_since_midnight(hours.opens), _since_midnight(hours.lunch_starts))
        afternoon = (_since_midnight(hours.lunch_ends), _since_midnight(hours.closes))
        # The open stretches of a day, by which of its halves are open.
        self._sessions = [[], [morning], [afternoon], [morning, afternoon]]
        self._span: _Span | None = None

    def is_working_day(self, day: date) -> bool:
        """Whether the offices are open on that day, be it for half of it."""
        return self._open(day) != 0

    def working_days_between(self, start: date, end: date) -> Decimal:
        """Working days after ``start`` up to and including ``end``, in halves; negative when ``end`` is earlier."""
        low, high = start.toordinal(), end.toordinal()
        span = self._covering(min(low, high), max(low, high))
        return Decimal(span.halves[high + 1 - span.first] - span.halves[low + 1 - span.first]) / 2

    def add(self, start: datetime, amount: Amount, unit: str) -> datetime:
        """The moment when ``amount`` of ``unit`` after ``start`` is over: the earliest one with that much elapsed.

        ``working_days`` takes halves, ``days`` and ``months`` whole numbers; other amounts, negative ones, unknown
        units and naive moments raise ValueError.
        """
        if amount < 0:
            raise ValueError(f"a period cannot be negative: {amount}")
        day, clock = _local(start)
        match unit:
            case "hours":
                return _moment(day, clock + round(amount * HOUR))
            case "working_hours":
                return self._add_working_time(day, clock, round(amount * HOUR))
            case "working_days":
                return self._add_working_days(day, _whole(amount * 2, unit, "halves"))
            case "days":
                return _moment(day + 1 + _whole(amount, unit, "whole numbers"), 0)
            case "months":
                return _moment(_end_of_months(day, _whole(amount, unit, "whole numbers")), 0)
        raise ValueError(f"unknown unit of time: {unit}")

    def subtract(self, end: datetime, amount: Amount, unit: str) -> datetime:
        """The latest moment with ``amount`` of ``unit`` still to run until ``end``: when to remind. Not for months.

        A working day before closing time on Friday is Friday's opening, when somebody is there to be reminded.
        """
        if amount < 0:
            raise ValueError(f"a period cannot be negative: {amount}")
        day, clock = _local(end)
        match unit:
            case "hours":
                return _moment(day, clock - round(amount * HOUR))
            case "days":
                return _moment(day - _whole(amount, unit, "whole numbers"), clock)
            case "working_hours":
                return self._subtract_working_time(day, clock, round(amount * HOUR))
            case "working_days":
                return self._subtract_working_days(day, clock, _whole(amount * 2, unit, "halves"))
        raise ValueError(f"cannot count back in this unit of time: {unit}")

    def elapsed(self, start: datetime, end: datetime, unit: str) -> float:
        """How much of ``unit`` has run from ``start`` to ``end``; 0 when ``end`` is earlier.

        Runs evenly within a day, a half-day or a month, and ``elapsed(start, add(start, n, unit), unit)`` is ``n``.
        """
        day, clock = _local(start)
        last, last_clock = _local(end)
        if (last, last_clock) <= (day, clock):
            return 0.0
        match unit:
            case "hours":
                return ((last - day) * DAY + last_clock - clock) / HOUR
            case "working_hours":
                span = self._covering(day, last)
                return (span.worked_until(last, last_clock) - span.worked_until(day, clock)) / HOUR
            case "working_days":
                span = self._covering(day, last)
                return max(0.0, (span.halves_until(last, last_clock) - span.halves[day + 1 - span.first]) / 2)
            case "days":
                return max(0.0, ((last - day - 1) * DAY + last_clock) / DAY)
            case "months":
                return _months_elapsed(day, last, last_clock)
        raise ValueError(f"unknown unit of time: {unit}")

    def _open(self, day: date) -> int:
        override = self._overrides.get(day)
        if override is not None:
            return override
        return MORNING | AFTERNOON if self._official(day) else 0

    def _covering(self, low: int, high: int) -> _Span:
        """Sums that cover the days from ``low`` to ``high`` (ordinals), made longer by whole years when they do not."""
        span = self._span
        if span is not None and span.first <= low and high < span.end:
            return span
        if span is not None:
            low, high = min(low, span.first), max(high, span.end - 1)
        first = date(date.fromordinal(low).year, 1, 1).toordinal()
        last = date(date.fromordinal(high).year, 12, 31).toordinal()
        opened = [
            span.open[day - span.first] if span is not None and span.first <= day < span.end else self._open_on(day)
            for day in range(first, last + 1)
        ]
        # One assignment: a thread that reads meanwhile keeps the sums it began with.
        self._span = longer = _Span(first, opened, self._sessions)
        return longer

    def _open_on(self, ordinal: int) -> int:
        return self._open(date.fromordinal(ordinal))

    def _add_working_time(self, day: int, clock: int, amount: int) -> datetime:
        if not amount:
            return _moment(day, clock)
        span = self._covering(day, day)
        while (target := span.worked_until(day, clock) + amount) > span.worked[-1]:
            span = self._covering(span.first, span.end)
        index = bisect_left(span.worked, target) - 1
        left = target - span.worked[index]
        for begins, ends in self._sessions[span.open[index]]:
            if left <= ends - begins:
                return _moment(span.first + index, begins + left)
            left -= ends - begins
        raise AssertionError("the sums and the sessions of a day disagree")

    def _add_working_days(self, day: int, halves: int) -> datetime:
        if not halves:
            return _moment(day + 1, 0)
        span = self._covering(day, day)
        while (target := span.halves[day + 1 - span.first] + halves) > span.halves[-1]:
            span = self._covering(span.first, span.end)
        index = bisect_left(span.halves, target) - 1
        nth = target - span.halves[index]
        return _moment(span.first + index, self._sessions[span.open[index]][nth - 1][1])

    def _subtract_working_time(self, day: int, clock: int, amount: int) -> datetime:
        if not amount:
            return _moment(day, clock)
        span = self._covering(day, day)
        while (target := span.worked_until(day, clock) - amount) < 0:
            span = self._covering(span.first - 1, day)
        index = bisect_right(span.worked, target) - 1
        left = target - span.worked[index]
        for begins, ends in self._sessions[span.open[index]]:
            if left < ends - begins:
                return _moment(span.first + index, begins + left)
            left -= ends - begins
        raise AssertionError("the sums and the sessions of a day disagree")

    def _subtract_working_days(self, day: int, clock: int, halves: int) -> datetime:
        if not halves:
            return _moment(day, clock)
        span = self._covering(day, day)
        while (target := span.halves_until(day, clock) - halves) < 0:
            span = self._covering(span.first - 1, day)
        index = bisect_right(span.halves, target) - 1
        left = target - span.halves[index]
        begins, ends = self._sessions[span.open[index]][int(left)]
        return _moment(span.first + index, begins + round((left - int(left)) * (ends - begins)))


class _Span:
    """Sums over a run of days: what lies before day i is entry i, so each has one entry more than there are days."""

    def __init__(self, first: int, opened: list[int], sessions: list[list[tuple[int, int]]]) -> None:
        self.first = first  # ordinal of day 0
        self.end = first + len(opened)
        self.open = opened  # which halves of each day are open
        self.sessions = sessions
        lengths = [sum(ends - begins for begins, ends in day) for day in sessions]
        self.halves = [0, *accumulate(len(sessions[halves]) for halves in opened)]
        self.worked = [0, *accumulate(lengths[halves] for halves in opened)]  # microseconds

    def worked_until(self, day: int, clock: int) -> int:
        """Open microseconds from the beginning of the sums to a moment."""
        index = day - self.first
        done = self.worked[index]
        for begins, ends in self.sessions[self.open[index]]:
            done += min(max(clock - begins, 0), ends - begins)
        return done

    def halves_until(self, day: int, clock: int) -> float:
        """Open half-days from the beginning of the sums to a moment, running evenly within each half."""
        index = day - self.first
        done: float = self.halves[index]
        for begins, ends in self.sessions[self.open[index]]:
            done += min(max(clock - begins, 0), ends - begins) / (ends - begins)
        return done


def _since_midnight(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


def _local(moment: datetime) -> tuple[int, int]:
    """A moment as the ordinal of its day in Taipei and the microseconds since midnight there."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    local = moment.astimezone(TAIPEI)
    return local.toordinal(), _since_midnight(local.time())


def _moment(day: int, clock: int) -> datetime:
    """The moment ``clock`` microseconds after the midnight that begins a day; the clock may run into other days."""
    days, clock = divmod(clock, DAY)
    return datetime.fromordinal(day + days).replace(tzinfo=TAIPEI) + timedelta(microseconds=clock)


def _whole(amount: Amount, unit: str, takes: str) -> int:
    if amount != int(amount):
        raise ValueError(f"{unit} takes {takes} only")
    return int(amount)


def _end_of_months(day: int, months: int) -> int:
    """Ordinal of the day at whose beginning a period of months is over that follows the day of receipt."""
    begins = date.fromordinal(day + 1)
    if not months:
        return day + 1
    year, month = divmod(begins.year * 12 + begins.month - 1 + months, 12)
    length = monthrange(year, month + 1)[1]
    # Without a day of that number the period ends with the month's last day, that is when the next day begins.
    return date(year, month + 1, min(begins.day, length)).toordinal() + (begins.day > length)


def _months_elapsed(day: int, last: int, clock: int) -> float:
    """Whole months run since the day of receipt ended, and the fraction of the one that runs."""
    if last <= day:
        return 0.0
    begins, now = date.fromordinal(day + 1), date.fromordinal(last)
    months = max(0, (now.year - begins.year) * 12 + now.month - begins.month - 1)
    while _end_of_months(day, months + 1) <= last:
        months += 1
    since, until = _end_of_months(day, months), _end_of_months(day, months + 1)
    return months + ((last - since) * DAY + clock) / ((until - since) * DAY)


# -- Storms -----------


def storm_begins(arrivals: int, usual: float, multiple: float, at_least: int) -> bool:
    """Whether so many reports in some minutes are a storm: ``multiple`` times the usual, and enough to matter."""
    return arrivals >= max(at_least, usual * multiple)


def storm_is_over(arrivals: int, usual: float, multiple: float, at_least: int) -> bool:
    """Whether it has calmed down: to less than half of what began it, so that it does not begin and end by turns."""
    return arrivals * 2 < max(at_least, usual * multiple)


# -- Deputies -----------


@dataclass(frozen=True)
class Held:
    """Where a role is held: the agency (None: the city as a whole), the unit, and whether that is a contractor's."""

    agency: int | None
    unit: int | None = None
    contractor: bool = False


def may_deputise(of: Held, holds: Iterable[Held]) -> bool:
    """Whether somebody who holds ``holds`` may act in what is held at ``of``: staff of the same agency, and for the
    city as a whole those who serve it as a whole. People of a contractor only for each other, within their crew."""
    if of.contractor:
        return any(held.unit == of.unit for held in holds)
    return any(held.agency == of.agency and not held.contractor for held in holds)


def too_long(begins: datetime, ends: datetime, longest: float) -> bool:
    """Whether a deputyship is longer than so many days of 24 hours."""
    return ends - begins > timedelta(days=longest)


def acts(begins: datetime, ends: datetime, ended: datetime | None, at: datetime) -> bool:
    """Whether a deputy acts at a moment: from the first moment on, up to the last or to when it was ended."""
    return begins <= at < (min(ends, ended) if ended else ends)
