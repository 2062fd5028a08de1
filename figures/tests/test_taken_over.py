"""A code that was entered by hand and that a desk counts by now: neither value ever replaces the other in silence."""

from datetime import datetime
from decimal import Decimal
from unittest.mock import patch

import pytest
import time_machine
from django.test import Client

from figures import actions, provenance, queries
from figures.models import Finding, Observation
from figures.registry import MONTH, YEAR, Count, Manual, Period, registry
from figures.tests.slips import COMMON, Slip
from foundation.clock import TAIPEI

CODE = "slips.taken"
ENTERED = Manual(code=CODE, label="接手", unit="件", definition="測試用。", grains=(MONTH, YEAR))
COUNTED = Count(code=CODE, label="接手", date_field="received_on", records=Slip.objects.all, **COMMON)


@pytest.fixture
def taken(slips):
    """Entered for 2020, 2021, November 2021 and 2022; then counted: one record of March 2022, none before."""
    with time_machine.travel(datetime(2023, 7, 1, 12, tzinfo=TAIPEI), tick=False):
        with patch.dict(registry._figures, {CODE: ENTERED}):
            for period, value in (("2020", 7), ("2021", 12), ("2021-11", 2), ("2022", 5)):
                actions.enter(ENTERED, Period.parse(period), Decimal(value), "舊表", by=None)
        with patch.dict(registry._figures, {CODE: COUNTED}):
            at = datetime(2022, 3, 5, 9, tzinfo=TAIPEI)
            Slip.objects.create(kind="light", district="E", received_at=at, received_on=at.date())
            yield


def value(period: str) -> tuple[int | None, bool]:
    reading = queries.value(CODE, Period.parse(period))
    return (None if reading.value is None else int(reading.value)), reading.is_manual


def test_what_was_entered_stays_for_the_years_before_the_records(taken) -> None:
    for _again in range(2):
        actions.rebuild()
        assert [value(p) for p in ("2020", "2021", "2021-11", "2022", "2022-03")] == [
            (7, True), (12, True), (2, True), (1, False), (1, False),
        ]  # fmt: skip
    assert value("2021-10") == (0, False)
    actions.rebuild(2021)
    assert value("2021") == (12, True)  # and never the sum of its one entered month
    Observation.objects.filter(figure=CODE, is_typed=True).delete()
    actions.rebuild()
    assert value("2020") == (7, True)  # entries are the source of it
    (line,) = provenance.lines([COUNTED], [Period.year(2021)])
    assert (line.source, line.evidence, line.is_manual) == ("entry", "舊表", True)
    (line,) = provenance.lines([COUNTED], [Period.year(2022)])
    assert (line.source, line.evidence, line.is_manual) == ("records", "", False)
    page = Client().get(f"/figures/{CODE}/2021/").text
    assert "figure-typed figure-big" in page and "舊表" in page and "現在重新計算" not in page
    page = Client().get(f"/figures/{CODE}/2022/").text
    assert "figure-typed figure-big" not in page and "現在重新計算" in page


def test_a_conflict_is_on_the_list_until_it_is_none(taken) -> None:
    actions.rebuild()
    actions.check([2020, 2021, 2022])
    conflicts = Finding.objects.still_there().filter(kind="conflict")
    assert [(str(each.of_period), each.detail) for each in conflicts] == [("2022", {"entered": "5", "value": "1"})]
    for day in range(1, 5):
        at = datetime(2022, 4, day, 9, tzinfo=TAIPEI)
        Slip.objects.create(kind="light", district="E", received_at=at, received_on=at.date())
    actions.rebuild(2022)
    actions.check([2022])
    assert not Finding.objects.still_there().filter(kind="conflict").exists() and value("2022") == (5, False)
    Slip.objects.filter(received_on__year=2022).delete()
    at = datetime(2021, 12, 5, 9, tzinfo=TAIPEI)
    Slip.objects.create(kind="light", district="E", received_at=at, received_on=at.date())
    actions.rebuild()
    actions.check([2021, 2022])
    found = {str(f.of_period): f.detail for f in Finding.objects.still_there().filter(kind="conflict")}
    # 2022 has records before it and none of its own: what was entered is marked and stands on the list.
    assert found == {"2021": {"entered": "12", "value": "1"}, "2022": {"entered": "5", "value": "0"}}
    assert value("2022") == (5, True)


def test_what_was_published_as_entered_stays_published_and_the_count_is_a_correction(taken) -> None:
    with patch.dict(registry._figures, {CODE: ENTERED}):
        actions.freeze(Period.year(2022))
    actions.rebuild(2022)
    reading = queries.value(CODE, Period.year(2022))
    assert (reading.value, reading.now.value, reading.is_corrected, reading.is_manual) == (5, 1, True, True)
