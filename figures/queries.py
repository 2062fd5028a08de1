"""Reading figures: the only way in which dashboards, reports and pages come to a number.

Every function asks the database a fixed number of times, however many periods or members it is about: once for what is
stored, once more for each figure that is not stored in the form asked for (a stock that still runs, a day by two
dimensions) and is counted on the spot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from figures import sql
from figures.models import Observation, Touched
from figures.querysets import key_of
from figures.registry import MONTH, Counted, Derived, Figure, Lookup, Manual, Period, RuleFigure, Stock, registry
from figures.rules import half_up, shares_of_whole
from foundation.clock import now

if TYPE_CHECKING:
    from figures.together import Shelf

NOTHING = "－"  # how a figure without a value is printed
COLUMNS = ("figure", "period", "by", "dims", "value", "is_frozen", "frozen_value", "is_typed")


@dataclass(frozen=True)
class Reading:
    """A figure's value for a period and given values of dimensions, as it is to be shown.

    ``exact`` is what was published if the period is frozen, else what the records say; ``current`` is what the records
    say in either case. None: there is no value (a share of nothing, a period that has not begun).
    """

    figure: Figure
    period: Period
    dims: Mapping[str, str]
    exact: Decimal | None
    current: Decimal | None
    is_frozen: bool = False
    is_typed: bool = False  # whether this very value, or one that it is computed from, was entered by a person
    share: Decimal | None = None  # of a whole that is declared as a set: ``exact`` as its set rounds it
    share_now: Decimal | None = None  # the same of ``current``

    @property
    def value(self) -> Decimal | None:
        """The value as printed: rounded to the figure's decimals, a share as the set that it belongs to."""
        if self.share is not None:
            return self.share
        return None if self.exact is None else half_up(self.exact, self.figure.decimals)

    @property
    def is_corrected(self) -> bool:
        """Whether the records of a frozen value have changed since it was published."""
        return self.is_frozen and self.current != self.exact

    @property
    def is_manual(self) -> bool:
        """Whether a person typed the number, or one that it is computed from: it is to be marked as such."""
        return self.is_typed or registry.is_manual(self.figure)

    @property
    def now(self) -> Reading:
        """The reading that the records would give, had nothing been frozen."""
        return replace(self, exact=self.current, share=self.share_now, is_frozen=False)

    @property
    def text(self) -> str:
        """The value with thousands apart, or a full-width dash."""
        return NOTHING if self.value is None else f"{self.value:,}"

    @property
    def unit(self) -> str:
        return str(self.figure.unit)

    @property
    def url(self) -> str:
        """Where the number is explained: its definition, sums and records."""
        address = reverse("figure-period", args=[self.figure.code, self.period])
        return f"{address}?{urlencode(sorted(self.dims.items()))}" if self.dims else address


class Row(NamedTuple):
    """A member of a dimension with its readings, one a figure or one a period; ``member`` None is the total."""

    member: str | None
    label: str
    readings: list[Reading]

    @property
    def reading(self) -> Reading:
        """The first reading: the only one of a table of one figure."""
        return self.readings[0]


@dataclass(frozen=True)
class Table:
    """A figure or several by the members of a dimension: every declared member, then what else occurs in records."""

    rows: list[Row]
    total: Row


def value(code: str, period: Period, **dims: str) -> Reading:
    """One figure for one period. Raises LookupError for an unknown figure or dimension."""
    return _Reader([code], [period], (), dims).reading(code, period)


def values(codes: Iterable[str], period: Period, **dims: str) -> dict[str, Reading]:
    """Several figures for one period, by code."""
    codes = list(codes)
    reader = _Reader(codes, [period], (), dims)
    return {code: reader.reading(code, period) for code in codes}


def series(code: str, periods: Sequence[Period], **dims: str) -> list[Reading]:
    """One figure over periods of one grain: ``series(code, Period.year(2022).months)``."""
    reader = _Reader([code], periods, (), dims)
    return [reader.reading(code, period) for period in periods]


def grid(codes: Iterable[str], periods: Sequence[Period]) -> dict[str, list[Reading]]:
    """Several figures over periods of one grain, by code, for the price of one."""
    codes = list(codes)
    reader = _Reader(codes, periods, (), {})
    return {code: [reader.reading(code, period) for period in periods] for code in codes}


def table(codes: Iterable[str], period: Period, by: str, **dims: str) -> Table:
    """Several figures for one period by the members of a dimension; each row has one reading a figure."""
    return tables(codes, period, [by], **dims)[by]


def tables(codes: Iterable[str], period: Period, by: Sequence[str], **dims: str) -> dict[str, Table]:
    """The same by several dimensions, each on its own, for the price of one."""
    codes = list(codes)
    reader = _Reader(codes, [period], by, dims)
    return {each: reader.table(each, lambda row: [reader.reading(code, period, row) for code in codes]) for each in by}


