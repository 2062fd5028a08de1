"""A year of the working calendar as people read it: months, weeks, and why a day is not like the others."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from holidays import country_holidays

from foundation.templatetags.city import roc_filter
from organisation.calendar import is_official_working_day
from organisation.models import CalendarOverride, District

# Before 2001 every second Saturday was worked: a page of weeks with two days off would mislead.
FIRST_YEAR = 2001
# The years whose days the tests compare with 行政院人事行政總處's tables; other years are worked out by rule alone.
COMPARED_YEARS = range(2017, 2028)
SUNDAY_FIRST = Calendar(firstweekday=6)
# By date.weekday(): Monday is 0.
WEEKDAYS = (
    pgettext_lazy("weekday", "一"),
    pgettext_lazy("weekday", "二"),
    pgettext_lazy("weekday", "三"),
    pgettext_lazy("weekday", "四"),
    pgettext_lazy("weekday", "五"),
    pgettext_lazy("weekday", "六"),
    pgettext_lazy("weekday", "日"),
)
HEADINGS = (WEEKDAYS[6], *WEEKDAYS[:6])
NAMED_DISTRICTS = 3  # more than this many are counted where space is short


@dataclass(frozen=True)
class Closure:
    """What was declared for a day, in one go: one kind, reason and source, for the whole city or some districts."""

    pk: int  # of one of its rows
    date: date
    kind: str
    kind_label: str
    districts: tuple[District, ...]  # none: the whole city
    reason: str
    source: str
    from_pack: bool
    revoked_at: datetime | None = None

    @property
    def day(self) -> str:
        """The day, with that of the week."""
        return in_words(self.date)

    @property
    def place(self) -> str:
        """Where it holds: every district by name."""
        return _("、").join(district.label for district in self.districts) or _("全市")

    @property
    def short_place(self) -> str:
        """Where it holds: many districts are only counted."""
        many = len(self.districts)
        if many <= NAMED_DISTRICTS:
            return self.place
        return ngettext("%(n)s 個行政區", "%(n)s 個行政區", many) % {"n": many}

    @property
    def words(self) -> str:
        """Why, where and how, in one line."""
        return _("%(reason)s（%(place)s，%(kind)s）") % {
            "reason": self.reason,
            "place": self.short_place,
            "kind": self.kind_label,
        }


@dataclass(frozen=True)
class Day:
    """A day of a month. ``kind`` is ``off``, ``made-up``, ``closed``, ``partly``, ``open``, ``weekend`` or empty."""

    date: date
    kind: str
    words: tuple[str, ...]
    is_today: bool


@dataclass(frozen=True)
class Line:
    """What is to be said of a day, or of days in a row of which the same is to be said."""

    first: date
    last: date
    words: tuple[str, ...]

    @property
    def label(self) -> str:
        """Which days of the month: ``15 日（日）``, ``17–19 日（二–四）``."""
        names = {
            "first": self.first.day,
            "last": self.last.day,
            "weekday": WEEKDAYS[self.first.weekday()],
            "last_weekday": WEEKDAYS[self.last.weekday()],
        }
        if self.first == self.last:
            return _("%(first)s 日（%(weekday)s）") % names
        return _("%(first)s–%(last)s 日（%(weekday)s–%(last_weekday)s）") % names


@dataclass(frozen=True)
class Month:
    """A month: its weeks from Sunday to Saturday (None for a day of another month)."""

    name: str
    short_name: str
    weeks: list[list[Day | None]]

    @property
    def lines(self) -> list[Line]:
        """The days about which there is something to say."""
        lines: list[Line] = []
        for day in (day for week in self.weeks for day in week if day and day.words):
            before = lines[-1] if lines else None
            if before and before.words == day.words and before.last + timedelta(days=1) == day.date:
                lines[-1] = Line(before.first, day.date, day.words)
            else:
                lines.append(Line(day.date, day.date, day.words))
        return lines


def in_words(day: date) -> str:
    """``111 年 7 月 26 日（二）``; ``2022-07-26 (Tue)`` on English pages."""
    return _("%(date)s（%(weekday)s）") % {"date": roc_filter(day), "weekday": WEEKDAYS[day.weekday()]}


def closures_of(overrides: Iterable[CalendarOverride]) -> list[Closure]:
    """Rows of the same day that say the same, as one; in the order of the rows. Districts must be loaded."""
    together: dict[tuple, list[CalendarOverride]] = {}
    for row in overrides:
        key = (row.date, row.kind, row.reason, row.source, row.from_pack, row.revoked_at, row.district_id is None)
        together.setdefault(key, []).append(row)
    return [
        Closure(
            pk=rows[0].pk,
            date=rows[0].date,
            kind=rows[0].kind,
            kind_label=rows[0].get_kind_display(),
            districts=tuple(sorted((row.district for row in rows if row.district), key=lambda each: each.order)),
            reason=rows[0].reason,
            source=rows[0].source,
            from_pack=rows[0].from_pack,
            revoked_at=rows[0].revoked_at,
        )
        for rows in together.values()
    ]


def months_of(year: int, closures: Iterable[Closure], today: date) -> list[Month]:
    """The twelve months of a year; ``closures`` are those in force."""
    official = official_days(year)
    declared: dict[date, list[Closure]] = {}
    for closure in closures:
        declared.setdefault(closure.date, []).append(closure)

    def day_of(day: date) -> Day | None:
        here = declared.get(day, [])
        words = [*([official[day]] if day in official else []), *(closure.words for closure in here)]
        return Day(day, _kind(day, day in official, here), tuple(words), day == today)

    return [
        Month(
            date_format(date(year, month, 1), pgettext("date format", "n 月")),
            date_format(date(year, month, 1), pgettext("short date format", "n 月")),
            [
                [day_of(day) if day.month == month else None for day in week]
                for week in SUNDAY_FIRST.monthdatescalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]


def official_days(year: int) -> dict[date, str]:
    """The official holidays and make-up days of a year, each in words of the page's language."""
    return _official_days(year, "en_US" if (get_language() or "").startswith("en") else "zh_TW")


