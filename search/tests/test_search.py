"""The index in the real database: none missed, none too many, the newest first."""

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from search import actions, queries, rules
from search.models import Entry
from search.tests.corpus import reports

KIND = "cases.case"
pytestmark = pytest.mark.django_db

# Few characters, so that words meet: Chinese in its variants, Latin, digits, and all that could break a quote.
ALPHABET = "路燈故障臺台北aAＡ1１'\\:*&|!()<>-%\"，。🌲 \u3000\n\u200bé\u0301ß"
TEXTS = st.text(ALPHABET, max_size=25)
WORDS = st.text(ALPHABET, min_size=1, max_size=6)


def holds(title: str, body: str, asked: str) -> bool:
    """The slow and obvious reference."""
    fields = rules.normalise(title), rules.normalise(body)
    return all(any(word in field for field in fields) for word in rules.normalise(asked).split())


def all_ids(asked: str) -> list[int]:
    found = queries.ids(KIND, asked, cap=10_000)
    assert not found.more
    return found.ids


@settings(max_examples=150)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12), st.lists(WORDS, min_size=1, max_size=8))
def test_finds_exactly_the_texts_that_hold_the_words(texts, questions):
    Entry.objects.all().delete()
    actions.index_many((KIND, number, *text) for number, text in enumerate(texts))
    # Also parts of the texts themselves, which are there to be found.
    questions += [title[start : start + 3] for title, _body in texts[:3] for start in (0, 2)]
    for asked in questions:
        if not rules.normalise(asked):
            continue
        expected = [number for number, text in enumerate(texts) if holds(*text, asked)]
        assert all_ids(asked) == expected[::-1]
        matched = Entry.objects.filter(kind=KIND).filter(queries.matching(KIND, asked, "object_id"))
        assert sorted(matched.values_list("object_id", flat=True)) == expected


@pytest.fixture
def thousand():
    texts = list(reports(1000))
    actions.index_many((KIND, *text) for text in texts)
    return texts


@pytest.mark.parametrize(
    "asked",
    [
        "路燈",
        "路燈故障",
        "臺灣",
        "台灣三路",
        "D111-0000",
        "0000999",
        "區",
        "。",
        "號前，",
        "路燈 苓雅",
        "ABC",
        "武慶二路9",
    ],
)
def test_finds_exactly_the_reports(thousand, asked):
    expected = [number for number, title, body in thousand if holds(title, body, asked)]
    assert expected or asked == "ABC"
    assert all_ids(asked) == expected[::-1]


@pytest.mark.parametrize(("cap", "dense"), [(3, 3), (3, 100), (900, 1), (900, 20), (2000, 400)])
@pytest.mark.parametrize("asked", ["路燈", "路", "號", "影響行車安全 路燈故障", "武慶二路9"])
def test_matching_is_exact_whatever_is_common(thousand, asked, cap, dense, monkeypatch):
    """Of a common word each record is tested, of another one the numbers are listed. Both find the same."""
    expected = {number for number, title, body in thousand if holds(title, body, asked)}
    monkeypatch.setattr(queries, "CAP", cap)
    monkeypatch.setattr(queries, "DENSE", dense)
    records = Entry.objects.filter(kind=KIND)
    assert {found.object_id for found in records.filter(queries.matching(KIND, asked, "object_id"))} == expected


def test_the_newest_come_first_and_more_is_said(thousand):
    expected = [number for number, title, body in thousand if holds(title, body, "路燈")][::-1]
    assert queries.ids(KIND, "路燈", cap=10) == queries.Found(expected[:10], more=True)
    assert queries.ids(KIND, "路燈", cap=len(expected)) == queries.Found(expected, more=False)


