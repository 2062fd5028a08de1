"""The pure half: what is a lexeme, what is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import rules


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("臺北市", "台北市"),
        ("２號　ＡＢＣ－１２", "2號 abc-12"),
        ("  路燈\t\n故障 ", "路燈 故障"),
        ("Straße", "strasse"),
        ("路\u200b燈\ufe0f\x00", "路燈"),
        ("㈱", "(株)"),
        ("", ""),
    ],
)
def test_normalise(written, compared):
    assert rules.normalise(written) == compared


@given(st.text())
def test_normalise_twice_is_normalise_once(text):
    once = rules.normalise(text)
    assert rules.normalise(once) == once
    once.encode()  # no half of a surrogate pair is left, which the database would refuse


def test_lexemes_are_pairs_with_position_and_weight_and_the_last_character():
    assert rules.lexemes("路燈", "a b") == "'路燈':1A '燈':2A 'a':4B 'b':6B"
    assert rules.lexemes("", "") == ""


def test_lexemes_quote_what_has_a_meaning():
    assert rules.lexemes("", r"a'\ ") == r"'a''':1B '''\\':2B '\\':3B"


def test_lexemes_stop_at_the_last_position():
    text = rules.lexemes("題", "路燈" * 20_000)
    assert text.endswith(f":{rules.MAX_POSITION - 1}B")


def test_no_phrase_reaches_from_the_title_into_the_body():
    title_end, body_start = rules.lexemes("甲乙", "丙丁").split()[1:3]
    assert (title_end, body_start) == ("'乙':2A", "'丙丁':4B")


@pytest.mark.parametrize(
    ("asked", "tsquery"),
    [
        ("", ""),
        (" \u3000\u200b", ""),
        ("臺", "'台':*"),
        ("路燈", "'路燈'"),
        ("路燈亮", "('路燈' <-> '燈亮')"),
        ("路燈故障", "('路燈' <2> '故障')"),
        ("路燈不會亮", "('路燈' <2> '不會' <-> '會亮')"),
        ("路燈 路燈 A", "'路燈' & 'a':*"),
        (r"'\ ", r"'''\\'"),
    ],
)
def test_query(asked, tsquery):
    assert rules.query(asked) == tsquery


def test_a_question_is_read_up_to_its_limit():
    assert rules.query("ab" * 10_000) == rules.query("ab" * (rules.MAX_QUERY // 2))