# By language: what ``_`` gives within depends on nothing else.
@lru_cache(maxsize=32)
def _official_days(year: int, language: str) -> dict[date, str]:
    # A bridge day and the Saturday that makes up for it may lie in different years.
    years = (year - 1, year, year + 1)
    named = country_holidays("TW", years=years, language="zh_TW")
    spoken = country_holidays("TW", years=years, language=language)
    found = {}
    for day in sorted(named):
        made_up = next((worked for worked in named.weekend_workdays if worked.isoformat() in named[day]), None)
        if made_up:
            found[day] = _("調整放假，%(day)s補行上班") % {"day": _in_short(made_up)}
            found[made_up] = _("補行上班，%(day)s調整放假") % {"day": _in_short(day)}
        else:
            found.setdefault(day, _name(day, named, spoken))
    return {day: words for day, words in sorted(found.items()) if day.year == year}


def _name(day: date, named, spoken) -> str:
    names = named.get_list(day)
    # The package calls both days before the new year its eve; and a day off for either of them is one for the feast.
    if "農曆除夕" in names and "農曆除夕" in named.get_list(day + timedelta(days=1)):
        return _("小年夜")
    if "農曆除夕（補假）" in names:
        return _("春節（補假）")
    return _("、").join(spoken.get_list(day))


def _in_short(day: date) -> str:
    return date_format(day, pgettext("date format", "n 月 j 日"))


def _kind(day: date, is_special: bool, closures: list[Closure]) -> str:
    """What colours the day: what was declared goes before the calendar, and the whole city before a district."""
    for closure in closures:
        if not closure.districts:
            return closure.kind if closure.kind in ("closed", "open") else "partly"
    if closures:
        return "partly"
    if is_official_working_day(day):
        return "made-up" if is_special else ""
    return "off" if is_special else "weekend"
