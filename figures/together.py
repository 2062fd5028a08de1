"""Many tables for the price of one: what a board of twelve charts asks, in a single statement.

Each ``Question`` alone would ask the database once or twice. Here what is stored is fetched for all of them at once,
and what is open now is counted once a figure, whoever asks for it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from figures import sql
from figures.models import Observation
from figures.queries import COLUMNS, Reading, Table, _Reader
from figures.querysets import key_of
from figures.registry import MONTH, Period, Stock, registry
from foundation.clock import today

type _Cells = list[tuple[date, str, dict[str, str], Decimal | None]]


@dataclass(frozen=True)
class Question:
    """Figures over periods of any grains, in all and by the members of dimensions, within given values of others."""

    codes: tuple[str, ...]
    periods: tuple[Period, ...]
    by: tuple[str, ...] = ()
    dims: Mapping[str, str] = field(default_factory=dict)


class Answer:
    """What is known after a question."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    def reading(self, code: str, period: Period, by: str = "", member: str = "") -> Reading:
        """A figure's reading for a period: of a member of a dimension, or in all."""
        return self._reader.reading(code, period, (by, member) if by else None)

    def exact(self, code: str, period: Period, by: str = "", member: str = "") -> Decimal | None:
        """The value alone, before rounding: what is published, else what the records say."""
        return self._reader.exact(code, period, (by, member) if by else None)

    @property
    def is_corrected(self) -> bool:
        """Whether some value is frozen and the records say another one since."""
        return self._reader.is_corrected

    @property
    def has_typed(self) -> bool:
        """Whether some value was entered by a person."""
        return self._reader.has_typed

    def is_typed(self, code: str, period: Period, by: str = "", member: str = "") -> bool:
        """Whether a value, or one that it is computed from, was entered by a person."""
        return self._reader.is_typed(code, period, (by, member) if by else None)

    @property
    def now(self) -> Answer:
        """The same answer had nothing been frozen."""
        return _Now(self._reader)

    def members(self, by: str) -> list[tuple[str, str]]:
        """The members of a dimension with their labels: the declared ones in order, then what else occurs."""
        table: Table = self._reader.table(by, lambda row: [])
        return [(str(row.member), row.label) for row in table.rows]


class _Now(Answer):
    def exact(self, code: str, period: Period, by: str = "", member: str = "") -> Decimal | None:
        return self._reader.current(code, period, (by, member) if by else None)


def answers(questions: Sequence[Question]) -> list[Answer]:
    """An answer to each question, in one statement for all that is stored and one for each stock that still runs.

    What is not stored in the form asked for is counted on the spot and costs a statement more, as in ``queries``.
    Raises LookupError for what a figure does not have.
    """
    shelf = Shelf()
    readers = [_Reader(q.codes, q.periods, q.by, q.dims, shelf=shelf) for q in questions]
    shelf.stock(readers)
    for reader in readers:
        reader.fill()
    return [Answer(reader) for reader in readers]


class Shelf:
    """What was fetched for several readers, by what they ask it for."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], list[tuple]] = defaultdict(list)
        self._sets: dict[Any, set[tuple[str, ...]]] = defaultdict(set)
        self._counted: dict[Any, _Cells] = {}

    def stock(self, readers: Iterable[_Reader]) -> None:
        """Fetch what is stored for all of them."""
        groups: dict[Any, tuple[set[str], list[date]]] = {}
        for reader in readers:
            for grain, codes, first, last in reader.wants():
                stocks = {code for code in codes if isinstance(registry.figure(code), Stock)}
                for code in stocks:
                    self._sets[code, _frozen(reader.dims)] |= {_set_of(key) for key in reader.keys}
                self._want(groups, (grain, reader.keys, _frozen(reader.dims)), set(codes), first, last)
                if stocks and "" not in reader.keys:  # by their totals it is known whether they are computed
                    self._want(groups, (grain, frozenset({""}), ()), stocks, first, last)
        wanted = Q()
        for (grain, keys, dims), (of, days) in groups.items():
            given = {"dims__contains": dict(dims)} if dims else {}
            wanted |= Q(
                figure__in=sorted(of),
                grain=grain,
                by__in=sorted(keys),
                period__range=(min(days), max(days)),
                **given,
            )
        if not wanted:
            return
        found = Observation.objects.filter(wanted).annotate(dims_text=Cast("dims", TextField()))
        columns = ["dims_text" if column == "dims" else column for column in COLUMNS]
        for grain, code, period, by, dims_text, *values in found.values_list("grain", *columns):
            self._rows[code, grain, by].append((code, period, by, _members(dims_text), *values))

    @staticmethod
    def _want(groups: dict, key: Any, codes: set[str], first: date, last: date) -> None:
        """Readers that want the same cells of other figures or periods are asked for together: fewer conditions, and
        what is fetched for nothing are a few totals."""
        kept, days = groups.setdefault(key, (set(), []))
        kept |= codes
        days += [first, last]

    def rows(self, codes: Iterable[str], grain: str, keys: Iterable[str], dims: Mapping[str, str]) -> Iterable[tuple]:
        """Rows as ``Observation.objects.of`` would find them; of periods that others asked for as well."""
        keys, given = list(keys), dims.items()
        for code in codes:
            for key in keys:
                for row in self._rows[code, grain, key]:
                    if given <= row[3].items():
                        yield row

    def open_now(self, figure: Stock, period: Period, sets: sql.Sets, dims: Mapping[str, str]) -> _Cells:
        """What is open now: the same for every period that still runs."""
        every = self._every(figure, sets, dims)
        return self._once((figure.code, _frozen(dims)), sets, lambda: sql.stock_cells(figure, period, every, dims))

    def open_then(self, figure: Stock, first: date, last: date, sets: sql.Sets, dims: Mapping[str, str]) -> _Cells:
        """What was open at the end of months that are over, for whole years, so that who asks for the year and who asks
        for its months are answered at once."""
        every, running = self._every(figure, sets, dims), Period.of(MONTH, today())
        first, last = first.replace(month=1, day=1), min(Period.year(last.year).end, running.previous.end)
        key = (figure.code, _frozen(dims), first, last)
        return self._once(key, sets, lambda: sql.cells(figure, MONTH, first, last, every, dims))

    def _every(self, figure: Stock, sets: sql.Sets, dims: Mapping[str, str]) -> list[tuple[str, ...]]:
        return sorted({*self._sets[figure.code, _frozen(dims)], *sets})

    def _once(self, key: Any, sets: sql.Sets, select: Callable[[], sql.Select]) -> _Cells:
        if key not in self._counted:
            self._counted[key] = select().fetch()
        keys = {key_of(each) for each in sets}
        return [cell for cell in self._counted[key] if cell[1] in keys]


@lru_cache(maxsize=8192)
def _members(dims: str) -> Mapping[str, str]:
    """Values of dimensions from JSON: thousands of cells have the same few, so they are read once."""
    return MappingProxyType(json.loads(dims))


def _set_of(key: str) -> tuple[str, ...]:
    return tuple(key.split(",")) if key else ()


def _frozen(dims: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(dims.items()))
