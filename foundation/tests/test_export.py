import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.export import BOM, cell, csv_lines, csv_response, plain, write_csv


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1"])
def test_no_cell_begins_like_a_formula(text):
    assert cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (-5, -5),
        ("-5.25", "-5.25"),
        ("+886", "+886"),
        (True, 1),
        (date(2022, 3, 5), "2022-03-05"),
        (datetime(2022, 3, 5, 16, 30, tzinfo=UTC), "2022-03-06 00:30:00"),
        ("路面坑洞", "路面坑洞"),
    ],
)
def test_cells(value, expected):
    assert cell(value) == expected


@given(st.text())
def test_import_takes_the_guard_off_again(text):
    assert plain(str(cell(text))) == text


def test_a_response_reads_as_it_was_written():
    rows = [['臺北, "x"', 1, None], ["two\nlines", -2, "=1"]]
    response = csv_response("案件.csv", ["甲", "乙", "丙"], iter(rows))
    text = b"".join(response.streaming_content).decode()
    assert text.startswith(BOM)
    read = list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))
    assert read == [["甲", "乙", "丙"], ['臺北, "x"', "1", ""], ["two\nlines", "-2", "'=1"]]
    assert "attachment" in response["Content-Disposition"]
    assert "%E6%A1%88%E4%BB%B6.csv" in response["Content-Disposition"]


def test_it_streams():
    """The first piece is out before the last row is asked for."""
    asked = []

    def rows():
        for number in range(5_000):
            asked.append(number)
            yield [number]

    pieces = csv_lines(["n"], rows())
    next(pieces)
    assert len(asked) <= 500
    assert sum(piece.count("\r\n") for piece in pieces) + 501 == 5_001


def test_write_csv_counts():
    file = io.StringIO()
    assert write_csv(file, ["n"], ([n] for n in range(1_234))) == 1_234
    assert file.getvalue().count("\r\n") == 1_235
