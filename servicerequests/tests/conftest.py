from collections.abc import Callable, Iterator

import pytest

from cases.actions.filing import Filing, Reporter, file_case
from cases.models import Case
from organisation.actions import load_pack
from organisation.memory import forget
from servicerequests.tests.office import WORDS
from servicerequests.tests.walking import IN_LINGYA, Walker


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers of the directory must not outlive the transaction of a test."""
    forget()
    yield
    forget()


@pytest.fixture
def city(db: None) -> None:
    """The pack of the settings in the database: agencies, units, districts."""
    load_pack()


@pytest.fixture
def walker(city: None) -> Walker:
    """A citizen who has not signed in, with a browser without JavaScript."""
    return Walker()


@pytest.fixture
def filed(city: None) -> Callable[..., Case]:
    """``filed("noise")``: a report as a citizen files it."""

    def filed(kind_code: str = "pothole", **differs) -> Case:
        fields = {"pothole": {"size": "wheel", "hurt": True}, "noise": {"source": "other", "premises": "好聲音"}}
        filing = {
            "kind_code": kind_code, "description": WORDS, "fields": fields.get(kind_code, {}),
            "address": "三多三路 215 號", "lon": IN_LINGYA[0], "lat": IN_LINGYA[1],
            "reporter": Reporter(email="a@example.com"),
        }  # fmt: skip
        case = file_case(Filing(**filing | differs))
        return Case.objects.for_list().get(pk=case.pk)

    return filed