def test_the_newest_come_first_across_blocks(monkeypatch):
    """Numbers on both sides of each border of a block, and far apart."""
    fine, coarse = 1 << rules.FINE_BITS, 1 << rules.COARSE_BITS
    numbers = [0, 1, fine - 1, fine, 2 * fine, 5 * fine, coarse - 1, coarse, coarse + fine, 3 * coarse - 1, 3 * coarse]
    actions.index_many((KIND, number, "路燈", "") for number in numbers)
    newest_first = numbers[::-1]
    assert all_ids("路燈") == newest_first
    for cap in range(len(numbers)):
        assert queries.ids(KIND, "路燈", cap) == queries.Found(newest_first[:cap], more=True)
        monkeypatch.setattr(queries, "DENSE", cap + 1)
        for asked in ("路燈", "路"):
            matching = Entry.objects.filter(queries.matching(KIND, asked, "object_id"))
            assert set(matching.values_list("object_id", flat=True)) == set(numbers)


def test_asking_is_one_statement(thousand, django_assert_num_queries):
    with django_assert_num_queries(1):
        queries.ids(KIND, "路燈")
    with django_assert_num_queries(2):
        list(Entry.objects.filter(queries.matching(KIND, "路燈", "object_id")))


def test_nothing_asked_finds_nothing_and_narrows_nothing(thousand):
    assert queries.ids(KIND, " \u3000") == queries.Found([], more=False)
    assert Entry.objects.filter(queries.matching(KIND, "")).count() == 1000


def test_a_kind_is_found_by_itself():
    actions.index("faq.entry", 1, "路燈", "")
    actions.index(KIND, 2, "路燈", "faq.entry K1")
    assert all_ids("路燈") == [2]
    assert queries.ids("faq.entry", "路燈").ids == [1]
    assert queries.ids("no.such", "路燈").ids == []
    # The lexeme of a block is nobody's word.
    assert all_ids("Kcases.case/0") == []
    assert all_ids("K") == [2]


def test_indexing_again_replaces(django_assert_num_queries):
    with django_assert_num_queries(1):
        actions.index(KIND, 1, "路燈", "不亮")
    with django_assert_num_queries(1):
        actions.index(KIND, 1, "坑洞", "很深")
    assert (all_ids("路燈"), all_ids("坑洞"), all_ids("很深")) == ([], [1], [1])
    with django_assert_num_queries(1):
        actions.index_many([(KIND, 1, "噪音", ""), (KIND, 2, "噪音", ""), (KIND, 1, "垃圾", "")])
    assert (all_ids("坑洞"), all_ids("噪音"), all_ids("垃圾")) == ([], [2], [1])
    with django_assert_num_queries(1):
        actions.remove(KIND, 1)
    assert all_ids("垃圾") == []
    with django_assert_num_queries(0):
        actions.index_many([])


def test_copied_rows_are_found():
    with connection.cursor() as cursor, cursor.copy(actions.COPY) as copy:
        copy.write_row(actions.copy_row(KIND, 7, "路燈\t'\\", "第一行\n第二行"))
    assert all_ids("路燈 第二") == [7]
    assert all_ids("'\\") == [7]
    assert Entry.objects.get(object_id=7).title == "路燈\t'\\"


def test_a_long_text_is_found_up_to_the_last_position():
    body = "".join(chr(0x4E00 + number % 5000) for number in range(20_000))
    actions.index(KIND, 1, "題", body)
    assert all_ids(body[4000:4010]) == [1]
    assert all_ids(body[16_000:16_010]) == [1]


def test_the_database_refuses_a_wrong_entry():
    for kind, number, reason in [("cases.case", -1, "object_id_natural"), ("Cases", 1, "kind_form")]:
        with pytest.raises(IntegrityError, match=reason), transaction.atomic():
            actions.index(kind, number, "題")
    actions.index("cases.case", 0, "題")


def test_common_and_rare_words_go_through_the_index():
    """The plan does not turn to reading the whole table when a word is common, which statistics would make it do."""
    actions.index_many((KIND, *text) for text in reports(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_entry")
        for asked in ("路", "路燈", "石斑魚養殖池"):
            cursor.execute("EXPLAIN SELECT 1 FROM search_entry WHERE vector @@ %s::tsquery", [rules.query(asked)])
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Bitmap Index Scan on search_entry_vector" in plan
