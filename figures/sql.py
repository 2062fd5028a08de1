"""Figures as SQL: from the queryset that a figure declares to the values of a stretch of time, and into the table.

Nothing is fetched to be counted: the records' own query becomes the inner part of one ``INSERT ... SELECT``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import DateField, F, FloatField, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, TruncDate
from psycopg import ClientCursor

from figures.querysets import key_of
from figures.registry import DAY, MONTH, YEAR, Count, Counted, Median, Period, Stock, Total
from figures.registry.declared import is_moment, member_value
from figures.rules import months_between
from figures.versions import version_of
from foundation.clock import TAIPEI, today

_MEDIAN = "percentile_cont(0.5) WITHIN GROUP (ORDER BY value)"

type Sets = Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Select:
    """A statement with its parameters. The columns of a figure's select: period, by, dims, value."""

    sql: str
    params: tuple[Any, ...] | dict[str, Any]

    @property
    def literal(self) -> str:
        """The statement with its values written into it, quoted by the driver."""
        with connection.cursor() as cursor:
            return ClientCursor(cursor.connection).mogrify(self.sql, self.params)

    def run(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)

    def fetch(self) -> list[tuple[date, str, dict[str, str], Decimal | None]]:
        """The rows of a figure's select."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            return [(period, by, json.loads(dims), value) for period, by, dims, value in cursor.fetchall()]


def cells(
    figure: Counted, grain: str, first: date, last: date, sets: Sets, dims: Mapping[str, str] | None = None
) -> Select:
    """The values of a figure for the periods of a grain between two days, which must be the first and the last day of
    such periods, for each of some sets of its dimensions; with ``dims``, only of records with those values.

    For a stock the grain must be the month.
    """
    if isinstance(figure, Stock):
        return _months_of_stock(figure, first, last, sets, dims or {})
    assert isinstance(figure, Count | Median)
    records = figure.where(figure.records().filter(**{f"{figure.date_field}__range": (first, last)}), dims or {})
    period = "day" if grain == DAY else f"date_trunc('{grain}', day::timestamp)::date"
    return _grouped(figure, _rows(figure, records, {"day": F(figure.date_field)}, sets), period, sets)


def stock_cells(figure: Stock, period: Period, sets: Sets, dims: Mapping[str, str]) -> Select:
    """The values of a stock for a period that still runs: at this moment."""
    day = Value(period.start, output_field=DateField())
    return _grouped(figure, _rows(figure, figure.chosen(period, dims), {"day": day}, sets), "day", sets)


def _rows(figure: Counted, records: QuerySet, columns: dict[str, Any], sets: Sets) -> Select:
    """The records' own query as (the given columns, the value of a median or a total, the dimensions of the sets)."""
    columns = {f"figure_{name}": expression for name, expression in columns.items()}
    if isinstance(figure, Median):
        columns["figure_value"] = Cast(figure.value, FloatField())
    elif isinstance(figure, Total):
        columns["figure_value"] = F(figure.amount)
    columns |= {f"figure_dim_{code}": member_value(figure.dimensions[code]) for code in _codes(sets)}
    queryset = records.order_by().annotate(**columns).values_list(*columns)
    try:
        sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        sql, params = f"SELECT {', '.join('NULL' for _ in columns)} WHERE false", ()
    return Select(sql, tuple(params))


def _grouped(figure: Counted, rows: Select, period: str, sets: Sets) -> Select:
    """Rows of (day, values) by period and each of the sets."""
    names = _names(sets)
    if isinstance(figure, Median):
        return Select(
            f"SELECT {period} AS period, {_key(sets)}, ({_MEDIAN})::numeric(20, 6) AS value\n"
            f"FROM ({rows.sql}) AS record ({', '.join(['day', 'value', *names])})\n"
            f"GROUP BY 1, {_grouping_sets(sets)}",
            rows.params,
        )
    value, number = (["value"], "sum(value)") if isinstance(figure, Total) else ([], "count(*)")
    # First the finest cells, then their sums: so each record is looked at once, not once a set.
    return Select(
        f"SELECT period, {_key(sets)}, sum(number)::numeric(20, 6) AS value\n"
        f"FROM (\n"
        f"    SELECT {', '.join([f'{period} AS period', *names])}, {number} AS number\n"
        f"    FROM ({rows.sql}) AS record ({', '.join(['day', *value, *names])})\n"
        f"    GROUP BY {', '.join(['1', *names])}\n"
        f") AS cell\n"
        f"GROUP BY 1, {_grouping_sets(sets)}",
        rows.params,
    )


