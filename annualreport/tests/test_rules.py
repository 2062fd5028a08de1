"""Numbering, forms of numbers, typed numbers, promises of days, differences: rules without a database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annualreport.rules import chinese, differences, due_on, in_order, mark, standing, typed_numbers, written


def test_sections_are_numbered_as_official_documents_are():
    marks = [mark(code) for code in ("5", "5.2", "5.2.11", "5.2.1.3", "5.2.1.3.4", "12", "6.20")]
    assert marks == ["伍、", "二、", "（十一）", "3.", "(4)", "拾貳、", "二十、"]
    assert len({chinese(number) for number in range(1, 100)}) == 99
    assert len({chinese(number, formal=True) for number in range(1, 100)}) == 99
    for wrong in (0, 100):
        with pytest.raises(ValueError, match=str(wrong)):
            chinese(wrong)


def test_the_tenth_comes_after_the_second():
    assert sorted(["3.10", "3.2", "3", "10", "3.2.1"], key=in_order) == ["3", "3.2", "3.2.1", "3.10", "10"]


@pytest.mark.parametrize(
    ("value", "form", "chinese_text", "english"),
    [
        ("99781", "", "99,781", "99,781"),
        ("99781", "plain", "99781", "99781"),
        ("2684300", "萬", "268.43萬", "2,684,300"),
        ("31250000", "萬", "3,125萬", "31,250,000"),
        ("110000000", "億", "1.1億", "110,000,000"),
        ("100", "億", "0億", "100"),
        ("85.7", "%", "85.7%", "85.7%"),
        ("2022", "roc", "111", "2022"),
    ],
)
def test_forms_of_a_number(value, form, chinese_text, english):
    assert written(Decimal(value), form) == chinese_text
    assert written(Decimal(value), form, english=True) == english


@given(st.integers(0, 10**12))
def test_a_number_in_thousands_of_tens_is_off_by_half_a_hundred_at_most(value):
    shown = Decimal(written(Decimal(value), "萬").removesuffix("萬").replace(",", ""))
    assert abs(shown * 10_000 - value) <= 50


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("受理派工案件 99,781 件，平均每月8,315件", ["99,781", "8,315"]),
        ("滿意度為 97.64%，兩場研習共三十二人", ["97.64", "兩", "三十二"]),
        ("獲得 12 項補助，投入1.1億元", ["12", "1.1"]),
        ("一萬人參加", ["一萬"]),
        ("1,500 份附議", ["1,500"]),
        ("2022 件", ["2022"]),
        ("45 people and 3.5 hours", ["45", "3.5"]),
    ],
)
def test_numbers_that_a_figure_could_give_are_pointed_out(text, found):
    assert typed_numbers(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "111年12月3日", "民國 111 年度", "依政府採購法第 70 條第 3 項", "第5屆第 2 次會議", "5G 與 AIoT",
        "案號 D111-0099781",
        "一個窗口、一級機關、一般案件", "1999 專線", "8:00 至 17:30", "3/5", "第三季", "In 2022 and on 12 March",
        "Article 5 of the Act", "三月五日", "四維路", "https://example.tw/1/22",
    ],
)  # fmt: skip
def test_dates_laws_names_and_places_in_a_row_are_not(text):
    assert typed_numbers(text) == []


DAYS = st.dates(date(2022, 1, 1), date(2024, 1, 1))


@given(DAYS, st.integers(0, 200), DAYS, st.none() | DAYS)
def test_a_promise_is_late_after_its_day_and_not_before(assigned, days, today, done):
    due = assigned + timedelta(days=days)
    stands = standing(assigned, due, today, done)
    on = done or today
    assert (stands.state in {"late", "broken"}) == (on > due)
    assert (stands.state in {"kept", "broken"}) == (done is not None)
    assert 0 <= stands.fraction <= 1 and stands.days == (due - on).days


def test_a_section_has_two_weeks_at_least():
    assert due_on(date(2022, 12, 31), 45, date(2023, 1, 3)) == date(2023, 2, 14)
    assert due_on(date(2022, 12, 31), 45, date(2024, 6, 1)) == date(2024, 6, 15)


@given(st.text("ab {}.受\n", max_size=40), st.text("ab {}.受\n", max_size=40))
def test_differences_hold_both_texts(before, after):
    parts = differences(before, after)
    assert "".join(text for sort, text in parts if sort != "new") == before
    assert "".join(text for sort, text in parts if sort != "gone") == after
    if before == after:
        assert {sort for sort, _text in parts} <= {"same"}
