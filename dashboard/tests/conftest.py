import pytest

from figures import actions as figures
from tests.years import file_2022


@pytest.fixture
def year(report, staff):
    """2022 with eight cases, counted."""
    cases = file_2022(report, staff)
    figures.rebuild(2022)
    return cases
