"""Parquet: files of columns with their types, as programs of statistics read them (Apache Parquet, by Apache Arrow).

Unlike CSV nothing is to be guessed: a number is a decimal of exact digits, a moment is one in UTC, and what is missing
is missing. So there are no formulas to guard against either (``export.cell``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import batched
from pathlib import Path
from typing import IO, Any

from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.io import write_parquet

CONTENT_TYPE = "application/vnd.apache.parquet"
PLACES = 6  # of decimals, as the database keeps them
_ROWS_AT_ONCE = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TYPES = {
    str: DataType.string(),
    bool: DataType.bool(),
    Decimal: DataType.decimal128(20, PLACES),
    datetime: DataType.timestamp("us", tz="UTC"),
}


def write(file: IO[bytes] | Path, columns: Mapping[str, type], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows with a value a column, of the type that the column has or None; returns how many there are.

    The types are ``str``, ``bool``, ``Decimal`` (of up to six places) and an aware ``datetime``; KeyError for others.
    """
    schema = Schema([Field(name, _TYPES[kind], nullable=True) for name, kind in columns.items()])
    batches = [
        RecordBatch.from_arrays(
            [_array(kind, values) for kind, values in zip(columns.values(), zip(*some, strict=True), strict=True)],
            schema=schema,
        )
        for some in batched(rows, _ROWS_AT_ONCE)
    ]
    write_parquet(RecordBatchReader.from_batches(schema, batches), file, compression="zstd(3)")
    return sum(batch.num_rows for batch in batches)


def _array(kind: type, values: Sequence[Any]) -> Array:
    """A column. Decimals and moments are handed over as text and as microseconds, exactly."""
    if kind is Decimal:
        texts = [None if value is None else f"{value:.{PLACES}f}" for value in values]
        return Array(texts, DataType.string()).cast(_TYPES[kind])
    if kind is datetime:
        moments = [None if value is None else (value - _EPOCH) // timedelta(microseconds=1) for value in values]
        return Array(moments, DataType.int64()).cast(_TYPES[kind])
    return Array(list(values), _TYPES[kind])
