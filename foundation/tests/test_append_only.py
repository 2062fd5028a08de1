from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.state import ProjectState

from foundation.append_only import AppendOnly

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> Iterator[AppendOnly]:
    """A table with one row and a table that hangs on it, neither of them known to Django."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE trial_owner (id int PRIMARY KEY)")
        cursor.execute("CREATE TABLE trial_log (id int, owner int REFERENCES trial_owner ON DELETE CASCADE)")
        cursor.execute("INSERT INTO trial_owner VALUES (1)")
        cursor.execute("INSERT INTO trial_log VALUES (1, 1)")
    return AppendOnly("trial_log")


def run(sql: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


def apply(operation: AppendOnly, direction: str) -> None:
    with connection.schema_editor() as editor:
        getattr(operation, direction)("foundation", editor, ProjectState(), ProjectState())


CHANGES = ["UPDATE trial_log SET id = 2", "DELETE FROM trial_log", "DELETE FROM trial_owner"]


def test_rows_can_be_added_and_nothing_else(log: AppendOnly) -> None:
    assert run("UPDATE trial_log SET id = 1") == 1
    apply(log, "database_forwards")
    for change in CHANGES:
        with pytest.raises(IntegrityError, match=r"trial_log is append-only: (UPDATE|DELETE) refused") as refused:
            run(change)
        assert refused.value.__cause__.sqlstate == "23001"
    assert run("INSERT INTO trial_log VALUES (2, 1)") == 1
    assert run("UPDATE trial_log SET id = 3 WHERE false") == 0
    apply(log, "database_backwards")
    assert [run(change) for change in CHANGES] == [2, 2, 1]


def test_two_tables_share_one_function(log: AppendOnly) -> None:
    other = AppendOnly("trial_owner")
    apply(log, "database_forwards")
    apply(other, "database_forwards")
    apply(log, "database_backwards")
    with pytest.raises(IntegrityError, match="trial_owner is append-only"):
        run("DELETE FROM trial_owner")


def test_a_migration_can_be_written_from_it(log: AppendOnly) -> None:
    assert log.deconstruct() == ("AppendOnly", ("trial_log",), {})
    assert log.migration_name_fragment == "trial_log_append_only"
    assert "trial_log" in log.describe()
