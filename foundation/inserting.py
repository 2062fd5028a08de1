"""Writing new records where it has to be fast: statements that the server keeps prepared, sent together.

``Model.save()`` compiles its INSERT anew each time, has the server parse and plan it anew, and waits for the answer
before the next one may go. That is right for a form. A door that a whole city knocks at (docs/decisions/0011) writes

    with transaction.atomic(), together():
        insert(case, returning=("id",))
        insert(contact)
        insert(event)

- one text a model, compiled once; the values pass through the model's fields as in ``save()``, so encryption, choices
  and JSON are what they always are, and the database's constraints judge as always;
- prepared once a connection (PostgreSQL parses and plans nothing);
- in one pipeline: nothing is waited for until something is asked for, or until the block ends. An error of the database
  is raised there, at the latest, and it is Django's own.

Like ``save()`` inside ``bulk_create`` it sends no signals, which this house does not use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import NoneType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor
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

# Fields that hand such values to the database as they are, which is most of what is written.
_VERBATIM = frozenset({CharField, TextField, BooleanField, FloatField, BigIntegerField, PositiveSmallIntegerField})
_PLAIN = frozenset({str, int, float, bool, NoneType})


_Cursor: Any = ServerBindingCursor


class _Prepared(_Cursor):
    """A cursor whose statements the server keeps. The library knows when to forget them (a rollback, a DROP)."""

    def execute(self, query: Any, params: Any = None, **_how: Any) -> Any:
        return super().execute(query, params, prepare=True)


@contextmanager
def together() -> Iterator[None]:
    """Send what the block executes without waiting for each answer. Inside a transaction, which fails as a whole."""
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.pipeline():
        yield


def execute(statement: str, parameters: Sequence[Any] = ()) -> Any:
    """Execute a statement whose text is always the same, prepared; returns its cursor, for rows if there are any.

    Parameters are bound by the server, so each place needs a type that it can tell: ``%s::date[]``, ``%s::jsonb``.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    # Where statements are logged they are to be read, so they go with their values in them.
    logged = database.queries_logged
    cursor: Any = database.cursor() if logged else database.make_cursor(_Prepared(database.connection))
    cursor.execute(statement, parameters)
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
    cursor = execute(statement, parameters)
    if returning:
        for name, value in zip(returning, cursor.fetchone(), strict=True):
            setattr(record, name, value)
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
