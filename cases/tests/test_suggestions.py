"""What the desk is told of a case that seems to belong elsewhere, and the one click that takes it there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.classifiers import AGENCY, KIND
from cases.models import Case
from cases.suggestions import desk_in, elsewhere, suggested_agency, suggested_kind
from classification import queries
from classification.queries import Guess

WAGES = "公司欠薪三個月都不發薪水"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Guess]:
    """What the model says, by classifier; nothing else is."""
    answers: dict[str, Guess] = {}
    monkeypatch.setattr(queries, "guesses", lambda code, text: [answers[code]] if code in answers else [])
    return answers


def page_of(user: Any, case: Case) -> str:
    client = Client()
    client.force_login(user)
    return client.get(f"/desk/cases/{case.number}/").content.decode()


def test_confidence_is_said_in_words(city: Any, said: dict[str, Guess]) -> None:
    assert suggested_agency(WAGES) is suggested_kind(WAGES) is None
    said[AGENCY], said[KIND] = Guess("labor", 0.9, 1), Guess("petition", 0.7, 1)
    assert (suggested_agency(WAGES).name, suggested_agency(WAGES).confidence) == ("勞工局", "很可能")
    assert (suggested_kind(WAGES).name, suggested_kind(WAGES).confidence) == ("其他陳情", "可能")
    said[AGENCY] = Guess("labor", 0.59, 1)  # the pack's threshold is 0.6
    assert suggested_agency(WAGES) is None
    said[AGENCY] = Guess("gone", 0.9, 1)  # an agency that is no more keeps its code
    assert suggested_agency(WAGES).name == "gone"


def test_an_officer_transfers_by_one_click(
    city: Any, said: dict[str, Guess], staff: Callable[..., Any], report: Callable[..., Case]
) -> None:
    case = report("petition", email="a@example.com", description=WAGES)
    officer = staff("case_officer", "rdec-service")
    assert "可能屬於" not in page_of(officer, case)
    said[AGENCY] = Guess("labor", 0.82, 1)
    page = page_of(officer, case)
    assert "勞工局" in page and "把握 82 %" in page
    panel = elsewhere(case, officer)
    client = Client()
    client.force_login(officer)
    answer = client.post(
        f"/desk/cases/{case.number}/transfer/",
        {"version": case.version, "unit": panel["unit"].code, "text": panel["reason"]},
    )
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.unit.agency.code == "labor" and case.transfers == 1
    assert "勞工局權責" in case.events.get(verb="transfer").text


def test_nothing_is_said_to_whom_it_is_no_use(
    city: Any, said: dict[str, Guess], staff: Callable[..., Any], report: Callable[..., Case]
) -> None:
    case = report("petition", email="a@example.com", description=WAGES)
    said[AGENCY] = Guess("labor", 0.82, 1)
    assert elsewhere(case, staff("auditor")) is None  # may not transfer
    assert elsewhere(case, staff("case_officer", "pwb-roads")) is None  # not their case
    officer = staff("case_officer", "rdec-service")
    assert elsewhere(case, officer)
    said[AGENCY] = Guess("rdec", 0.82, 1)
    assert elsewhere(case, officer) is None  # it is there already
    said[AGENCY] = Guess("gone", 0.82, 1)
    assert elsewhere(case, officer) is None  # there is no such desk


def test_the_desk_of_an_agency_is_that_of_the_likely_kind(city: Any, said: dict[str, Guess]) -> None:
    assert desk_in("pwb", "路燈").code == "pwb-maintenance"
    said[KIND] = Guess("street_light", 0.9, 1)
    assert desk_in("pwb", "路燈").code == "pwb-lights"
    assert desk_in("labor", "路燈").agency.code == "labor"
    assert desk_in("gone", "路燈") is None


def test_the_page_costs_no_statement_more(
    city: Any, said: dict[str, Guess], staff: Callable[..., Any], report: Callable[..., Case]
) -> None:
    case = report("petition", email="a@example.com", description=WAGES)
    officer = staff("case_officer", "rdec-service")
    page_of(officer, case)
    with CaptureQueriesContext(connection) as silent:
        page_of(officer, case)
    said[AGENCY] = Guess("labor", 0.82, 1)
    with CaptureQueriesContext(connection) as speaking:
        page_of(officer, case)
    assert len(speaking) == len(silent)
