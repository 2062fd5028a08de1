"""What is counted of citizen supervision: a year that is known by heart, then the demo's, which is the city's."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db.models import F

from cases.actions.performing import perform
from cases.models import Case, CaseEvent
from figures import actions as figures
from figures.checks import problems
from figures.queries import values
from figures.registry import Period, registry
from foundation.clock import TAIPEI
from publicworks.models import CitizenReport, Work

pytestmark = pytest.mark.django_db

YEAR = Period.year(2022)
CODES = {
    "reports": "publicworks.citizen_reports",
    "closed": "publicworks.citizen_reports_closed",
    "rated": "publicworks.citizen_reports_rated",
    "satisfaction": "publicworks.citizen_reports_satisfaction",
    "building": "publicworks.citizen_reports_in_construction",
    "inspected": "publicworks.citizen_reports_inspected",
    "rate": "publicworks.citizen_reports_inspected_rate",
}


def counted(period: Period = YEAR) -> dict[str, Any]:
    read = values(list(CODES.values()), period)
    return {name: read[code].value for name, code in CODES.items()}


def test_every_figure_can_be_counted(city: Any) -> None:
    for code in (*CODES.values(), "publicworks.citizen_reports_satisfied"):
        assert problems(registry.figure(code)) == []


def test_a_year_by_hand(work: Callable[..., Work], about: Callable[..., Case], staff: Callable[..., Any]) -> None:
    officer, office = staff("unit_head", "water-maintenance"), staff("controller")
    at = datetime(2022, 3, 8, 9, 0, tzinfo=TAIPEI)

    def live(subject: Work, *verbs: str, rating: int = 0, day: int = 0) -> None:
        case = about(subject, received_at=at + timedelta(days=day))
        for hours, verb in enumerate(verbs, 1):
            moment = at + timedelta(days=day, hours=hours)
            inputs = {"answer": {"text": "已改善"}, "ask_inspection": {"text": "請查"},
                      "record_inspection": {"text": "已查", "on": case.received_on}}.get(verb, {})  # fmt: skip
            perform(office if verb == "record_inspection" else officer, case.pk, verb, at=moment, **inputs)
        if rating:
            perform(None, case.pk, "rate", by_citizen=True, rating=rating)

    building, done = work("1"), work("2", state="completed")
    live(building, "answer", "close", rating=5)
    live(building, "ask_inspection", "record_inspection", "answer", "close", rating=3)
    live(building, "ask_inspection", "answer", rating=4)  # not inspected, not closed
    live(done, "answer", "close")
    live(done, "withdraw")
    live(building, "answer", "close", day=330)  # another year: 1 February 2023
    figures.drain()
    assert counted() == {
        "reports": 5, "closed": 3, "rated": 3, "satisfaction": 67, "building": 3,
        "inspected": 1, "rate": 33,
    }  # fmt: skip
    assert counted(Period.year(2023))["reports"] == 1
    # What is about works is no petition and no dispatch.
    assert values(["servicerequests.requests"], YEAR)["servicerequests.requests"].value == 0
    # A work that is completed later does not change the year.
    Work.objects.filter(pk=building.pk).update(state="accepted")
    figures.rebuild(2022)
    assert counted()["building"] == 3


PRINTED = {"reports": 87, "closed": 87, "rated": 20, "satisfaction": 95, "building": 59, "inspected": 8, "rate": 14}


def test_the_figures_are_those_that_the_city_printed() -> None:
    seed = Path(django_settings.BASE_DIR).parent / "shared" / "figures_111.csv"
    if not seed.exists():
        pytest.skip("the city's printed figures are not at hand")
    with seed.open(encoding="utf-8-sig") as file:
        printed = {row["figure"]: row["value_111"] for row in csv.DictReader(file)}
    assert {name: int(printed[code]) for name, code in CODES.items()} == PRINTED


def test_the_demos_year_is_the_citys_and_its_rows_are_as_the_verbs_leave_them() -> None:
    call_command("load_demo", scale=0.002, verbosity=0)
    assert {name: round(value) for name, value in counted().items()} == PRINTED
    cases = Case.objects.filter(number__startswith="W")
    year = cases.filter(received_on__year=2022)
    assert year.count() == 87 and cases.count() > 87
    assert CitizenReport.objects.inspection_wanted().count() == 1
    for case in cases:
        told = list(CaseEvent.objects.filter(case=case).order_by("at", "pk"))
        assert told[0].verb == "file" and [event.to_state for event in told][-1] == case.state
        assert all(event.from_state == before.to_state for before, event in pairwise(told))
        assert len(told) <= case.version + 1  # reminders of these days are no verbs
        report = CitizenReport.objects.filter(case=case).first()
        assert (report.work.tender_number if report else None) == case.fields.get("work")
        assert report is None or report.work.unit == case.unit
        assert bool(report and report.inspection_asked_at) == any(event.verb == "ask_inspection" for event in told)
        assert bool(report and report.inspected_on) == any(event.verb == "record_inspection" for event in told)
    assert not year.filter(on_time=True, done_at__gt=F("due_at")).exists()
    assert not year.filter(on_time=False, done_at__lte=F("due_at")).exists()
    assert (
        not year.filter(done_at__lt=F("received_at")).exists() and not year.filter(closed_at__lt=F("done_at")).exists()
    )
    numbers = list(year.order_by("received_at").values_list("number", flat=True))
    assert numbers == sorted(numbers) and Work.objects.count() == 180
