"""Inserting must leave what ``save()`` leaves, and fail as it fails."""

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.forms.models import model_to_dict

from foundation import clock
from foundation.inserting import _numbered, insert, query, together, write
from foundation.models import ImportRun, RateCount

pytestmark = pytest.mark.django_db


def run(**values) -> ImportRun:
    return ImportRun(**{"code": "thing", "file_name": "件.csv", "sha256": "a" * 64, "mapping_sha256": "", **values})


def test_it_leaves_what_save_leaves() -> None:
    values = {"state": ImportRun.State.DONE, "finished": clock.now(), "read": 3, "imported": 2, "rejected": 1,
              "problem": "百分之 100%", "started": clock.now()}  # fmt: skip
    saved, inserted = run(actor="saved", **values), run(actor="inserted", **values)
    saved.save()
    insert(inserted)
    assert inserted.pk is None  # nobody asked
    first, second = (ImportRun.objects.get(actor=actor) for actor in ("saved", "inserted"))
    assert model_to_dict(first, exclude=["id", "actor"]) == model_to_dict(second, exclude=["id", "actor"])


def test_what_is_asked_for_comes_back_and_what_is_computed_is_sql() -> None:
    first, second = run(), run()
    insert(first, returning=("id", "code"), code=("upper(%s)", ("x%",)))
    insert(second, returning=("id",))
    assert second.pk > first.pk and first.code == "X%"
    first.refresh_from_db()
    assert first.code == "X%" and not first._state.adding
    first.actor = "somebody"
    first.save()  # an update, as of any record that is there
    assert ImportRun.objects.count() == 2


def test_the_database_judges_as_ever() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(run(read=1))  # read, and become of nothing
    with pytest.raises(DataError), transaction.atomic():
        insert(run(code="長" * 61))
    assert not ImportRun.objects.exists()


def test_together_an_error_is_djangos_and_nothing_is_kept() -> None:
    with pytest.raises(IntegrityError, match="foundation_importrun_adds_up"), transaction.atomic(), together():
        insert(run())
        insert(run(read=1))
        insert(run())
    assert not ImportRun.objects.exists()
    with transaction.atomic(), together():
        insert(run())
        write("INSERT INTO foundation_ratecount (key, minute, count, previous) VALUES (%s, 1, 1, 0)", ("after",))
    assert ImportRun.objects.count() == RateCount.objects.count() == 1


def test_together_is_one_statement_and_what_is_asked_for_is_not_waited_with(django_assert_num_queries) -> None:
    asked = run()
    with transaction.atomic(), django_assert_num_queries(3), together():
        insert(run())
        insert(asked, returning=("id",))
        assert asked.pk
        insert(run())
        write("INSERT INTO foundation_ratecount (key, minute, count, previous) VALUES (%s, 1, 1, 0)", ("one",))
        assert ImportRun.objects.count() == 1  # the others are still gathered
    assert ImportRun.objects.count() == 3 and RateCount.objects.count() == 1


def test_a_block_that_fails_sends_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0), pytest.raises(KeyError), together():
        insert(run())
        raise KeyError
    insert(run())  # and gathers nothing for later
    assert ImportRun.objects.count() == 1


def test_a_statement_is_prepared_once_a_connection(django_assert_num_queries) -> None:
    insert(run())
    before = _known("INSERT INTO %importrun%")
    with django_assert_num_queries(20):
        for _ in range(20):
            insert(run())
    assert _known("INSERT INTO %importrun%") == before != []


def test_what_is_in_it_makes_no_other_statement_of_it() -> None:
    insert(run(read=1, imported=1, actor="小"))
    before = _known("INSERT INTO %importrun%")
    insert(run(read=100_000, imported=100_000, finished=clock.now(), state=ImportRun.State.DONE, problem="字" * 500))
    assert _known("INSERT INTO %importrun%") == before != []


def test_behind_a_pooler_nothing_is_prepared(monkeypatch) -> None:
    statement = "SELECT %s::int * 3"
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    assert query(statement, (4,)) == [(12,)] and not _known("SELECT $1::int * 3")
    monkeypatch.undo()
    assert query(statement, (5,)) == [(15,)] and len(_known("SELECT $1::int * 3")) == 1


def test_a_transaction_that_broke_takes_nothing_more() -> None:
    with transaction.atomic():
        with pytest.raises(DataError), transaction.atomic():
            insert(run(code="長" * 61))
        insert(run())  # the inner block was rolled back to its savepoint
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            insert(run())
    assert not ImportRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_begins_the_transaction_that_it_is_in() -> None:
    with pytest.raises(KeyError), transaction.atomic():
        insert(run())
        raise KeyError
    assert not ImportRun.objects.exists()
    with transaction.atomic():
        insert(run())
    assert ImportRun.objects.count() == 1


def _known(like: str) -> list[str]:
    """The statements that the server keeps for this connection and that are like this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE %s", [like])
        return [text for (text,) in cursor.fetchall()]


def test_a_statement_gets_the_databases_own_places() -> None:
    assert _numbered("SELECT %s, '5%%', %s") == ("SELECT $1, '5%', $2", ())
    assert _numbered("SELECT %(b)s, %(a)s::text, %(b)s") == ("SELECT $1, $2::text, $1", ("b", "a"))
    assert query("SELECT %(n)s::int + %(n)s::int, '5%%'", {"n": 2, "unused": 3}) == [(4, "5%")]
