import pytest

from figures import actions as figures
from tests.years import file_2022


@pytest.fixture(autouse=True)
def _prints_of_its_own(settings, tmp_path):
    """What is printed is kept in the test's own folder."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def year(report, staff):
    """2022 with eight cases, counted."""
    cases = file_2022(report, staff)
    figures.rebuild(2022)
    return cases
