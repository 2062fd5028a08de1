"""What the rules find in a text, and that what is hidden is gone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.redaction import (
    HIDDEN,
    Region,
    Span,
    hidden,
    hidden_by_rule,
    is_national_id,
    places,
    region_of,
    suggestions,
    tidy,
)  # fmt: skip

TEXTS = st.text(alphabet="王大明先生路口破洞0912345678ABCabc-@.,，。號樓 \n", max_size=60) | st.text(max_size=40)
SPANS = st.lists(st.builds(lambda a, b: Span(min(a, b), max(a, b)), st.integers(0, 60), st.integers(0, 60)), max_size=8)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("請找王大明先生處理", [("name", "王大明")]),
        ("陳小姐說她住附近", [("name", "陳")]),
        ("我叫林志玲，電話如下", [("name", "林志玲")]),
        ("手機 0912-345-678 或 0912345678", [("phone", "0912-345-678"), ("phone", "0912345678")]),
        ("電話 (07)336-8333 轉 1234", [("phone", "(07)336-8333 轉 1234")]),
        ("國際 +886 912 345 678", [("phone", "+886 912 345 678")]),
        ("寫信到 wang.da@mail.example.tw 謝謝", [("email", "wang.da@mail.example.tw")]),
        ("身分證 A123456789 在此", [("id", "A123456789")]),
        ("居留證 A800000014 在此", [("id", "A800000014")]),
        ("車號 ABC-1234 停在人行道", [("plate", "ABC-1234")]),
        ("機車 123-ABC、汽車 1234-AB、AB-1234", [("plate", "123-ABC"), ("plate", "1234-AB"), ("plate", "AB-1234")]),
        ("苓雅區四維三路2號5樓之1漏水", [("address", "苓雅區四維三路2號5樓之1")]),
        ("LINE ID: wang_88", [("line", "wang_88")]),
    ],
)
def test_what_names_a_person_is_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(s.what, text[s.start : s.end]) for s in suggestions(text)] == found
    assert all(words not in hidden_by_rule(text) for _what, words in found)


@pytest.mark.parametrize(
    "text",
    [
        "四維三路路口有坑洞，長約 50 公分", "案號 D111-0099781 請查", "昨天 2022-03-05 下午 3 點", "身分證 A123456788",
        "限速 50，罰 1200 元", "路燈編號 123456", "先生小姐大家好", "公車 100 號",
    ],
)  # fmt: skip
def test_what_names_nobody_is_left_alone(text: str) -> None:
    assert suggestions(text) == [], suggestions(text)


@given(
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    st.sampled_from("1289"),
    st.text("0123456789", min_size=7, max_size=7),
)
def test_of_ten_check_digits_one_fits(letter: str, sex: str, digits: str) -> None:
    fits = [c for c in "0123456789" if is_national_id(f"{letter}{sex}{digits}{c}")]
    assert len(fits) == 1
    right = f"{letter}{sex}{digits}{fits[0]}"
    assert [(s.what, s.start) for s in suggestions(f"號碼{right}。")] == [("id", 2)]


@given(st.integers(10_000_000, 99_999_999), st.text("路口破洞，。 ", max_size=9), st.text("路口破洞，。 ", max_size=9))
def test_a_mobile_number_is_found_wherever_it_stands(number: int, before: str, after: str) -> None:
    text = f"{before}09{number}{after}"
    assert f"09{number}" not in hidden_by_rule(text)
    assert hidden_by_rule(text) == f"{before}{HIDDEN}{after}"


@given(TEXTS)
def test_suggestions_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = suggestions(text)
    assert all(0 <= s.start < s.end <= len(text) for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(TEXTS, SPANS)
def test_what_is_hidden_is_replaced_and_the_rest_stays(text: str, spans: list[Span]) -> None:
    spans = [s for s in spans if s.end <= len(text)]
    covered = {i for s in spans for i in range(s.start, s.end)}
    kept = "".join(c for i, c in enumerate(text) if i not in covered)
    assert hidden(text, spans).replace(HIDDEN, "") == kept.replace(HIDDEN, "")
    assert hidden(text, spans) == hidden(text, reversed(spans)), "the order of marking does not matter"


@given(SPANS)
def test_tidying_twice_is_tidying_once(spans: list[Span]) -> None:
    assert tidy(tidy(spans)) == tidy(spans)


def test_words_by_hand_are_found_each_time() -> None:
    assert places("阿明與阿明", "阿明") == [Span(0, 2), Span(3, 5)] and places("阿明", "") == []


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 1000), st.integers(1, 1000),
       st.integers(1, 3000), st.integers(1, 3000))  # fmt: skip
def test_a_region_covers_at_least_a_pixel_and_nothing_outside(x, y, w, h, width, height) -> None:
    region = Region(x, y, w, h)
    if region.fits:
        left, top, right, bottom = region.box(width, height)
        assert 0 <= left < right <= width and 0 <= top < bottom <= height


@given(
    st.integers(0, 90), st.integers(0, 90), st.integers(1, 10), st.integers(1, 10), st.sampled_from([0.0, 0.15, 3.0])
)
def test_what_was_found_in_pixels_lies_in_its_region(x, y, w, h, margin) -> None:
    region = region_of((x, y, w, h), (100, 100), "face", margin)
    left, top, right, bottom = region.box(100, 100)
    assert region.fits and left <= x and top <= y and right >= x + w and bottom >= y + h
