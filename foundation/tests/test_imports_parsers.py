from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import TAIPEI
from foundation.imports import Refused, parsers


@pytest.mark.parametrize(
    "text",
    [
        "2022-03-05",
        "20220305",
        "2022/3/5",
        "2022/03/05",
        "111/3/5",
        "111-03-05",
        "1110305",
        "民國111年3月5日",
        "民國 111 年 3 月 5 日",
    ],
)
def test_day(text):
    assert parsers.day(text) == date(2022, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2022-03-05 14:30:00", "2022-03-05T14:30", "2022-03-05T06:30:00Z", "2022-03-05 14:30:00.000", "20220305 143000",
        "2022/3/5 14:30", "2022/3/5 下午 2:30", "2022/3/5 PM 02:30",
        "111/03/05 14:30:00", "1110305 1430", "民國 111 年 3 月 5 日 14:30",
    ],
)  # fmt: skip
def test_moment(text):
    assert parsers.moment(text) == datetime(2022, 3, 5, 14, 30, tzinfo=TAIPEI)


def test_moments_at_the_edges():
    assert parsers.moment("2022/3/5") == datetime(2022, 3, 5, tzinfo=TAIPEI)
    assert parsers.moment("2022/3/5 上午 12:05") == datetime(2022, 3, 5, 0, 5, tzinfo=TAIPEI)
    assert parsers.moment("2022/3/5 下午 12:05") == datetime(2022, 3, 5, 12, 5, tzinfo=TAIPEI)


@given(
    st.datetimes(
        min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.sampled_from([UTC, TAIPEI])
    )
)
def test_what_python_writes_is_read(moment):
    assert parsers.moment(moment.isoformat()) == moment


@pytest.mark.parametrize("text", ["昨天", "2022-13-01", "2022-02-30", "111/2/30", "2022-03-05 25:00", "14:30"])
def test_no_moment(text):
    with pytest.raises(Refused) as caught:
        parsers.moment(text)
    assert text in str(caught.value)


@given(st.text())
def test_parsers_refuse_and_never_fail(text):
    for parse in (
        parsers.day,
        parsers.moment,
        parsers.boolean,
        parsers.whole(0, 9),
        parsers.number(0, 9),
        parsers.decimal(2),
        parsers.choice({"a": 1}),
        parsers.source_number(5),
    ):
        try:
            parse(text)
        except Refused as refused:
            assert str(refused)


def test_numbers():
    assert parsers.whole()("1,234") == 1234
    assert parsers.number()("-1.5") == -1.5
    assert parsers.decimal(2)("1,234.50") == Decimal("1234.50")
    assert parsers.decimal(0)("1E3") == 1000
    for parse, text in [
        (parsers.whole(1), "0"), (parsers.whole(None, 5), "6"), (parsers.number(), "inf"), (parsers.decimal(1), "0.25"),
        (parsers.decimal(1), "NaN"), (parsers.decimal(2, minimum=Decimal(0)), "-1"),
    ]:  # fmt: skip
        with pytest.raises(Refused):
            parse(text)


@pytest.mark.parametrize(("text", "value"), [("是", True), ("Y", True), ("1", True), ("否", False), ("FALSE", False)])
def test_boolean(text, value):
    assert parsers.boolean(text) is value


def test_a_long_list_of_choices_is_shortened():
    parse = parsers.choice({str(n): n for n in range(100)})
    with pytest.raises(Refused) as caught:
        parse("x")
    assert len(str(caught.value)) < 100


def test_a_number_that_a_spreadsheet_destroyed():
    parse = parsers.source_number(20)
    assert parse("2022030510001") == "2022030510001"
    assert parse("12E5-7") == "12E5-7"
    with pytest.raises(Refused, match="科學記號"):
        parse("2.02504E+12")


def test_offsets_are_kept():
    there = timezone(timedelta(hours=-5))
    assert parsers.moment("2022-03-05T01:30:00-05:00") == datetime(2022, 3, 5, 1, 30, tzinfo=there)


def test_the_reader_of_a_reason_chooses_the_language():
    with override("en"):
        with pytest.raises(Refused) as caught:
            parsers.day("nonsense")
        assert "nonsense" in str(caught.value)
