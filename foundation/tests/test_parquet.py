"""Parquet files: every type and every gap comes back exactly, in the order of the rows."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from arro3.io import read_parquet
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation import parquet

COLUMNS = {"name": str, "is_frozen": bool, "value": Decimal, "at": datetime}
numbers = st.decimals(-(10**13), 10**13, places=6)
moments = st.datetimes(datetime(1912, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))
rows = st.lists(st.tuples(*(st.none() | each for each in (st.text(), st.booleans(), numbers, moments))), max_size=30)


def read(file: BytesIO) -> list[tuple]:
    table = read_parquet(file).read_all()
    assert table.column_names == list(COLUMNS)
    return list(zip(*(table.column(name).to_pylist() for name in COLUMNS), strict=True))


@settings(max_examples=50, deadline=None)
@given(rows)
def test_what_is_written_is_read(rows: list[tuple]) -> None:
    file = BytesIO()
    assert parquet.write(file, COLUMNS, rows) == len(rows)
    assert file.getvalue()[:4] == file.getvalue()[-4:] == b"PAR1"
    assert read(BytesIO(file.getvalue())) == rows


def test_many_rows_are_written_in_groups_and_an_unknown_type_is_refused() -> None:
    file, at = BytesIO(), datetime(2022, 8, 5, 9, 30, 0, 123456, tzinfo=UTC)
    many = [(f"鳳山區 {n}", n % 2 == 0, Decimal(n) / 8, at) for n in range(20_001)]
    assert parquet.write(file, COLUMNS, iter(many)) == 20_001
    assert read(BytesIO(file.getvalue()))[20_000] == many[20_000]
    with pytest.raises(KeyError):
        parquet.write(BytesIO(), {"n": int}, [(1,)])
