"""Terms in days and calendar years."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.rules import cutoff

MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2090, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


def test_a_leap_day_counts_as_the_day_before() -> None:
    assert cutoff(datetime(2024, 2, 29, 3, tzinfo=UTC), 5, "years") == datetime(2019, 2, 28, 3, tzinfo=UTC)
    assert cutoff(datetime(2024, 2, 29, 3, tzinfo=UTC), 4, "years") == datetime(2020, 2, 29, 3, tzinfo=UTC)


@given(MOMENTS, st.integers(0, 40))
def test_longer_terms_reach_further_back_and_years_are_years(at: datetime, n: int) -> None:
    assert cutoff(at, n + 1, "years") < cutoff(at, n, "years") <= at
    assert cutoff(at, n, "years") - cutoff(at, n + 1, "years") in (timedelta(days=365), timedelta(days=366))
    assert at - cutoff(at, n, "days") == timedelta(days=n)


@pytest.mark.parametrize(("amount", "unit"), [(-1, "days"), (1, "working_days")])
def test_no_such_term(amount: int, unit: str) -> None:
    with pytest.raises(ValueError, match="no such term"):
        cutoff(datetime(2024, 1, 1, tzinfo=UTC), amount, unit)