def _months_of_stock(figure: Stock, first: date, last: date, sets: Sets, dims: Mapping[str, str]) -> Select:
    """A record counts in each month at whose end it is open: from the one it began in to the one before it ended in.

    Each month has its total even if it is zero, so that a total that is missing means: not computed yet.
    """
    months = [month for month in months_between(first, last) if Period(MONTH, month).is_over]
    records = figure.where(figure.open_between(Period(MONTH, first).end, last), dims)
    days = {"since": _day_of(records, figure.since), "until": _day_of(records, figure.until)}
    rows = _rows(figure, records, days, sets)
    names = "".join(f", {name}" for name in _names(sets))
    return Select(
        f"SELECT ending.period, {_key(sets)}, count(since)::numeric(20, 6) AS value\n"
        f"FROM unnest(%s::date[]) AS ending (period)\n"
        f"LEFT JOIN (\n"
        f"    SELECT period::date, since{names}\n"
        f"    FROM ({rows.sql}) AS record (since, until{names}),\n"
        f"    generate_series(\n"
        f"        greatest(date_trunc('month', since::timestamp), %s::date),\n"
        f"        least(date_trunc('month', until::timestamp) - interval '1 month', %s::date), interval '1 month'\n"
        f"    ) AS period\n"
        f"    WHERE until IS NULL OR date_trunc('month', until::timestamp) > date_trunc('month', since::timestamp)\n"
        f") AS open_at USING (period)\n"
        f"GROUP BY 1, {_grouping_sets(sets)}\n"
        f"HAVING count(since) > 0 OR {_is_total(sets)}",
        (months, *rows.params, first, last),
    )


def _day_of(records: QuerySet, path: str) -> Combinable:
    return TruncDate(path, tzinfo=TAIPEI) if is_moment(records, path) else F(path)


def _codes(sets: Sets) -> list[str]:
    return sorted(set().union(*sets))


def _names(sets: Sets) -> list[str]:
    return [f"dim_{code}" for code in _codes(sets)]


def _key(sets: Sets) -> str:
    """The columns ``by`` and ``dims`` of a group: the dimensions that it is grouped by, and their values."""
    codes = _codes(sets)
    if not codes:
        return "'' AS by, '{}'::jsonb AS dims"
    names = ", ".join(f"CASE WHEN grouping(dim_{code}) = 0 THEN '{code}' END" for code in codes)
    values = ", ".join(f"'{code}', dim_{code}" for code in codes)
    return f"concat_ws(',', {names}) AS by, jsonb_strip_nulls(jsonb_build_object({values})) AS dims"


def _is_total(sets: Sets) -> str:
    return " AND ".join(f"grouping({name}) = 1" for name in _names(sets)) or "true"


def _grouping_sets(sets: Sets) -> str:
    return f"GROUPING SETS ({', '.join('(' + ', '.join(f'dim_{code}' for code in subset) + ')' for subset in sets)})"


def years_from_months(figure: Count | Stock, first: date, last: date, sets: Sets) -> Select:
    """The years of a count as the sums of its stored months; those of a stock as its Decembers."""
    return Select(
        "SELECT date_trunc('year', period::timestamp)::date AS period, by, dims, sum(value) AS value\n"
        "FROM figures_observation WHERE figure = %s AND grain = 'month' AND by = ANY(%s) AND period BETWEEN %s AND %s "
        "AND NOT is_typed\n"
        + ("AND extract(month FROM period) = 12 " if isinstance(figure, Stock) else "")
        + "GROUP BY 1, 2, 3",
        (figure.code, keys(sets), first, last),
    )


def keys(sets: Sets) -> list[str]:
    """The ``by`` of each set of dimensions."""
    return [key_of(subset) for subset in sets]


