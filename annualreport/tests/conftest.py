import pytest

from annualreport.actions.compiling import open_report
from annualreport.registry import RESULTS, kind
from figures import actions as figures
from figures.registry import Period
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


@pytest.fixture
def people(staff):
    """Who compiles, who writes in the unit of the call centre, who heads it, and somebody of another agency."""
    return {
        "controller": staff("controller", name="李研考"),
        "writer": staff("case_officer", "rdec-1999", name="陳撰稿"),
        "head": staff("unit_head", "rdec-1999", name="黃主管"),
        "stranger": staff("case_officer", "pwb-roads", name="林外人"),
    }


@pytest.fixture
def report_111(people):
    """The results report of 2022, just begun by the controller."""
    return open_report(people["controller"], kind(RESULTS), Period.year(2022))


@pytest.fixture
def calls(report_111):
    """Its section on the calls, which names figures that are typed."""
    return report_111.sections.get(code="5.4.1")
