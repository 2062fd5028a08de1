import pytest

from dashboard.actions import load_boards
from figures import actions as figures
from tests.years import file_2022


@pytest.fixture
def boards(city):
    """The boards of the city pack."""
    load_boards()


@pytest.fixture
def year(report, staff, boards):
    """2022 with eight cases, counted, and the boards that show them."""
    cases = file_2022(report, staff)
    figures.rebuild(2022)
    return cases