# ``target`` is what should stand there: what was counted, and for frozen rows without records the zero, because a
# published value must not vanish. What a person entered stays where nothing is counted. Rows that are right already, by
# this very definition, are not written at all. All parts of the statement see the table as it was at its start; no row
# is touched by two of them.
_STORE = """
WITH fresh AS MATERIALIZED (
{select}
), stored AS MATERIALIZED (
    SELECT id, period, by, dims, value, is_frozen, frozen_value, definition, is_typed FROM figures_observation
    WHERE figure = %(figure)s AND grain = %(grain)s AND by = ANY(%(keys)s) AND period BETWEEN %(first)s AND %(last)s
), target AS (
    SELECT period, by, dims, value FROM fresh
    UNION ALL
    SELECT stored.period, stored.by, stored.dims, %(zero)s::numeric
    FROM stored LEFT JOIN fresh USING (period, by, dims)
    WHERE stored.is_frozen AND NOT stored.is_typed AND fresh.period IS NULL
), frozen AS (
    SELECT * FROM unnest(%(frozen_periods)s::date[], %(frozen_keys)s::text[]) AS frozen (period, by)
), changed AS MATERIALIZED (
    SELECT period, by, dims, target.value, stored.id, frozen.period IS NOT NULL AS is_frozen,
        CASE WHEN stored.id IS NULL THEN %(zero)s::numeric ELSE stored.value END AS before,
        CASE WHEN stored.id IS NULL THEN %(zero)s::numeric ELSE stored.frozen_value END AS published
    FROM target LEFT JOIN stored USING (period, by, dims) LEFT JOIN frozen USING (period, by)
    WHERE stored.id IS NULL OR stored.value IS DISTINCT FROM target.value OR stored.definition <> %(definition)s
), corrected AS (
    INSERT INTO figures_correction (figure, grain, by, period, dims, published, before, after, noticed_at, reason)
    SELECT %(figure)s, %(grain)s, by, period, dims, published, before, value, %(at)s, %(reason)s
    FROM changed WHERE is_frozen AND value IS DISTINCT FROM before
), gone AS (
    DELETE FROM figures_observation WHERE id = ANY (ARRAY(
        SELECT stored.id FROM stored LEFT JOIN fresh USING (period, by, dims)
        WHERE fresh.period IS NULL AND NOT stored.is_frozen AND NOT stored.is_typed))
), updated AS (
    UPDATE figures_observation SET value = changed.value, computed_at = %(at)s, definition = %(definition)s,
        is_typed = figures_observation.is_typed AND figures_observation.is_frozen
    FROM changed
    WHERE figures_observation.id = ANY (ARRAY(SELECT id FROM changed)) AND figures_observation.id = changed.id
)
INSERT INTO figures_observation
    (figure, grain, by, period, dims, value, is_frozen, frozen_value, computed_at, definition)
SELECT %(figure)s, %(grain)s, by, period, dims, value, is_frozen, CASE WHEN is_frozen THEN published END, %(at)s,
    %(definition)s
FROM changed WHERE id IS NULL
"""


@dataclass(frozen=True)
class Stretch:
    """Neighbouring periods of one grain: the first day of the first and the last day of the last."""

    grain: str
    first: date
    last: date


def store(
    figure: Counted, stretch: Stretch, sets: Sets, frozen: Sequence[tuple[date, str]], reason: str, at: datetime
) -> Select:
    """The statement that makes the stored values of a stretch what the records say, and writes down corrections where
    a value is frozen (``frozen``: first day of the period and ``by``)."""
    if stretch.grain == YEAR and isinstance(figure, Count | Stock):
        select = years_from_months(figure, stretch.first, stretch.last, sets)
    else:
        select = cells(figure, stretch.grain, stretch.first, stretch.last, sets)
    return Select(
        _STORE.replace("{select}", select.literal.replace("%", "%%")),
        {
            "figure": figure.code,
            "grain": stretch.grain,
            "first": stretch.first,
            "last": stretch.last,
            "keys": keys(sets),
            "zero": figure.zero,
            "frozen_periods": [start for start, _ in frozen],
            "frozen_keys": [by for _, by in frozen],
            "reason": reason,
            "at": at,
            "definition": version_of(figure),
        },
    )


def shown(figure: Counted, period: Period) -> str:
    """The statement that gives a figure's total for a period, values written in, to be read and run."""
    rows = _rows(figure, figure.in_period(period), {"record": F("pk")}, [()])
    if isinstance(figure, Median):
        return f"SELECT {_MEDIAN} FROM ({rows.literal}) AS record (id, value)"
    if isinstance(figure, Total):
        return f"SELECT coalesce(sum(value), 0) FROM ({rows.literal}) AS record (id, value)"
    return f"SELECT count(*) FROM ({rows.literal}) AS record"


def explain(figure: Counted, grain: str) -> str:
    """The database's plan for counting one period. Raises what the database says where the query is wrong."""
    period = Period.of(grain, today())
    if isinstance(figure, Stock):
        period = period.months[0]
    select = cells(figure, grain, period.start, period.end, figure.stored(grain))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {select.sql}", select.params)
        return "\n".join(line for (line,) in cursor.fetchall())
