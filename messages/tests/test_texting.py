"""Telephone numbers and the length of text messages."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from foundation.telephone import mobile
from messages.rules import masked
from messages.texting import _GSM, _GSM_TWO, fitted, length

DIGITS = st.text("0123456789", min_size=8, max_size=8)
# Words as letters have them: Chinese, Latin, signs of two places in either alphabet, and beyond the first plane.
WORDS = st.text(st.sampled_from("路燈不亮。已受理 abcXYZ019@€[]~\n😀𠮷"), max_size=400)
GSM = st.text(st.sampled_from(sorted(_GSM | _GSM_TWO)), max_size=400)


@pytest.mark.parametrize(
    "written",
    ["0912345678", "0912-345-678", " 0912 345 678", "+886912345678", "+886-912-345-678", "886912345678",
     "+886 (0)912 345 678", "00886912345678", "０９１２３４５６７８", "0912.345.678", "0912‑345‑678"],
)  # fmt: skip
def test_a_mobile_is_one_number_however_it_is_written(written):
    assert mobile(written) == "+886912345678"


@pytest.mark.parametrize(
    "written",
    ["", "07-337-3333", "0912345678#12", "091234567", "09123456789", "+85291234567", "912345678", "+8860912", "1999",
     "0912 345 67a", "wang@example.com", "+1 912 345 6789", "0800-000-123"],
)  # fmt: skip
def test_what_is_no_mobile_is_none(written):
    assert mobile(written) is None


@given(DIGITS, st.sampled_from(["0", "+886", "886", "00886", "+8860"]), st.sampled_from(["", "-", " ", "."]))
def test_every_way_of_writing_leads_to_one(digits, prefix, between):
    written = f"{prefix}9{digits[:2]}{between}{digits[2:5]}{between}{digits[5:]}"
    assert mobile(written) == f"+8869{digits}"
    assert mobile(mobile(written)) == mobile(written)


@given(st.text(max_size=20))
def test_nothing_else_is_made_up(text):
    number = mobile(text)
    assert number is None or (len(number) == 13 and number.startswith("+8869") and number[1:].isdigit())


def test_a_number_is_masked():
    assert masked("+886912345678") == masked("0912-345-678") == "0912***678"
    assert masked("07-337-3333") == "***"


@pytest.mark.parametrize(
    ("text", "places", "parts", "gsm"),
    [
        ("", 0, 0, True),
        ("a" * 160, 160, 1, True),
        ("a" * 161, 161, 2, True),
        ("a" * 306, 306, 2, True),
        ("a" * 307, 307, 3, True),
        ("€" * 80, 160, 1, True),
        ("a" * 152 + "€" + "a" * 7, 161, 2, True),
        ("路" * 70, 70, 1, False),
        ("路" * 71, 71, 2, False),
        ("路" * 134, 134, 2, False),
        ("路" * 135, 135, 3, False),
        ("a" * 70 + "路", 71, 2, False),
        ("😀" * 35, 70, 1, False),
        ("😀" * 36, 72, 2, False),
        ("😀" * 67, 134, 3, False),  # a pair is not cut in two: 33 in a part of 67, one place stays empty
    ],
)
def test_length(text, places, parts, gsm):
    assert vars(length(text)) == {"places": places, "parts": parts, "gsm": gsm}


@given(WORDS)
def test_places_are_what_phones_count(text):
    told = length(text)
    if not told.gsm:
        assert told.places == len(text.encode("utf-16-be")) // 2
    alone, part = (160, 153) if told.gsm else (70, 67)
    assert (told.parts <= 1) == (told.places <= alone)
    if told.parts > 1:
        # Each part but the last is full, or one place short where a character of two had no room.
        assert (told.parts - 1) * (part - 1) < told.places <= told.parts * part


@given(GSM)
def test_the_default_alphabet_needs_seven_bits(text):
    assert length(text).gsm and length(text).places == sum(2 if c in _GSM_TWO else 1 for c in text)


@given(WORDS, WORDS)
def test_more_words_are_never_shorter(text, more):
    assume(length(text).gsm == length(text + more).gsm)
    assert length(text + more).parts >= length(text).parts


@given(WORDS, st.integers(1, 4))
def test_a_text_is_cut_to_fit_and_keeps_its_address(words, most):
    address = "https://city.example/track/D111-1/7K4M9QXR/"
    cut = fitted(f"{words}\n{address}", most)
    assert length(cut).parts <= most and cut.endswith(address)
    if length(f"{words}\n{address}".strip()).parts <= most:
        assert cut == f"{words}\n{address}".strip()
    elif cut != address:
        assert cut.removesuffix(f"\n{address}").rstrip("…. ") in words.replace("\n", "\n")


@given(WORDS, st.integers(1, 4))
def test_without_an_address_words_are_cut(words, most):
    assume("\n" not in words.strip())
    assert length(fitted(words, most)).parts <= most


def test_an_address_that_is_too_long_goes_alone():
    address = "https://city.example/" + "a" * 200
    assert fitted(f"路燈\n{address}", 1) == address
