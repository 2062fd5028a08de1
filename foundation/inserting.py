"""Writing new records where it has to be fast: statements that the server keeps prepared, sent as one.

``Model.save()`` compiles its INSERT anew each time, has the server parse and plan it anew, and waits for the answer
before the next one may go. That is right for a form. A door that a whole city knocks at (docs/decisions/0011) writes

    with transaction.atomic(), together():
        insert(case, returning=("id",))
        insert(contact)
        insert(event)

- one text a model, compiled once; the values pass through the model's fields as in ``save()``, so encryption, choices
  and JSON are what they always are, and the database's constraints judge as always;
- prepared once a connection (PostgreSQL parses and plans nothing);
- what nothing is asked of is gathered and sent when the block ends, as one statement (``WITH a AS (INSERT …), b AS
  (INSERT …) …``). An error of the database is raised there, at the latest, and it is Django's own. A query inside
  the block does not see what is still gathered.

Like ``save()`` inside ``bulk_create`` it sends no signals, which this house does not use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import count
from types import NoneType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    AutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Field,
    FloatField,
    Model,
    PositiveSmallIntegerField,
    TextField,
)
from psycopg import RawCursor

# Fields that hand such values to the database as they are, which is most of what is written.
_VERBATIM = frozenset({CharField, TextField, BooleanField, FloatField, BigIntegerField, PositiveSmallIntegerField})
_PLAIN = frozenset({str, int, float, bool, NoneType})


_PLACE = re.compile(r"%(?:%|s|\((\w+)\)s)")


class _Prepared(RawCursor[Any]):
    """A cursor whose statements the server keeps. The library knows when to forget them (a rollback, a DROP).

    It takes PostgreSQL's own places (``$1``): the driver parses a text with ``%s`` anew each time if it is long.
    """

    def execute(self, query: Any, params: Any = None, **_how: Any) -> Any:
        return super().execute(query, params, prepare=True)


@cache
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """A statement with ``$1`` in place of ``%s``, or of ``%(name)s`` with the names in the order of their numbers."""
    names: list[str] = []
    numbers = count(1)

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if (name := found[1]) is None:
            return f"${next(numbers)}"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _PLACE.sub(place, statement), tuple(names)


# The statements, with their parameters, that the block around waits with.
_gathered: ContextVar[list[tuple[str, Sequence[Any]]] | None] = ContextVar("gathered", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Send what the block writes as one statement at its end. Inside a transaction, which fails as a whole."""
    statements: list[tuple[str, Sequence[Any]]] = []
    before = _gathered.set(statements)
    try:
        yield
    finally:
        _gathered.reset(before)
    if statements:
        texts, values = zip(*statements, strict=True)
        query(_as_one(texts), [value for some in values for value in some])


@cache
def _as_one(texts: tuple[str, ...]) -> str:
    """Statements that write, as one; all of them see the database as it was before the first."""
    parts = ", ".join(f"w{number} AS ({text})" for number, text in enumerate(texts))
    return f"WITH {parts} SELECT"


def write(statement: str, parameters: Sequence[Any] = ()) -> None:
    """Execute an INSERT, UPDATE or DELETE whose text is always the same, prepared; inside ``together`` with the others.

    Parameters are bound by the server, so each place needs a type that it can tell: ``%s::date[]``, ``%s::jsonb``.
    """
    if (waiting := _gathered.get()) is None:
        query(statement, parameters)
    else:
        waiting.append((statement, parameters))


def query(statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
    """Execute a statement whose text is always the same, prepared and at once; returns its cursor, for the rows.

    Parameters are bound by the server, as in ``write``.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    if database.queries_logged:  # they are to be read, so they go with their values in them
        cursor: Any = database.cursor()
        cursor.execute(statement, parameters)
        return cursor
    text, names = _numbered(statement)
    prepared: Any = _Prepared(database.connection)
    cursor = database.make_cursor(prepared)
    cursor.execute(text, [parameters[name] for name in names] if isinstance(parameters, Mapping) else parameters)
    return cursor


def insert(record: Model, *, returning: Sequence[str] = (), **computed: tuple[str, Sequence[Any]]) -> None:
    """Insert one new record.

    ``returning`` names the columns to read back into it, which waits for the database; without it even the key that
    the database gives stays unknown. ``computed`` are columns whose value is SQL: its text and its parameters.
    """
    texts = tuple((name, text) for name, (text, _parameters) in computed.items())
    statement, fields = _compiled(type(record), texts, tuple(returning), record.pk is None)
    database, values = connections[DEFAULT_DB_ALIAS], record.__dict__
    parameters: list[Any] = []
    for field, plain in fields:
        if field.name in computed:
            parameters += computed[field.name][1]
        elif plain and type(value := values[field.attname]) in _PLAIN:
            parameters.append(value)
        else:
            parameters.append(field.get_db_prep_save(field.pre_save(record, True), database))
    if returning:
        for name, value in zip(returning, query(statement, parameters).fetchone(), strict=True):
            setattr(record, name, value)
    else:
        write(statement, parameters)
    record._state.adding, record._state.db = False, DEFAULT_DB_ALIAS


@cache
def _compiled(
    model: type[Model], computed: tuple[tuple[str, str], ...], returning: tuple[str, ...], gives_key: bool
) -> tuple[str, list[tuple[Field, bool]]]:
    meta: Any = model._meta
    texts = dict(computed)
    fields = [
        field for field in meta.local_concrete_fields if not (gives_key and isinstance(field, AutoField))
        and not field.generated
    ]  # fmt: skip
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(texts.get(field.name, "%s") for field in fields)
    back = ", ".join(quote(meta.get_field(name).column) for name in returning)
    text = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({places})"
    return f"{text} RETURNING {back}" if back else text, [(field, type(field) in _VERBATIM) for field in fields]
