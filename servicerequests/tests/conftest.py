from collections.abc import Callable
from typing import Any

import pytest

from cases.actions.filing import Filing, Reporter, file_case
from cases.models import Case
from servicerequests.tests.office import WORDS
from servicerequests.tests.walking import IN_LINGYA, Walker


@pytest.fixture
def walker(city: Any) -> Walker:
    """A citizen who has not signed in, with a browser without JavaScript."""
    return Walker()


@pytest.fixture
def filed(city: Any) -> Callable[..., Case]:
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