def series_by(code: str, periods: Sequence[Period], by: str, **dims: str) -> Table:
    """One figure over periods of one grain by the members of a dimension; each row has one reading a period."""
    reader = _Reader([code], periods, [by], dims)
    return reader.table(by, lambda row: [reader.reading(code, period, row) for period in periods])


def recount(code: str, period: Period, **dims: str) -> Reading:
    """One figure for one period counted from its records at this moment, whatever is stored; what was typed is read."""
    return _Reader([code], [period], (), dims, stored=False).reading(code, period)


def records(code: str, period: Period, **dims: str) -> QuerySet:
    """The very records that a figure counts, the newest first. Raises LookupError if it is not taken from records."""
    figure = registry.figure(code)
    if not isinstance(figure, Counted):
        raise LookupError(f"{code} is computed from other figures: look at the records of {', '.join(figure.parts)}")
    return figure.chosen(period, dims)


def member_label(dimension: str, value: str) -> str:
    """A value of a dimension in words: its member's label, or itself where no member has it."""
    if not value:
        return _("未記載")
    return next((str(label) for member, label in registry.dimension(dimension).members() if member == value), value)


def up_to_date_at(code: str | None = None) -> datetime:
    """The moment up to which all changes are counted: now, or when the oldest mark was made that waits.

    For one figure, or for all but those that are brought up to date less often (``Counted.slow``).
    """
    marks = Touched.objects.all()
    figure = registry.figure(code) if code else None
    if isinstance(figure, Counted):
        marks = marks.filter(group=figure.group)
    if not (isinstance(figure, Counted) and figure.slow):
        marks = marks.filter(slow=False)
    return marks.aggregate(at=Min("at"))["at"] or now()


type _RowKey = tuple[str, str] | None  # a dimension and one of its values; None is the total


class _Cell(NamedTuple):
    published: Decimal | None
    current: Decimal | None
    is_frozen: bool = False
    is_typed: bool = False


@lru_cache(maxsize=1024)
def _stored_keys(figure: Counted, grain: str) -> frozenset[str]:
    return frozenset(key_of(subset) for subset in figure.stored(grain))


