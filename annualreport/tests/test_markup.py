"""The markup: whatever is typed is kept, what cannot be read names its line, and nothing is ever refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annualreport.markup import (
    BARE_BRACE,
    UNREADABLE,
    Display,
    Listing,
    Number,
    Paragraph,
    Problem,
    Table,
    Text,
    Word,
    displays,
    numbers,
    parse,
    stretches,
)

MARKS = st.sampled_from(
    ["{a.b}", "{a.b|萬}", "{a.b@-1}", "{period}", "{{", "}}", "{", "}", "{x y}", "|", "- ", "1. ", "\n", "\n\n", " ",
     "受理", "word", "{table a.b by kind}", "{chart a.b, c.d by month}"]
)  # fmt: skip
SOURCES = st.lists(MARKS | st.text(max_size=4), max_size=25).map("".join)


@given(SOURCES)
def test_anything_can_be_typed_and_each_problem_names_a_line_that_is_there(source):
    parsed = parse(source)
    lines = source.splitlines()
    for block in parsed.blocks:
        assert 1 <= block.line <= len(lines) and lines[block.line - 1].strip()
    for problem in parsed.problems:
        assert problem.text in lines[problem.line - 1]
    starts = [block.line for block in parsed.blocks]
    assert starts == sorted(set(starts))


@given(st.lists(st.text(st.characters(blacklist_categories=["C", "Z"], blacklist_characters="{}|-*•"), min_size=1)))
def test_words_without_marks_come_out_as_they_went_in(words):
    source = " ".join(word for word in words if not word[0].isdigit())
    parsed = parse(source)
    assert parsed.problems == ()
    text = "".join(part.text for block in parsed.blocks for inline in stretches(block) for part in inline)
    assert text == source.strip()


@given(st.text(max_size=30))
def test_braces_that_are_written_twice_are_braces(text):
    line = "x" + text.replace("\n", "").replace("{", "").replace("}", "")
    parsed = parse("".join(line.splitlines()) + "{{k}}")
    assert not parsed.problems
    assert not numbers(parsed.blocks)


def test_a_text_of_everything():
    parsed = parse(
        "在 {period} 有 {a.b|萬} 件，\n去年 {a.b@-1|plain} 件。\n- 一\n- {c.d}\n\n1. 甲\n2. 乙\n"
        "| 種類 | 件 |\n| {city} | {a.b|億} |\n{table a.b, c.d by kind}\n{chart a.b by month}"
    )
    assert parsed.problems == ()
    paragraph, bullets, numbered, table, by_kind, by_month = parsed.blocks
    assert isinstance(paragraph, Paragraph)
    assert paragraph.inlines == (
        Text("在 "), Word("period"), Text(" 有 "), Number("a.b", 0, "萬"), Text(" 件，去年 "),
        Number("a.b", -1, "plain"), Text(" 件。"),
    )  # fmt: skip
    assert isinstance(bullets, Listing) and not bullets.numbered and bullets.items[1] == (Number("c.d"),)
    assert isinstance(numbered, Listing) and numbered.numbered and len(numbered.items) == 2
    assert isinstance(table, Table)
    assert table.rows[1] == ((Word("city"),), (Number("a.b", 0, "億"),))
    assert by_kind == Display(10, "table", ("a.b", "c.d"), "kind")
    assert displays(parsed.blocks) == [by_kind, by_month]
    assert [number.code for number in numbers(parsed.blocks)] == ["a.b", "a.b", "c.d", "a.b"]


def test_latin_lines_are_joined_by_a_blank_and_chinese_ones_are_not():
    assert parse("one\ntwo").blocks[0].inlines == (Text("one two"),)
    assert parse("一\n二").blocks[0].inlines == (Text("一二"),)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("好\n{a.b|寸}", Problem(2, UNREADABLE, "{a.b|寸}")),
        ("{Not a name}", Problem(1, UNREADABLE, "{Not a name}")),
        ("- 一\n- 二 {a", Problem(2, BARE_BRACE, "{")),
        ("| a |\n| } |", Problem(2, BARE_BRACE, "}")),
        ("{table a.b}", Problem(1, UNREADABLE, "{table a.b}")),
    ],
)
def test_what_cannot_be_read_stays_as_it_is_and_is_told(source, problem):
    parsed = parse(source)
    assert parsed.problems == (problem,)
    kept = "".join(part.text for block in parsed.blocks for inline in stretches(block) for part in inline)
    assert problem.text in kept
