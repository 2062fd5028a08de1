"""Writing the index. The verb that changes a record's text calls :func:`index` in the same transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.db import connection, transaction

from foundation.inserting import write
from search import rules
from search.registry import Text, searchable

Row = tuple[str, int, str, str]  # kind, object_id, title, body

COPY = "COPY search_entry (kind, object_id, title, vector) FROM STDIN"
_UPSERT = "ON CONFLICT (kind, object_id) DO UPDATE SET title = EXCLUDED.title, vector = EXCLUDED.vector"
_INSERT = f"INSERT INTO search_entry (kind, object_id, title, vector) VALUES (%s, %s, %s, %s::tsvector) {_UPSERT}"


def index(kind: str, object_id: int, title: str, body: str = "") -> None:
    """Make a record findable by any part of its title or body, or replace what was there. One statement."""
    write(_INSERT, copy_row(kind, object_id, title, body))


def index_later(kind: str, object_id: int) -> None:
    """In a storm: note that a record wants indexing; ``catch_up`` does it. One statement, cheaper than the entry."""
    write("INSERT INTO search_waiting (kind, object_id) VALUES (%s, %s)", (kind, object_id))


def catch_up(batch: int = 500) -> int:
    """Index the next of what was put off; returns how many marks were taken.

    As in ``rebuild`` other writers of the index are kept out meanwhile: a record that somebody changes and indexes at
    the same time is not overwritten with what it was.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE search_entry IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            """DELETE FROM search_waiting WHERE id IN (
                   SELECT id FROM search_waiting ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
               RETURNING kind, object_id""",
            [batch],
        )
        taken = cursor.fetchall()
        for kind in sorted({kind for kind, _id in taken}):
            ids = sorted({object_id for mine, object_id in taken if mine == kind})
            index_many((kind, *text) for text in searchable(kind).texts_of(ids))
    return len(taken)


def index_many(rows: Iterable[Row]) -> None:
    """Index a batch (up to some thousands) in one statement; of the same record twice the last one counts."""
    entries = {(kind, object_id): copy_row(kind, object_id, title, body) for kind, object_id, title, body in rows}
    if not entries:
        return
    columns = [list(column) for column in zip(*entries.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO search_entry (kind, object_id, title, vector)
                SELECT kind, object_id, title, vector::tsvector
                FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[]) AS row (kind, object_id, title, vector)
                {_UPSERT}""",
            columns,
        )


def copy_row(kind: str, object_id: int, title: str, body: str = "") -> tuple[str, int, str, str]:
    """The row of one record for the statement :data:`COPY`: an import that streams records streams these too."""
    return kind, object_id, title, rules.vector(kind, object_id, title, body)


def remove(kind: str, object_id: int) -> None:
    """Take a record out of the index; nothing happens if it is not there. One statement."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_entry WHERE kind = %s AND object_id = %s", [kind, object_id])


def rebuild(kind: str, texts: Callable[[int, int], Sequence[Text]], batch: int = 1000) -> Iterator[int]:
    """Bring a kind's entries into agreement with its records, a batch a transaction; yields how many are done.

    ``texts`` as in :class:`search.registry.Searchable`. Each batch first keeps other writers of the index out. Whoever
    indexed a record before has then committed, so the record is read as it is; whoever comes later waits, and writes
    what is newer.
    """
    done, after = 0, -1
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE search_entry IN SHARE ROW EXCLUSIVE MODE")
            found = texts(after, batch)
            index_many((kind, *text) for text in found)
            present = [object_id for object_id, _title, _body in found]
            upto = present[-1] if present else None
            # Entries between two records, or behind the last one, whose own records are gone.
            cursor.execute(
                """DELETE FROM search_entry WHERE kind = %s AND object_id > %s AND object_id <= COALESCE(%s, object_id)
                   AND object_id <> ALL (%s::bigint[])""",
                [kind, after, upto, present],
            )
        if upto is None:
            return
        done += len(present)
        after = upto
        yield done
