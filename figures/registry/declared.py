"""The declared objects: what a figure is, by how it comes about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import DateTimeField, Expression, ExpressionWrapper, F, FloatField, Model, Q, QuerySet, TextField
from django.db.models import Value as Literal
from django.db.models.functions import Cast, Coalesce, Extract
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from figures.registry.periods import GRAINS, MONTH, YEAR, Period
from figures.registry.places import Places
from figures.rules import percentage, subsets
from foundation.clock import TAIPEI, now, today

type Text = str | Promise
type Lookup = Callable[[str, Period], Decimal | None]


FLOW, STOCK, RATE, MEAN, MEDIAN, RULE, MANUAL = "flow", "stock", "rate", "mean", "median", "rule", "manual"
KINDS: dict[str, Text] = {
    FLOW: _("期間合計"),
    STOCK: _("時點數"),
    RATE: _("比率"),
    MEAN: _("平均"),
    MEDIAN: _("中位數"),
    RULE: _("規定值"),
    MANUAL: _("人工填報"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Dimension:
    """What figures are broken down by. ``members()`` gives (value, label in the reader's language), in order."""

    code: str
    label: Text
    members: Callable[[], Iterable[tuple[str, Text]]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Column:
    """A column of the page that shows the records counted. ``value(record)`` must be fit for the public."""

    label: Text
    value: Callable[[Any], object]


@dataclass(frozen=True, eq=False, kw_only=True)
class Figure:
    """A number that the city reports.

    ``definition`` says in words what is counted and what is not; ``source`` names the report that asks for it, ``law``
    the law or rule behind it; ``decimals`` is how many places are printed (a half is rounded up). ``owner`` is the code
    of the agency that answers for it, and ``chapter`` its place in the city's report (``3.1.2``): both are the city
    pack's to say, so read them through ``registry.owner_of`` and ``registry.chapter_of``. ``public=False`` closes its
    pages to those without ``city:figures:read``.
    """

    code: str
    label: Text
    unit: Text
    definition: Text
    source: Text = ""
    law: Text = ""
    owner: str = ""
    chapter: str = ""
    decimals: int = 0
    public: bool = True
    grains: tuple[str, ...] = GRAINS  # the periods for which it has values

    kind: ClassVar[str]  # one of KINDS: whether and how it adds up
    how: ClassVar[Text]  # how the number comes about, in words

    @property
    def parts(self) -> tuple[str, ...]:
        """Codes of the figures that it is computed from."""
        return ()

    @property
    def kind_label(self) -> Text:
        """The kind of sum in words."""
        return KINDS[self.kind]


@dataclass(frozen=True, eq=False, kw_only=True)
class Counted(Figure):
    """A figure taken from records. Its observations are stored and kept up; the queries of this class are the source.

    ``records()`` gives every record that can count, whatever its date, with what the columns need already joined. It
    must depend on the records alone, never on the clock, and must not be distinct, sliced or grouped.
    ``dimensions`` maps the code of a dimension to the ORM path of its value; ``group`` is what ``actions.touch`` names
    when such a record changes. ``records_public=False`` keeps the list of the records, not the number, to those with
    ``city:figures:read``: for records of which even the columns would tell too much. ``places`` is where they lie.
    """

    group: str
    records: Callable[[], QuerySet]
    dimensions: Mapping[str, str] = field(default_factory=dict)
    columns: Sequence[Column] = ()
    record_url: Callable[[Any], str | None] | None = None
    records_public: bool = True
    places: Places | None = None

    zero: ClassVar[Decimal | None] = Decimal(0)  # the value where there is no record
    slow: ClassVar[tuple[str, ...]] = ()  # grains that take too long to be computed every few seconds

    def stored(self, grain: str) -> list[tuple[str, ...]]:
        """The sets of dimensions by which observations of a grain are stored. Others are counted when asked for."""
        raise NotImplementedError

    def in_period(self, period: Period) -> QuerySet:
        """The records that count for a period."""
        raise NotImplementedError

    def chosen(self, period: Period, dims: Mapping[str, str]) -> QuerySet:
        """The records that count for a period and given values of dimensions, the newest first."""
        return self.where(self.in_period(period), dims).order_by(f"-{self.dated_by}", "-pk")

    def where(self, records: QuerySet, dims: Mapping[str, str]) -> QuerySet:
        """Those of the records with given values of dimensions; an empty value chooses the records that have none.

        Raises LookupError for a dimension that the figure does not have.
        """
        for code, value in dims.items():
            if code not in self.dimensions:
                raise LookupError(f"{self.code} has no dimension {code!r}")
            path = self.dimensions[code]
            if value:
                records = records.filter(**{path: value})
            else:
                records = records.alias(**{f"figure_{code}": member_value(path)}).filter(**{f"figure_{code}": ""})
        return records

    @property
    def dated_by(self) -> str:
        """The path of the day or moment by which records are put in order."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, kw_only=True)
class Count(Counted):
    """How many records have their date in the period. ``date_field`` is the path of a DateField: a day in Taipei."""

    date_field: str

    kind = FLOW
    how = _("期間內逐筆點算紀錄。")

    def stored(self, grain: str) -> list[tuple[str, ...]]:
        # Days only by one dimension at a time: all combinations of a day are nearly as many as the records.
        return subsets(self.dimensions, None if grain in (MONTH, YEAR) else 1)

    def in_period(self, period: Period) -> QuerySet:
        return self.records().filter(**{f"{self.date_field}__range": (period.start, period.end)})

    @property
    def dated_by(self) -> str:
        return self.date_field


@dataclass(frozen=True, eq=False, kw_only=True)
class Total(Count):
    """What the records of the period come to, where each stands for many: ``amount`` is the path of how many."""

    amount: str

    how = _("期間內各筆紀錄所載數量之合計。")


@dataclass(frozen=True, eq=False, kw_only=True)
class Median(Counted):
    """The middle value of an expression over the records of the period (with an even number, the mean of the two)."""

    date_field: str
    value: Expression

    kind = MEDIAN
    how = _("期間內各筆紀錄之值由小至大排列，取其正中間之值；筆數為偶數時取中間兩值之平均。")
    grains: tuple[str, ...] = (MONTH, YEAR)
    zero = None
    slow = (YEAR,)  # a year's records are put in order once for each dimension: 0.2 s per 100,000

    def stored(self, grain: str) -> list[tuple[str, ...]]:
        return subsets(self.dimensions, 1)

    def in_period(self, period: Period) -> QuerySet:
        return self.records().filter(**{f"{self.date_field}__range": (period.start, period.end)})

    @property
    def dated_by(self) -> str:
        return self.date_field


@dataclass(frozen=True, eq=False, kw_only=True)
class Stock(Counted):
    """How many records are open at the end of the period, or now while it runs.

    A record is open from ``since`` on until before ``until``, both paths of a DateField or a DateTimeField; an empty
    ``until`` means still open, and it never lies in the future. What is late is open from its due time until done.
    ``unended`` says the same as an empty ``until`` in words that an index over open records answers to, where
    ``until`` is an expression: what is open now is counted whenever it is read.
    """

    since: str
    until: str
    unended: Q | None = None

    kind = STOCK
    how = _("期間終了時（期間未終了者為現在）已開始而尚未結束之紀錄數。")
    grains: tuple[str, ...] = (MONTH, YEAR)

    def stored(self, grain: str) -> list[tuple[str, ...]]:
        return subsets(self.dimensions)

    def in_period(self, period: Period) -> QuerySet:
        records = self.records()
        if not period.has_begun:
            return records.none()
        if not period.is_over:
            # Nothing ends in the future, so that what has not ended is what has no end.
            begun_by = now() if is_moment(records, self.since) else today()
            unended = self.unended or Q(**{f"{self.until}__isnull": True})
            return records.filter(unended, **{f"{self.since}__lte": begun_by})
        return self.open_between(period.end, period.end)

    def open_between(self, first: date, last: date) -> QuerySet:
        """The records that had begun by the end of the last day and had not ended by the end of the first."""
        records = self.records()
        begun_by, ended_after = (
            midnight_after(day) if is_moment(records, path) else day + timedelta(days=1)
            for path, day in ((self.since, last), (self.until, first))
        )
        unended = Q(**{f"{self.until}__isnull": True})
        return records.filter(unended | Q(**{f"{self.until}__gte": ended_after}), **{f"{self.since}__lt": begun_by})

    @property
    def dated_by(self) -> str:
        return self.since


@dataclass(frozen=True, eq=False, kw_only=True)
class Derived(Figure):
    """A figure computed from other figures, at the moment it is read."""

    def needs(self, period: Period) -> list[tuple[str, Period]]:
        """The figures and periods that its value for a period is computed from."""
        return [(code, period) for code in self.parts]

    def compute(self, period: Period, value_of: Lookup) -> Decimal | None:
        """Its value, before rounding; None where there is none."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, kw_only=True)
class Ratio(Derived):
    """One figure in percent of another; no value where the other is zero."""

    numerator: str
    denominator: str
    unit: Text = "%"
    decimals: int = 1

    kind = RATE
    how = _("分子除以分母，乘以一百。分母為零時不計。")

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.numerator, self.denominator)

    def compute(self, period: Period, value_of: Lookup) -> Decimal | None:
        return percentage(value_of(self.numerator, period), value_of(self.denominator, period))


@dataclass(frozen=True, eq=False, kw_only=True)
class PerMonth(Derived):
    """The monthly mean of a figure that adds up: the year's sum over 12.

    While the year runs, the sum of the months that are over, divided by their number; in January there is none yet.
    """

    of: str

    kind = MEAN
    how = _("全年合計除以十二個月；當年度尚未終了時，以已終了月份之合計除以其月數。四捨五入。")
    grains: tuple[str, ...] = (YEAR,)

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.of,)

    def _terms(self, period: Period) -> list[Period]:
        return [period] if period.is_over else [month for month in period.months if month.is_over]

    def needs(self, period: Period) -> list[tuple[str, Period]]:
        return [(self.of, term) for term in self._terms(period)]

    def compute(self, period: Period, value_of: Lookup) -> Decimal | None:
        values = [value for term in self._terms(period) if (value := value_of(self.of, term)) is not None]
        months = 12 if period.is_over else len(values)
        return sum(values, Decimal(0)) / months if values else None


