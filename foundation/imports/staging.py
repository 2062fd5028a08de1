"""Rows into a temporary table by COPY, the quickest way into PostgreSQL; from there INSERT ... SELECT does the rest."""

from collections.abc import Iterable, Sequence
from typing import Any


def stage(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Fill a temporary table, which is emptied first and gone after the transaction.

    ``columns`` is SQL, e.g. ``"number text, received_at timestamptz"``; rows hold their values in this order.
    """
    cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({columns}) ON COMMIT DROP")
    cursor.execute(f"TRUNCATE {table}")
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
