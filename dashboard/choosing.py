"""What the address of a board chooses for all its charts: a year, maybe some of its months, and parts of the city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from dashboard.models import Span
from dashboard.rules import TIME
from figures.registry import DAY, MONTH, YEAR, Period, dimension
from foundation.clock import today

FIRST_YEAR = 2015
FILTERS = ("district", "kind")  # dimensions that readers may choose a member of


@dataclass(frozen=True)
class Choice:
    """A year of the common era, its months from ``first`` to ``last``, and members of dimensions."""

    year: int
    first: int = 1
    last: int = 12
    dims: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: Mapping[str, str], default_year: int) -> Choice:
        """From the parts of an address. An odd year or month counts as not chosen; months the wrong way round are
        turned. Raises LookupError for a member that the city does not have."""
        year, first, last = (_whole(asked.get(name, "")) for name in ("year", "from", "to"))
        first, last = (n if n and 1 <= n <= 12 else None for n in (first, last))
        first, last = sorted((first or 1, last or 12))
        dims = {name: asked[name] for name in FILTERS if asked.get(name)}
        for name, value in dims.items():
            if value not in {member for member, _label in dimension(name).members()}:
                raise LookupError(name)
        return cls(year if year and FIRST_YEAR <= year <= today().year else default_year, first, last, dims)

    @property
    def is_whole_year(self) -> bool:
        return (self.first, self.last) == (1, 12)

    @property
    def months(self) -> list[Period]:
        return [Period.month(self.year, month) for month in range(self.first, self.last + 1)]

    @property
    def label(self) -> str:
        """In words: 民國 111 年, 民國 111 年 1 月至 6 月."""
        if self.is_whole_year:
            return Period.year(self.year).label
        if self.first == self.last:
            return self.months[0].label
        return _("%(first)s至%(last)s") % {"first": self.months[0].label, "last": self.months[-1].short_label}

    def query(self, **other: str) -> str:
        """The part of an address that chooses the same, or the same but for some members."""
        months = {} if self.is_whole_year else {"from": self.first, "to": self.last}
        dims = {name: value for name, value in {**self.dims, **other}.items() if value}
        return urlencode({"year": self.year, **months, **dims})


@dataclass(frozen=True)
class Stretch:
    """The periods that a chart is about, in order, with the same number of them before, to compare with."""

    periods: Sequence[Period]
    before: Sequence[Period]
    versus: str  # with what it is compared, in words
    label: str

    @property
    def is_over(self) -> bool:
        return self.periods[-1].is_over


def stretch(span: str, by: str, chosen: Choice) -> Stretch:
    """The periods of a chart: one for each point of a course in time, else those that are put together to one value."""
    day = Period.day(today())
    if span == Span.TODAY:
        return Stretch([day], [day.previous], _("比前一日"), _("今天"))
    if span == Span.DAYS30:
        days = [Period(DAY, day.start - timedelta(days=n)) for n in range(29, -1, -1)]
        before = [Period(DAY, each.start - timedelta(days=30)) for each in days]
        return Stretch(days, before, _("比再前 30 天"), _("最近 30 天"))
    if span == Span.MONTHS12:
        months = [Period.of(MONTH, day.start)]
        while len(months) < 12:
            months.insert(0, months[0].previous)
        return Stretch(months, [_year_before(each) for each in months], _("比再前 12 個月"), _("最近 12 個月"))
    if span == Span.YEARS5:
        years = [Period.year(year) for year in range(chosen.year - 4, chosen.year + 1)]
        label = _("%(first)s至%(last)s") % {"first": years[0].label, "last": years[-1].short_label}
        return Stretch(years, [], "", label)
    periods = [Period.year(chosen.year)] if chosen.is_whole_year and by != TIME else chosen.months
    versus = _("比前一年") if chosen.is_whole_year else _("比前一年同期")
    return Stretch(periods, [_year_before(each) for each in periods], versus, chosen.label)


def _year_before(period: Period) -> Period:
    year = period.start.year - 1
    return Period.year(year) if period.grain == YEAR else Period.month(year, period.start.month)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