@dataclass(frozen=True, eq=False, kw_only=True)
class SoFar(Derived):
    """What a figure that adds up came to from the beginning of the year ``since`` (of the common era) to the period's
    end, or to now while it runs."""

    of: str
    since: int

    kind = STOCK
    how = _("自開辦起至期間終了時（期間未終了者為現在）之合計。")
    grains: tuple[str, ...] = (MONTH, YEAR)

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.of,)

    def needs(self, period: Period) -> list[tuple[str, Period]]:
        year = Period.year(period.start.year)
        before = [(self.of, Period.year(number)) for number in range(self.since, year.start.year)]
        if period.grain == YEAR:
            return [*before, (self.of, year)]
        return [*before, *((self.of, month) for month in year.months if month.start <= period.start)]

    def compute(self, period: Period, value_of: Lookup) -> Decimal | None:
        if not period.has_begun:
            return None
        values = [value_of(self.of, each) for _code, each in self.needs(period)]
        return sum((value for value in values if value is not None), Decimal(0))


@dataclass(frozen=True, eq=False, kw_only=True)
class RuleFigure(Figure):
    """A number laid down by a rule and in force in the period, such as a deadline; ``value(period)`` reads it."""

    value: Callable[[Period], Decimal | int | None]

    kind = RULE
    how = _("期間內有效之規定所訂數值。")


