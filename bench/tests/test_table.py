"""How figures are judged and printed."""

import pytest

from bench.table import Row, dump, load, markdown, number, percentile, plain, width


@pytest.mark.parametrize(
    ("value", "limit", "more", "kept"),
    [
        (59.9, 60, False, True),
        (60.1, 60, False, False),
        (500, 500, True, True),
        (499, 500, True, False),
        (1, None, False, None),
    ],
)
def test_a_budget_is_an_upper_or_a_lower_bound(value, limit, more, kept):
    row = Row("x", value, "ms", limit, more)
    assert row.kept is kept
    assert ("MISSED" in row.cells) is (kept is False)


def test_the_percentile_is_a_measured_value():
    values = [float(each) for each in range(1, 101)]
    assert percentile(values, 0.5) == 51
    assert percentile(values, 0.95) == 96
    assert percentile([7.0], 0.95) == 7
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "0.12"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12,346"), (3.0, "3"), (0, "0")]
)
def test_three_digits_are_enough(value, text):
    assert number(value) == text


def test_rows_go_from_one_process_to_another():
    rows = [Row("路燈", 1.5, "ms", 50, yardstick="LIKE", ratio=0.1), Row("x", 2, "")]
    assert load(dump(rows)) == rows


def test_the_table_says_what_was_missed_and_by_how_much():
    rows = [Row("p95", 75, "ms", 60, yardstick="its SQL alone", ratio=12.5)]
    line = markdown([("Queue", rows)]).splitlines()[-1]
    assert line == "| p95 | 75 ms | ≤ 60 | 1.25 | MISSED | 12.5 × | its SQL alone |"


def test_columns_stand_under_each_other_in_chinese_too():
    first, second = plain([Row("路燈", 1, "ms", 50), Row("slow", 2, "ms", 50)]).splitlines()
    assert width(first[: first.index("1 ms")]) == width(second[: second.index("2 ms")])
