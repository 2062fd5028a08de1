"""Closed periods: what was published stays, what changes later is written down as a correction."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from figures import actions, queries
from figures.models import Correction, Freeze, Observation
from figures.registry import Count, Dimension, Period, registry
from figures.tests.slips import COMMON, GROUP, Slip
from foundation.clock import TAIPEI
from identity.factories import person

YEAR, AUGUST, DAY = Period.year(2022), Period.month(2022, 8), Period.day(date(2022, 8, 5))
MOMENT = datetime(2022, 8, 5, 9, tzinfo=TAIPEI)


def file_slip(kind: str = "light", moment: datetime = MOMENT) -> Slip:
    actions.touch(GROUP, {moment.date()})
    return Slip.objects.create(kind=kind, district="E", received_at=moment, received_on=moment.date())


@pytest.fixture(autouse=True)
def summer(slips: None) -> Iterator[None]:
    with time_machine.travel(datetime(2023, 7, 1, 12, tzinfo=TAIPEI), tick=False):
        file_slip()
        file_slip("pothole")
        actions.drain()
        yield


def totals() -> list[tuple]:
    found = Correction.objects.filter(figure="slips.received", by="").order_by("pk")
    return [(c.grain, int(c.published), int(c.before), int(c.after)) for c in found]


def test_a_closed_year_keeps_its_numbers_and_shows_corrections() -> None:
    controller = person()
    freeze = actions.freeze(YEAR, controller)
    assert (freeze.period, freeze.frozen_by) == (YEAR, controller)
    assert not Correction.objects.exists()

    file_slip()
    actions.drain()
    for period in (YEAR, AUGUST, DAY):
        reading = queries.value("slips.received", period)
        assert (reading.value, reading.now.value, reading.is_frozen, reading.is_corrected) == (2, 3, True, True)
    assert totals() == [("day", 2, 2, 3), ("month", 2, 2, 3), ("year", 2, 2, 3)]
    light = queries.value("slips.received", YEAR, kind="light")
    assert (light.value, light.now.value) == (1, 2)
    assert not queries.value("slips.received", YEAR, kind="pothole").is_corrected

    Slip.objects.latest("pk").delete()
    actions.touch(GROUP, {DAY.start})
    actions.drain()
    assert not queries.value("slips.received", YEAR).is_corrected
    assert totals()[3:] == [("day", 2, 3, 2), ("month", 2, 3, 2), ("year", 2, 3, 2)]


def test_a_rebuild_leaves_what_was_published_and_gives_its_reason() -> None:
    actions.freeze(YEAR)
    Slip.objects.filter(kind="pothole").delete()
    actions.rebuild(2022, reason="撤回誤植紀錄")
    pothole = queries.value("slips.received", YEAR, kind="pothole")
    assert (pothole.value, pothole.now.value) == (1, 0)
    assert {c.reason for c in Correction.objects.all()} == {"撤回誤植紀錄"}
    before = Correction.objects.count()
    actions.rebuild()
    assert Correction.objects.count() == before


def test_what_was_nothing_at_the_closing_is_corrected_from_zero() -> None:
    actions.freeze(YEAR)
    file_slip("flood", datetime(2022, 3, 1, 9, tzinfo=TAIPEI))
    actions.drain()
    flood = queries.value("slips.received", Period.month(2022, 3), kind="flood")
    assert (flood.value, flood.now.value, flood.is_corrected) == (0, 1, True)


def test_a_median_of_nothing_stays_nothing() -> None:
    actions.freeze(YEAR)
    slip = Slip.objects.filter(kind="light").get()
    slip.done_at, slip.done_on = MOMENT.replace(hour=12), MOMENT.date()
    slip.save()
    actions.touch(GROUP, {slip.done_on})
    actions.drain()
    hours = queries.value("slips.hours", YEAR)
    assert (hours.text, hours.now.text, hours.is_corrected) == ("－", "3.0", True)
    share = queries.value("slips.on_time_share", AUGUST)
    assert share.value is None


def test_a_closed_month_leaves_its_year_open() -> None:
    actions.freeze(AUGUST)
    file_slip()
    actions.drain()
    assert (queries.value("slips.received", AUGUST).text, queries.value("slips.received", YEAR).text) == ("2", "3")
    assert {grain for grain, *_ in totals()} == {"day", "month"}
    actions.freeze(YEAR)  # closes what is left: the year with what is known now
    assert [r.text for r in (queries.value("slips.received", AUGUST), queries.value("slips.received", YEAR))] == [
        "2",
        "3",
    ]


def test_closing_counts_first() -> None:
    file_slip()  # marked, not counted yet
    actions.freeze(YEAR)
    assert queries.value("slips.received", YEAR).value == 3
    actions.drain()
    assert not Correction.objects.exists()


def test_rules_are_kept_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    actions.freeze(YEAR)
    object.__setattr__(registry.figure("slips.limit"), "value", lambda period: Decimal(6))
    try:
        reading = queries.value("slips.limit", YEAR)
        assert (reading.value, reading.now.value) == (4, 6)
        assert queries.value("slips.limit", Period.year(2023)).value == 6
    finally:
        object.__setattr__(registry.figure("slips.limit"), "value", lambda period: 4)


def test_a_figure_or_breakdown_declared_later_has_nothing_to_correct() -> None:
    actions.freeze(YEAR)
    registry.register(
        Count(code="slips.later", label="後來", date_field="received_on", records=Slip.objects.all, **COMMON)
    )
    registry.register_dimension(Dimension(code="late_one", label="後來", members=list))
    received = registry.figure("slips.received")
    before = received.dimensions
    object.__setattr__(received, "dimensions", {**before, "late_one": "channel"})
    try:
        actions.rebuild()
        assert not Correction.objects.exists()
        assert not queries.value("slips.later", YEAR).is_frozen
        assert not queries.value("slips.received", YEAR, late_one="web").is_frozen
        assert queries.value("slips.received", YEAR, late_one="web").value == 2
        assert queries.value("slips.received", YEAR).is_frozen
    finally:
        object.__setattr__(received, "dimensions", before)
    actions.rebuild()
    assert not Observation.objects.filter(figure="slips.received", by__contains="late_one").exists()


@pytest.mark.parametrize(
    ("period", "complaint"),
    [
        (DAY, "只有月份或年度"),
        (Period.year(2023), "民國 112 年尚未終了"),
        (Period.month(2023, 7), "尚未終了"),
        (YEAR, "已經結帳"),
        (AUGUST, "已經結帳"),
    ],
)
def test_what_cannot_be_closed_is_refused(period: Period, complaint: str) -> None:
    actions.freeze(YEAR)
    with pytest.raises(ValidationError, match=complaint):
        actions.freeze(period)
    assert Freeze.objects.count() == 1
    actions.freeze(Period.month(2023, 6))


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: Observation.objects.filter(figure="slips.received").update(frozen_value=7),
        lambda: Observation.objects.filter(figure="slips.received").update(is_frozen=False, frozen_value=None),
        lambda: Observation.objects.filter(figure="slips.received").update(period=date(2021, 1, 1)),
        lambda: Observation.objects.filter(figure="slips.received").delete(),
        lambda: Freeze.objects.update(start=date(2021, 1, 1)),
        lambda: Freeze.objects.all().delete(),
        lambda: Correction.objects.update(after=0),
        lambda: Correction.objects.all().delete(),
    ],
)
def test_the_database_refuses_to_change_what_was_published(tamper) -> None:
    actions.freeze(YEAR)
    file_slip()
    actions.drain()
    with pytest.raises(IntegrityError), transaction.atomic():
        tamper()
    assert queries.value("slips.received", YEAR).is_corrected


@pytest.mark.parametrize(
    "wrong",
    [
        {"grain": "week"},
        {"frozen_value": 3},
        {"period": AUGUST.start, "grain": "month"},
    ],
)
def test_the_database_refuses_observations_that_make_no_sense(wrong: dict) -> None:
    facts = {"figure": "slips.received", "grain": "month", "period": date(2022, 7, 1), "computed_at": MOMENT}
    with pytest.raises(IntegrityError), transaction.atomic():
        Observation.objects.create(**(facts | {"value": 2} | wrong))
    Observation.objects.create(**facts, value=2)


def test_only_months_and_years_are_closed_once_says_the_database() -> None:
    facts = {"figures": {}, "frozen_at": MOMENT}
    Freeze.objects.create(grain="year", start=YEAR.start, **facts)
    for wrong in ({"grain": "day", "start": DAY.start}, {"grain": "year", "start": YEAR.start}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Freeze.objects.create(**wrong, **facts)