@dataclass(frozen=True, eq=False, kw_only=True)
class Manual(Figure):
    """A figure of which there are no records yet: its owner enters each value, with evidence (``actions.enter``).

    ``measures`` is the kind of sum that the number is where it comes from; ``least`` and ``most`` are the bounds within
    which a value is plausible. It has no dimensions: a part of it is a figure of its own.
    """

    measures: str = FLOW
    least: Decimal | None = None
    most: Decimal | None = None
    grains: tuple[str, ...] = (YEAR,)

    kind = MANUAL
    how = _("由主管機關依佐證資料填報，不是系統從紀錄算出的。")

    @property
    def measures_label(self) -> Text:
        """What the number is where it comes from, in words."""
        return KINDS[self.measures]


@dataclass(frozen=True, eq=False, kw_only=True)
class ShareSet:
    """Figures that are the parts of a whole: their shares add up to 100 %, or the set is not published.

    With ``whole`` the parts are amounts that must add up to that figure, and their shares are computed (a period's
    shares in ``decimals`` places, by the largest remainder). Without it the parts are percentages themselves, which
    must add up to 100 as they are printed.
    """

    code: str
    label: Text
    parts: tuple[str, ...]
    whole: str = ""
    decimals: int = 1


def member_value(path: str) -> Expression:
    """The value of a dimension as text, empty where a record has none."""
    return Coalesce(Cast(F(path), TextField()), Literal("", output_field=TextField()))


def is_moment(queryset: QuerySet[Model], path: str) -> bool:
    """Whether a path leads to a moment (DateTimeField) and not to a day."""
    return isinstance(
        queryset.annotate(figure_field=F(path)).query.annotations["figure_field"].output_field, DateTimeField
    )


def midnight_after(day: date) -> datetime:
    """The end of a day in Taipei."""
    return datetime.combine(day + timedelta(days=1), time(), TAIPEI)


def hours_between(start: str, end: str) -> Expression:
    """Clock hours from one moment of a record to another, for ``Median(value=...)``."""
    return ExpressionWrapper(Extract(F(end) - F(start), "epoch") / 3600.0, output_field=FloatField())