@dataclass
class _Reader:
    """Fetches what some figures need for some periods, then answers from memory."""

    codes: Sequence[str]
    periods: Sequence[Period]
    by: Sequence[str]
    dims: Mapping[str, str]
    stored: bool = True
    shelf: Shelf | None = None  # what was fetched for several at once; None: fetch for this one
    _cells: dict[tuple[str, Period, _RowKey], _Cell] = field(default_factory=dict, init=False)
    _empty: dict[tuple[str, Period], _Cell] = field(default_factory=dict, init=False)
    _needed: dict[str, dict[str, set[Period]]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for code in self.codes:
            figure = registry.figure(code)
            unknown = {*self.dims, *self.by} - {d.code for d in registry.dimensions_of(figure)}
            if unknown:
                raise LookupError(f"{code} has no dimension {', '.join(sorted(unknown))}")
            for again in set(self.by) & set(self.dims):
                raise LookupError(f"{code} cannot be broken down by {again} within one {again}")
            if grains := {period.grain for period in self.periods} - set(registry.grains_of(figure)):
                raise LookupError(f"{code} has no values by {', '.join(sorted(grains))}")
        for code in self.codes:
            for period in self.periods:
                for leaf, each in self._leaves(registry.figure(code), period):
                    self._needed.setdefault(each.grain, {}).setdefault(leaf.code, set()).add(each)
        if self.shelf is None:
            self.fill()

    def wants(self) -> Iterator[tuple[str, list[str], date, date]]:
        """What it will ask for: grain, figures, and the first days of the first and the last period."""
        for grain, wanted in self._needed.items():
            codes = [code for code in wanted if self._is_stored(registry.figure(code), grain)]
            starts = [period.start for code in codes for period in wanted[code]]
            if starts:
                yield grain, codes, min(starts), max(starts)

    @property
    def keys(self) -> frozenset[str]:
        """The stored ``by`` of all that it reads."""
        return frozenset(self._keys)

    def fill(self) -> None:
        """Fetch everything. With a shelf: as soon as it is stocked."""
        for grain, wanted in self._needed.items():
            self._fetch(grain, wanted)

    def _leaves(self, figure: Figure, period: Period) -> Iterable[tuple[Figure, Period]]:
        """The figures that are stored or ruled, and the periods, that a value rests on."""
        if not isinstance(figure, Derived):
            return [(figure, period)]
        share_set = registry.set_of_share(figure)
        beside = [(code, period) for code in share_set.parts] if share_set else []
        parts = [(registry.figure(code), each) for code, each in (*figure.needs(period), *beside)]
        return [leaf for part, each in parts for leaf in self._leaves(part, each)]

    @cached_property
    def _keys(self) -> dict[str, str | None]:
        """The stored ``by`` of the totals and of each break-down, with the dimension that it adds."""
        return {key_of(self.dims): None} | {key_of({*self.dims, each}): each for each in self.by}

    def _fetch(self, grain: str, wanted: dict[str, set[Period]]) -> None:
        figures = [registry.figure(code) for code in wanted]
        stored = [figure.code for figure in figures if self._is_stored(figure, grain)]
        periods = {period.start: period for code in wanted for period in wanted[code]}
        if stored:
            for code, start, by, dims, current, is_frozen, frozen, is_typed in self._stored(
                stored, grain, list(periods.values())
            ):
                if period := periods.get(start):
                    cell = _Cell(frozen if is_frozen else current, current, is_frozen, is_typed)
                    self._cells[code, period, self._row(by, dims)] = cell
        for figure in figures:
            if isinstance(figure, RuleFigure):
                self._read_rule(figure, wanted[figure.code])
            elif isinstance(figure, Counted) and (isinstance(figure, Stock) or figure.code not in stored):
                self._count_here(figure, grain, wanted[figure.code], figure.code in stored)

    def _count_here(self, figure: Counted, grain: str, wanted: Iterable[Period], is_stored: bool) -> None:
        """Count what is not stored, or not yet: of a stock the periods that run."""
        begun = sorted((period for period in wanted if period.has_begun), key=lambda period: period.start)
        if begun and isinstance(figure, Stock):
            self._count_stock(figure, self._not_stored(figure, begun) if is_stored else begun)
        elif begun:
            self._count(figure, grain, begun)

    def _stored(self, codes: list[str], grain: str, periods: list[Period]) -> Iterable[tuple]:
        if self.shelf is not None:
            return self.shelf.rows(codes, grain, set(self._keys), self.dims)
        return Observation.objects.of(codes, periods, set(self._keys), self.dims).values_list(*COLUMNS)

    def _row(self, by: str, dims: Mapping[str, str]) -> _RowKey:
        """Which row of which table a value belongs to."""
        dimension = self._keys[by]
        return (dimension, dims[dimension]) if dimension else None

    def _is_stored(self, figure: Figure, grain: str) -> bool:
        if isinstance(figure, Counted):
            return self.stored and self._keys.keys() <= _stored_keys(figure, grain)
        return isinstance(figure, Manual) or (self.stored and isinstance(figure, RuleFigure))

    def _not_stored(self, figure: Stock, periods: list[Period]) -> list[Period]:
        """The periods for which a stock has no total stored: those that run, and those not computed yet."""
        if self.shelf is not None:
            known = {row[1] for row in self.shelf.rows([figure.code], periods[0].grain, {""}, {})}
            return [period for period in periods if period.start not in known]
        known = set(Observation.objects.of([figure.code], periods, [""], {}).values_list("period", flat=True))
        return [period for period in periods if period.start not in known]

    def _read_rule(self, figure: RuleFigure, periods: Iterable[Period]) -> None:
        for period in periods:
            ruled = figure.value(period)
            current = None if ruled is None else Decimal(ruled)
            frozen = self._cells.get((figure.code, period, None))
            cell = _Cell(frozen.published, current, True) if frozen else _Cell(current, current)
            self._cells[figure.code, period, None] = cell

    def _count(self, figure: Counted, grain: str, periods: list[Period]) -> None:
        select = sql.cells(figure, grain, periods[0].start, periods[-1].end, self._sets, self.dims)
        for start, by, dims, current in select.fetch():
            self._cells[figure.code, Period(grain, start), self._row(by, dims)] = _Cell(current, current)

    def _count_stock(self, figure: Stock, periods: list[Period]) -> None:
        """Those that are over by their last months, in one statement; the one that runs by what is open now."""
        ended = {period.months[-1].start: period for period in periods if period.is_over}
        if ended:
            last = max(period.end for period in ended.values())
            for month, by, dims, current in self._open_then(figure, min(ended), last):
                if month in ended:
                    self._cells[figure.code, ended[month], self._row(by, dims)] = _Cell(current, current)
        for period in periods:
            if not period.is_over:
                for _start, by, dims, current in self._open_now(figure, period):
                    self._cells[figure.code, period, self._row(by, dims)] = _Cell(current, current)

    def _open_then(self, figure: Stock, first: date, last: date) -> list[tuple]:
        if self.shelf is not None:
            return self.shelf.open_then(figure, first, last, self._sets, self.dims)
        return sql.cells(figure, MONTH, first, last, self._sets, self.dims).fetch()

    def _open_now(self, figure: Stock, period: Period) -> list[tuple]:
        if self.shelf is not None:
            return self.shelf.open_now(figure, period, self._sets, self.dims)
        return sql.stock_cells(figure, period, self._sets, self.dims).fetch()

    @cached_property
    def _sets(self) -> list[tuple[str, ...]]:
        return [tuple(key.split(",")) if key else () for key in self._keys]

    def reading(self, code: str, period: Period, row: _RowKey = None) -> Reading:
        """A figure's reading for a period, of one row of a table or the total."""
        figure = registry.figure(code)
        leaves = [(leaf.code, each) for leaf, each in self._leaves(figure, period)]
        share_set = registry.set_of_share(figure)
        shares = {"share": "published", "share_now": "current"} if share_set else {}
        return Reading(
            figure=figure,
            period=period,
            dims={**self.dims, row[0]: row[1]} if row else self.dims,
            exact=self._compute(figure, period, lambda part, each: self._cell(part, each, row).published),
            current=self._compute(figure, period, lambda part, each: self._cell(part, each, row).current),
            is_frozen=any(self._cell(*key, row).is_frozen for key in leaves),
            is_typed=any(self._cell(*key, row).is_typed for key in leaves),
            **{name: self._share(figure, period, row, which) for name, which in shares.items()},
        )

    def _share(self, figure: Figure, period: Period, row: _RowKey, which: str) -> Decimal | None:
        """A share as its set rounds it, so that all of them print as 100 %; None where the parts are not the whole."""
        share_set = registry.set_of_share(figure)
        if share_set is None:
            return None

        def leaf(code: str, each: Period) -> Decimal | None:
            found: Decimal | None = getattr(self._cell(code, each, row), which)
            return found

        *parts, whole = (
            self._compute(registry.figure(code), period, leaf) for code in (*share_set.parts, share_set.whole)
        )
        shares = shares_of_whole(parts, whole, share_set.decimals)
        return shares[share_set.parts.index(figure.parts[0])] if shares else None

    def exact(self, code: str, period: Period, row: _RowKey = None) -> Decimal | None:
        """The published value alone, for pages with many: a reading says more and costs four times as much."""
        figure = registry.figure(code)
        if not isinstance(figure, Derived):
            return self._cell(code, period, row).published
        return self._compute(figure, period, lambda part, each: self._cell(part, each, row).published)

    def current(self, code: str, period: Period, row: _RowKey = None) -> Decimal | None:
        """What the records say now, alone."""
        return self._compute(registry.figure(code), period, lambda part, each: self._cell(part, each, row).current)

    @cached_property
    def is_corrected(self) -> bool:
        """Whether some value is frozen and the records say another one since."""
        return any(cell.is_frozen and cell.published != cell.current for cell in self._cells.values())

    def is_typed(self, code: str, period: Period, row: _RowKey = None) -> bool:
        """Whether a value, or one that it is computed from, was entered by a person."""
        leaves = self._leaves(registry.figure(code), period)
        return any(self._cell(leaf.code, each, row).is_typed for leaf, each in leaves)

    @cached_property
    def has_typed(self) -> bool:
        """Whether some value was entered by a person."""
        return any(cell.is_typed for cell in self._cells.values())

    def _compute(self, figure: Figure, period: Period, leaf: Lookup) -> Decimal | None:
        if not isinstance(figure, Derived):
            return leaf(figure.code, period)
        return figure.compute(period, lambda code, each: self._compute(registry.figure(code), each, leaf))

    def _cell(self, code: str, period: Period, row: _RowKey) -> _Cell:
        found = self._cells.get((code, period, row))
        if found is not None:
            return found
        # Where there is no row: the same for every row of a table, so it is looked up once.
        if (code, period) not in self._empty:
            figure = registry.figure(code)
            zero = figure.zero if isinstance(figure, Counted) and period.has_begun else None
            self._empty[code, period] = _Cell(zero, zero)
        return self._empty[code, period]

    def table(self, by: str, readings: Callable[[_RowKey], list[Reading]]) -> Table:
        """A row for each declared member of a dimension, for what else was found, and the total."""
        labels = {value: str(label) for value, label in registry.dimension(by).members()}
        found = {row[1] for _code, _period, row in self._cells if row and row[0] == by}
        labels |= {value: value or _("未記載") for value in sorted(found - set(labels), key=lambda v: (not v, v))}
        rows = [Row(value, label, readings((by, value))) for value, label in labels.items()]
        return Table(rows, Row(None, _("合計"), readings(None)))
