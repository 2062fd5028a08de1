"""Declared kinds and the rebuilding of their entries."""

from io import StringIO
from threading import Event, Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from search import actions, queries, registry
from search.models import Entry
from search.registry import Searchable, register, searchable, searchables


def from_list(records):
    """The ``texts`` of records that a list holds."""
    return lambda after, count: sorted(record for record in records if record[0] > after)[:count]


def declare(records, kind="cases.case"):
    return register(Searchable(kind, "案件", lambda number: f"/desk/{number}/", from_list(records)))


def test_a_kind_is_declared_once(searchables):
    case = declare([])
    assert searchable("cases.case") is case
    assert case.url(7) == "/desk/7/"
    with pytest.raises(ImproperlyConfigured, match="declared twice"):
        declare([])
    declare([], kind="faq.entry")
    assert [each.code for each in registry.searchables()] == ["cases.case", "faq.entry"]


@pytest.mark.django_db
def test_every_declared_kind_is_complete():
    for each in searchables():
        assert str(each.label) and callable(each.url) and list(each.texts(-1, 1)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [1, 2, 3, 100])
def test_a_rebuild_agrees_with_the_records(batch):
    actions.index_many(("cases.case", number, "舊", "") for number in (1, 2, 5, 6, 9, 12, 13))
    actions.index("faq.entry", 6, "別的", "")
    records = [(2, "路燈", ""), (3, "坑洞", ""), (5, "噪音", ""), (9, "垃圾", "")]
    assert list(actions.rebuild("cases.case", from_list(records), batch))[-1] == 4
    entries = Entry.objects.filter(kind="cases.case").order_by("object_id")
    assert list(entries.values_list("object_id", "title")) == [(number, title) for number, title, _body in records]
    assert queries.ids("cases.case", "舊").ids == []
    assert queries.ids("faq.entry", "別的").ids == [6]


@pytest.mark.django_db
def test_a_rebuild_of_nothing_leaves_nothing():
    actions.index("cases.case", 0, "舊", "")
    assert list(actions.rebuild("cases.case", from_list([]))) == []
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_the_command(searchables):
    declare([(1, "路燈", "")])
    declare([(1, "問題", ""), (2, "答案", "")], kind="faq.entry")
    out = StringIO()
    call_command("search_rebuild", stdout=out)
    assert out.getvalue() == "cases.case 1\nfaq.entry 2\n"
    call_command("search_rebuild", "faq.entry", stdout=out)
    assert out.getvalue().endswith("faq.entry 2\nfaq.entry 2\n")
    with pytest.raises(CommandError, match=r"no searchable .nonsense. is declared; there are: cases.case, faq.entry"):
        call_command("search_rebuild", "nonsense")


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_does_not_overwrite_what_is_written_meanwhile():
    """A writer who changes a record while its batch is being rebuilt waits, and its newer text stays."""
    text = {"now": "舊"}
    reading, written = Event(), Event()

    def texts(after, count):
        found = [(1, text["now"], "")] if after < 1 else []
        if found:
            reading.set()
            assert not written.wait(0.3)  # the writer is kept out until this batch is committed
        return found

    def writer():
        reading.wait(10)
        text["now"] = "新"
        with transaction.atomic():
            actions.index("cases.case", 1, "新", "")
        written.set()
        connection.close()

    thread = Thread(target=writer)
    thread.start()
    list(actions.rebuild("cases.case", texts))
    thread.join(10)
    assert written.is_set()
    assert queries.ids("cases.case", "新").ids == [1]
    assert queries.ids("cases.case", "舊").ids == []
