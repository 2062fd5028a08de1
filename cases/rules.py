"""Pure rules of a promise with a deadline. No Django here: numbers and dates in, numbers and dates out.

A promise is an amount of time in a unit (4 hours, 2 working days). The time at which it falls due is a function of
facts that the case keeps, so that it can be computed again whenever the calendar changes:

    due = receipt + promise, then + each extension, then + each pause (measured in the promise's own unit)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

NEAR = 0.75  # from this share of the time spent a promise counts as near its deadline

# An unmistakable alphabet for codes that people read out on the telephone: no 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V.
CODE_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH = 8


def plain_code(typed: str) -> str:
    """A code as kept: what a person typed, without the spaces, hyphens and small letters."""
    return "".join(c for c in typed.upper() if c in CODE_ALPHABET)


class Calendar(Protocol):
    """What the rules need of a working calendar; `organisation.rules.WorkingCalendar` is one."""

    def add(self, start: datetime, amount: Decimal | int, unit: str) -> datetime: ...

    def elapsed(self, start: datetime, end: datetime, unit: str) -> float: ...

    def working_days_between(self, start: date, end: date) -> Decimal: ...


@dataclass(frozen=True)
class Promise:
    """An amount of time in a unit, and the dated rule that it comes from (``pothole@2022-01-01``)."""

    amount: Decimal
    unit: str
    rule: str = ""


@dataclass(frozen=True)
class Pause:
    """The clock stood still from ``since`` to ``until``, local times; an open pause has no ``until`` yet."""

    since: datetime
    until: datetime | None = None


def due_at(
    received: datetime,
    promise: Promise,
    calendar: Calendar,
    *,
    extensions: Sequence[Promise] = (),
    pauses: Sequence[Pause] = (),
) -> datetime:
    """When the promise falls due. An open pause does not move it yet: the clock stands still until it ends.

    A pause is worth what it lasted in the promise's unit: three working days of waiting for the citizen move a
    deadline in working days by three working days, and one over a week-end moves it by none.
    """
    due = calendar.add(received, promise.amount, promise.unit)
    for extension in extensions:
        due = calendar.add(due, extension.amount, extension.unit)
    for pause in pauses:
        if pause.until is not None:
            due = _shift(due, pause.since, pause.until, promise.unit, calendar)
    return due


def _shift(due: datetime, since: datetime, until: datetime, unit: str, calendar: Calendar) -> datetime:
    if unit == "hours":
        return due + (until - since)
    if unit in {"days", "months"}:
        return due + timedelta(days=(until.date() - since.date()).days)
    if unit == "working_days":
        # As with the receipt, the day on which the pause began does not count.
        days = calendar.working_days_between(since.date(), until.date())
        return calendar.add(due, days, unit) if days > 0 else due
    lost = round(calendar.elapsed(since, until, unit), 4)
    return calendar.add(due, Decimal(str(lost)), unit) if lost > 0 else due


@dataclass(frozen=True)
class Reading:
    """What the clock shows: ``state`` is one of on, near, late, wait, kept, broken, none; ``fraction`` 0 to 1 of the
    time spent; ``left`` the wall-clock time to the deadline (negative when late)."""

    state: str
    fraction: float
    left: timedelta


def read_clock(
    received: datetime,
    due: datetime | None,
    unit: str,
    calendar: Calendar,
    *,
    now: datetime,
    done: datetime | None = None,
    pauses: Sequence[Pause] = (),
) -> Reading:
    """Read the clock of one promise at ``now``, or at ``done`` for a promise that has been kept or broken."""
    if due is None:
        return Reading("none", 0.0, timedelta(0))
    waiting = next((pause.since for pause in pauses if pause.until is None), None)
    at = done or waiting or now
    scale = "hours" if unit in {"hours", "days", "months"} else "working_hours"
    lost = sum(calendar.elapsed(p.since, p.until, scale) for p in pauses if p.until is not None)
    total = calendar.elapsed(received, due, scale) - lost
    spent = calendar.elapsed(received, at, scale) - lost
    fraction = min(1.0, max(0.0, spent / total)) if total > 0 else 1.0
    left = due - at
    if done is not None:
        return Reading("kept" if done <= due else "broken", fraction if done <= due else 1.0, left)
    if waiting is not None:
        return Reading("wait", fraction, left)
    if now > due:
        return Reading("late", 1.0, left)
    return Reading("near" if fraction >= NEAR else "on", fraction, left)
