"""A rebuild and the increments always agree, and both with a slow and obvious count in Python."""

from collections import Counter
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from statistics import median

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from figures import actions
from figures.models import Observation, Touched
from figures.registry import DAY, MONTH, YEAR, Period
from figures.tests.slips import GROUP, Slip
from foundation.clock import TAIPEI

TODAY = datetime(2023, 3, 15, 12, tzinfo=TAIPEI)
FIRST = date(2022, 11, 20)

moments = st.integers(0, int((TODAY - datetime(2022, 11, 20, tzinfo=TAIPEI)) / timedelta(hours=1))).map(
    lambda hours: datetime(2022, 11, 20, tzinfo=TAIPEI) + timedelta(hours=hours)
)


@st.composite
def facts(draw: st.DrawFn) -> dict:
    """What stands in a slip: received, perhaps with a deadline, perhaps done."""
    received = draw(moments)
    due = draw(st.none() | st.integers(1, 2000).map(lambda hours: received + timedelta(hours=hours)))
    done = draw(st.none() | st.integers(0, 2000).map(lambda hours: min(received + timedelta(hours=hours), TODAY)))
    return {
        "kind": draw(st.sampled_from(["pothole", "light"])),
        "district": draw(st.sampled_from(["E", "W", None])),
        "received_at": received,
        "received_on": received.date(),
        "due_at": due,
        "done_at": done,
        "done_on": done and done.date(),
    }


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), facts()),
        st.tuples(st.just("change"), st.integers(0, 99), facts()),
        st.tuples(st.just("delete"), st.integers(0, 99)),
        st.tuples(st.just("drain"), st.booleans()),
        st.tuples(st.just("rebuild"), st.sampled_from([None, 2022, 2023])),
        st.tuples(st.just("freeze"), st.sampled_from(["2022", "2022-11", "2022-12", "2023-01", "2023-02"])),
    ),
    max_size=14,
)


def dates_of(slip: Slip) -> set[date]:
    """The days by which the figures count a slip."""
    moments = (slip.due_at and slip.due_at.astimezone(TAIPEI).date(), slip.received_on, slip.done_on)
    return {day for day in moments if day}


def perform(step: tuple) -> None:
    slips = list(Slip.objects.order_by("pk"))
    match step:
        case ("add", facts):
            actions.touch(GROUP, dates_of(Slip.objects.create(**facts)))
        case ("change", n, facts) if slips:
            slip = slips[n % len(slips)]
            before = dates_of(slip)
            for name, value in facts.items():
                setattr(slip, name, value)
            slip.save()
            actions.touch(GROUP, before | dates_of(slip))
        case ("delete", n) if slips:
            slip = slips[n % len(slips)]
            actions.touch(GROUP, dates_of(slip))
            slip.delete()
        case ("drain", slow):
            actions.drain(slow)
        case ("rebuild", year):
            actions.rebuild(year)
        case ("freeze", code):
            with suppress(ValidationError):  # it is frozen already
                actions.freeze(Period.parse(code))


def stored() -> dict[tuple, Decimal]:
    """Everything that is stored, but for zeros, which mean the same as nothing."""
    columns = ("figure", "grain", "period", "by", "dims", "value")
    rows = Observation.objects.exclude(figure="slips.limit").values_list(*columns)
    return {(f, g, p, b, tuple(sorted(d.items()))): v for f, g, p, b, d, v in rows if v}


def counted() -> dict[tuple, Decimal]:
    """The same, counted in Python."""
    values: Counter[tuple] = Counter()
    hours: dict[tuple, list[float]] = {}
    ends = [month for month in Period.year(2022).months + Period.year(2023).months if month.is_over]
    for slip in Slip.objects.all():
        cell = {"kind": slip.kind, "district": slip.district or "", "channel": slip.channel}
        all_sets = [names for size in range(4) for names in combinations(sorted(cell), size)]

        def add(figure: str, grain: str, day: date, sets: list, cell: dict = cell) -> None:
            for names in sets:
                values[figure, grain, day, ",".join(names), tuple((n, cell[n]) for n in names)] += 1

        on_time = slip.done_at and slip.due_at and slip.done_at <= slip.due_at
        for figure, day in (
            ("received", slip.received_on),
            ("done", slip.done_on),
            ("on_time", on_time and slip.done_on),
        ):
            if day:
                add(f"slips.{figure}", DAY, day, [names for names in all_sets if len(names) < 2])
                add(f"slips.{figure}", MONTH, day.replace(day=1), all_sets)
                add(f"slips.{figure}", YEAR, day.replace(month=1, day=1), all_sets)
        if slip.done_on:
            for grain in (MONTH, YEAR):
                for names in all_sets:
                    if len(names) < 2:
                        start = Period.of(grain, slip.done_on).start
                        key = ("slips.hours", grain, start, ",".join(names), tuple((n, cell[n]) for n in names))
                        hours.setdefault(key, []).append((slip.done_at - slip.received_at) / timedelta(hours=1))
        for month in ends:
            midnight = datetime(month.next.start.year, month.next.start.month, 1, tzinfo=TAIPEI)
            is_open = slip.received_on <= month.end and not (slip.done_on and slip.done_on <= month.end)
            is_late = slip.due_at and slip.due_at < midnight and not (slip.done_at and slip.done_at < midnight)
            for figure, counts in (("slips.open", is_open), ("slips.late", is_late)):
                if counts:
                    add(figure, MONTH, month.start, all_sets)
                    if month.start.month == 12:
                        add(figure, YEAR, month.start.replace(month=1), all_sets)
    medians = {key: round(Decimal(median(each)), 6) for key, each in hours.items()}
    return {key: Decimal(value) for key, value in (dict(values) | medians).items() if value}


@pytest.mark.usefixtures("slips")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_increments_rebuild_and_python_agree(steps: list[tuple]) -> None:
    with time_machine.travel(TODAY, tick=False), transaction.atomic():
        for step in steps:
            perform(step)
        actions.drain()
        assert not Touched.objects.exists()
        kept_up = stored()
        actions.rebuild()
        assert stored() == kept_up == counted()
        transaction.set_rollback(True)


@pytest.mark.usefixtures("slips")
def test_without_a_mark_a_change_is_not_seen() -> None:
    """The marks are what the increments go by: the test above would fail if they were not needed."""
    moment = datetime(2023, 1, 5, 9, tzinfo=TAIPEI)
    with time_machine.travel(TODAY, tick=False):
        Slip.objects.create(kind="light", received_at=moment, received_on=moment.date())
        assert actions.drain() == 0
        assert stored() == {} != counted()
        actions.touch(GROUP, {moment.date()})
        assert actions.drain() == 1
        assert stored() == counted()
