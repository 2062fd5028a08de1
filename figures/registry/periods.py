"""A year, a month or a day that a figure is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from figures.rules import months_between, next_month
from foundation.clock import today
from foundation.roc import roc_year

DAY, MONTH, YEAR = GRAINS = ("day", "month", "year")

_CODE = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?")


@dataclass(frozen=True)
class Period:
    """A calendar year, month or day, in Taipei. Written ``2022``, ``2022-08`` and ``2022-08-05`` in addresses."""

    grain: str
    start: date

    def __post_init__(self) -> None:
        if self.grain not in GRAINS or self.start != self._starts(self.grain, self.start):
            raise ValueError(f"no {self.grain} starts on {self.start}")

    @staticmethod
    def _starts(grain: str, day: date) -> date:
        if grain == YEAR:
            return day.replace(month=1, day=1)
        return day.replace(day=1) if grain == MONTH else day

    @classmethod
    def year(cls, year: int) -> Period:
        """A year of the common era: 2022 is 民國 111 年."""
        return cls(YEAR, date(year, 1, 1))

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        return cls(MONTH, date(year, month, 1))

    @classmethod
    def day(cls, day: date) -> Period:
        return cls(DAY, day)

    @classmethod
    def of(cls, grain: str, day: date) -> Period:
        """The period of a grain that a day lies in."""
        return cls(grain, cls._starts(grain, day))

    @classmethod
    def parse(cls, code: str) -> Period:
        """The period of an address: 2022, 2022-08 or 2022-08-05, not before the Republic. ValueError else."""
        found = _CODE.fullmatch(code)
        if not found:
            raise ValueError(f"{code!r} is not a period: write 2022, 2022-08 or 2022-08-05")
        if not 1912 <= int(found["year"]) < 3000:
            raise ValueError(f"{code!r}: the year must lie between 1912 and 2999")
        grain = DAY if found["day"] else MONTH if found["month"] else YEAR
        return cls(grain, date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)))

    @property
    def code(self) -> str:
        """As written in addresses."""
        return {YEAR: f"{self.start:%Y}", MONTH: f"{self.start:%Y-%m}", DAY: f"{self.start:%Y-%m-%d}"}[self.grain]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        """In words, in the reader's language and calendar: 民國 111 年 8 月."""
        if self.grain == YEAR:
            return self._said(_("民國 {roc} 年"))
        return self._said(
            _("民國 {roc} 年 {month} 月") if self.grain == MONTH else _("民國 {roc} 年 {month} 月 {day} 日")
        )

    @property
    def short_label(self) -> str:
        """As on an axis where the year is known: 111 年, 8 月, 5 日."""
        if self.grain == YEAR:
            return self._said(_("{roc} 年"))
        return self._said(_("{month} 月") if self.grain == MONTH else _("{month} 月 {day} 日"))

    def _said(self, words: str) -> str:
        return words.format(roc=roc_year(self.start), code=self.code, month=self.start.month, day=self.start.day)

    @property
    def axis_label(self) -> str:
        """As short as can be, on an axis whose year is known: 111 年, 8, 8/5."""
        if self.grain == YEAR:
            return self.short_label
        return str(self.start.month) if self.grain == MONTH else f"{self.start.month}/{self.start.day}"

    @property
    def end(self) -> date:
        """The last day."""
        return self.next.start - timedelta(days=1)

    @property
    def next(self) -> Period:
        if self.grain == YEAR:
            return Period.year(self.start.year + 1)
        return Period(self.grain, next_month(self.start) if self.grain == MONTH else self.start + timedelta(days=1))

    @property
    def previous(self) -> Period:
        return Period.of(self.grain, self.start - timedelta(days=1))

    @property
    def year_before(self) -> Period:
        """The same period of the year before; for 29 February the 28th."""
        day = min(self.start.day, 28) if self.start.month == 2 else self.start.day
        return Period(self.grain, self.start.replace(year=self.start.year - 1, day=day))

    @property
    def is_over(self) -> bool:
        """Whether its last day has passed."""
        return self.end < today()

    @property
    def has_begun(self) -> bool:
        return self.start <= today()

    @property
    def months(self) -> list[Period]:
        """Its months; the month it lies in, for a day."""
        return [Period(MONTH, first) for first in months_between(self.start, self.end)]

    @property
    def days(self) -> list[Period]:
        return [Period(DAY, self.start + timedelta(days=n)) for n in range((self.end - self.start).days + 1)]

    def within(self, other: Period) -> bool:
        """Whether it lies in another period (or is it)."""
        return other.start <= self.start and self.end <= other.end
