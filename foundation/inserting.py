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
from weakref import WeakKeyDictionary

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
from psycopg import Connection
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

# Fields that hand such values to the database as they are, which is most of what is written.
_VERBATIM = frozenset({CharField, TextField, BooleanField, FloatField, BigIntegerField, PositiveSmallIntegerField})
_PLAIN = frozenset({str, int, float, bool, NoneType})


_PLACE = re.compile(r"%(?:%|s|\((\w+)\)s)")


class _Line:
    """What is kept of a connection: which statements its server knows, and how values are written for it.

    It speaks to the server by the driver's lower half, libpq. The driver's cursors find out anew at each statement how
    each value is written and what PostgreSQL knows; for statements that never change that took as long as all else of
    them. Values go as text and the server tells their types, so that a text is prepared once, whatever is in it.
    """

    def __init__(self, driver: Connection[Any]) -> None:
        self.values = Transformer(driver.adapters)
        self.names: dict[str, bytes] = {}

    def ask(self, driver: Connection[Any], text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows that a statement gives back. Raises the driver's errors."""
        server = driver.pgconn
        with driver.lock:
            if not driver.autocommit and server.transaction_status == TransactionStatus.IDLE:
                _fine(server.exec_(b"BEGIN"))  # as the driver does before the first statement of a transaction
            values = self.values.dump_sequence(parameters, _AS_TEXT[: len(parameters)])
            if driver.prepare_threshold is None:  # behind a pooler that gives each transaction another connection
                return self._rows(_fine(server.exec_params(text.encode(), values)))
            if text not in self.names:
                name = f"cityhall_{len(self.names)}".encode()
                _fine(server.prepare(name, text.encode()))
                self.names[text] = name
            return self._rows(_fine(server.exec_prepared(self.names[text], values)))  # type: ignore[arg-type]

    def _rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        if not result.nfields:
            return []
        self.values.set_pgresult(result)
        return self.values.load_rows(0, result.ntuples, tuple)


_lines: WeakKeyDictionary[Connection[Any], _Line] = WeakKeyDictionary()
_AS_TEXT = [PyFormat.TEXT] * 1000  # more than any statement has places


def _fine(result: PGresult) -> PGresult:
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise error_from_result(result)
    return result


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


def query(statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """Execute a statement whose text is always the same, prepared and at once; returns its rows.

    Parameters are bound by the server, as in ``write``.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    if database.queries_logged or database.execute_wrappers:  # they are to be read, so they go with their values
        with database.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    database.validate_no_broken_transaction()
    text, names = _numbered(statement)
    values = [parameters[name] for name in names] if isinstance(parameters, Mapping) else parameters
    driver: Any = database.connection
    line = _lines.get(driver) or _lines.setdefault(driver, _Line(driver))
    with database.wrap_database_errors:
        return line.ask(driver, text, values)


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
        for name, value in zip(returning, query(statement, parameters)[0], strict=True):
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
