"""Pure rules of a promise with a deadline. No Django here: numbers and dates in, numbers and dates out.

A promise is an amount of time in a unit (4 hours, 2 working days). The time at which it falls due is a function of
facts that the case keeps, so that it can be computed again whenever the calendar changes:

    due = receipt + promise, then + each extension, then + each pause (measured in the promise's own unit)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import pairwise
from math import cos, hypot, radians
from typing import Protocol

import h3.api.basic_int as h3

from foundation.cells import DIGIT, RESOLUTION_AT
from search.rules import normalise

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


# -- An answer before it goes out -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """One signature of a chain: of the head of a ``unit`` (its key), or of the head of that unit's agency."""

    level: str
    unit: int
    countersign: bool = False


def chain(levels: Sequence[str], unit: int, contributors: Sequence[int] = ()) -> list[Link]:
    """Who signs, in their order: the units that contributed (each once, never the unit in charge), then the levels."""
    others = [other for other in dict.fromkeys(contributors) if other != unit]
    return [*(Link("unit", other, countersign=True) for other in others), *(Link(level, unit) for level in levels)]


# What a template of answers may leave open; `cases.actions.answers` knows what belongs there.
PLACES = ("案號", "種類", "地點", "單位", "機關", "受理日期", "今天")
_PLACE = re.compile(r"\{([^{}\n]{1,20})\}")


def unknown_places(body: str) -> list[str]:
    """The places of a template that nothing would fill, in their order."""
    return [name for name in _PLACE.findall(body) if name not in PLACES]


def fill(body: str, values: Mapping[str, str]) -> str:
    """A template with its places filled; one without a value stays as written, for the officer to see."""
    return _PLACE.sub(lambda found: values.get(found[1]) or found[0], body)


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """What an editor changed, as runs of ("same" | "gone" | "new", text).

    All but the new, joined, is ``before``; all but the gone is ``after``.
    """
    runs: list[tuple[str, str]] = []
    for step, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if step == "equal":
            runs.append(("same", before[i1:i2]))
            continue
        runs += [("gone", before[i1:i2])] if i1 < i2 else []
        runs += [("new", after[j1:j2])] if j1 < j2 else []
    return runs


# -- Where: cells of H3 ------------------------------------------------------------------------------------------------
# A case keeps the cell that it lies in, about 20 m across; how cells nest is foundation.cells' to know.

CELL_RESOLUTION = 12


def cell_of(lon: float | None, lat: float | None) -> int | None:
    """The H3 cell of a point (WGS 84, degrees) at CELL_RESOLUTION; None without a point. A microsecond."""
    return None if lon is None or lat is None else h3.latlng_to_cell(lat, lon, CELL_RESOLUTION)


def stretches(cells: Iterable[int]) -> list[tuple[int, int]]:
    """The stretches (first, last) of cells of CELL_RESOLUTION that lie in some wider cells; neighbours are joined."""
    fine = (1 << DIGIT * (15 - CELL_RESOLUTION)) - 1
    joined: list[tuple[int, int]] = []
    for cell in sorted(h3.compact_cells(list(cells)), key=lambda cell: cell & ~(0xF << RESOLUTION_AT)):
        below = (1 << DIGIT * (15 - h3.get_resolution(cell))) - 1
        last = cell & ~(0xF << RESOLUTION_AT) | (CELL_RESOLUTION << RESOLUTION_AT)
        first = last & ~below | fine
        if joined and first - joined[-1][1] == fine + 1:
            joined[-1] = joined[-1][0], last
        else:
            joined.append((first, last))
    return joined


# -- One matter, reported twice ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Likeness:
    """How alike two reports of one kind must be to be one matter; rule data of the city pack (``duplicate``).

    Beyond ``metres`` or ``days`` they are not compared. ``distance``, ``age`` and ``words`` are weights; from
    ``enough`` on a report is shown as perhaps the same.
    """

    metres: float
    days: float
    distance: float
    age: float
    words: float
    enough: float

    @classmethod
    def of(cls, value: Mapping[str, float]) -> Likeness:
        """From the table of the rule. TypeError for a key too many or too few, ValueError for what cannot weigh."""
        rule = cls(**{name: float(number) for name, number in value.items()})
        if (
            min(rule.metres, rule.days, rule.distance) <= 0
            or min(rule.age, rule.words) < 0
            or not 0 <= rule.enough <= 1
        ):
            raise ValueError(f"no rule of likeness: {dict(value)}")
        return rule

    def score(self, metres: float, days: float, words: float | None) -> float:
        """From 0 (not the same) to 1 (same place, same hour, same words).

        Without words on one side (None) place and time decide alone. Nearer, sooner and more words in common never
        make it less.
        """
        if metres > self.metres or days > self.days:
            return 0.0
        parts = [(self.distance, 1 - metres / self.metres), (self.age, 1 - days / self.days)]
        parts += [(self.words, words)] if words is not None else []
        return sum(weight * part for weight, part in parts) / sum(weight for weight, _part in parts)


def words_in_common(one: str, other: str) -> float | None:
    """The share of character pairs that two texts have in common (Dice, 0 to 1); None where one has no pair."""
    ours, theirs = _pairs(one), _pairs(other)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else None


def _pairs(text: str) -> set[str]:
    return {a + b for run in normalise(text).split() for a, b in pairwise(run) if a.isalnum() and b.isalnum()}


METRES_A_DEGREE = 111_320  # of latitude


def metres_apart(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """The distance of two points in metres; the earth is flat within a city."""
    across = cos(radians((lat + other_lat) / 2))
    return METRES_A_DEGREE * hypot(other_lat - lat, (other_lon - lon) * across)
