"""The checks: what they find, what they let pass, and who sees it."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from unittest.mock import patch

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from figures import actions, quality, tasks
from figures.models import Finding, ManualEntry
from figures.registry import Period, ShareSet, registry
from figures.rules import outside, usual
from foundation.clock import TAIPEI
from identity.factories import person
from organisation import directory
from organisation.models import Agency, Membership

numbers = st.decimals(0, 10**6, places=1)


@given(st.lists(numbers, min_size=1, max_size=12), numbers)
def test_what_is_usual_holds_the_middle_and_is_open_to_none(earlier: list[Decimal], value: Decimal) -> None:
    span = usual(earlier)
    assert span and span[0] <= sorted(earlier)[len(earlier) // 2] <= span[1]
    assert usual(earlier[::-1]) == span
    assert outside(value, *span) == (not span[0] <= value <= span[1])
    assert not outside(value, None, None)


def test_chance_is_no_jump_and_a_jump_is_one() -> None:
    assert usual([]) is None
    for earlier, value, is_jump in (
        ((100, 104, 98), 130, False),
        ((100, 104, 98), 160, True),
        ((4, 5, 3), 9, False),  # small counts move by chance
        ((4, 5, 3), 15, True),
        ((100, 100, 900, 100), 900, True),  # one odd value does not make the next odd one usual
    ):
        span = usual([Decimal(each) for each in earlier])
        assert span and outside(Decimal(value), *span) is is_jump, (earlier, value, span)


@pytest.fixture
def july(slips: None):
    with time_machine.travel(datetime(2023, 7, 1, 12, tzinfo=TAIPEI), tick=False):
        yield


def enter(year: int, value: int, code: str = "slips.visits") -> None:
    period = Period.year(year)
    reason = "更正" if ManualEntry.objects.of(code, period).exists() else ""
    actions.enter(registry.figure(code), period, Decimal(value), "表", reason=reason)


def kinds(year: int) -> list[tuple[str, str]]:
    return sorted((found.kind, found.subject) for found in quality.check(year))


def test_each_check_finds_what_it_is_for(july: None) -> None:
    late = ("late", "slips.visits")
    assert kinds(2022) == [late]
    assert kinds(2023) == []  # it runs: nothing is late yet
    for year, value in ((2020, 10), (2021, 11), (2022, 12)):
        enter(year, value)
    assert kinds(2022) == []
    enter(2022, 45)
    assert kinds(2022) == [("jump", "slips.visits")]  # of its share, one of 4, nothing is said
    enter(2022, 51)
    assert ("range", "slips.visits") in kinds(2022)


def test_sums_are_checked_too(july: None) -> None:
    sets = {"slips.set": ShareSet(code="slips.set", label="占比", parts=("slips.visits", "slips.others"))}
    others = replace(registry.figure("slips.visits"), code="slips.others")
    with patch.dict(registry._figures, {"slips.others": others}), patch.dict(registry._share_sets, sets):
        enter(2022, 40)
        enter(2022, 50, "slips.others")
        assert ("sum", "slips.set") in kinds(2022)


def test_the_job_opens_findings_once_and_ends_those_that_are_gone(july: None) -> None:
    enter(2021, 10)
    tasks.check(0)
    assert actions.check([2022]) == 1
    finding = Finding.objects.get()
    assert (finding.kind, finding.subject, finding.gone_at) == ("late", "slips.visits", None)
    enter(2022, 12)
    assert actions.check([2022]) == 0
    assert Finding.objects.get().gone_at is not None
    call_command("figures", "check", "--year", "2022")
    enter(2022, 51)
    with pytest.raises(CommandError):
        call_command("figures", "check", "--year", "2022")


def test_the_list_shows_an_agency_its_own(july: None, client: Client) -> None:
    agency = Agency.objects.get(code="pwb")
    keeper, controller = person("keeper"), person("controller")
    Membership.objects.create(user=keeper, role="figure_keeper", agency=agency, since=date(2020, 1, 1))
    Membership.objects.create(user=controller, role="controller", since=date(2020, 1, 1))
    directory.forget()
    others = replace(registry.figure("slips.visits"), code="slips.others", label="別人的", owner="rdec")
    with patch.dict(registry._figures, {"slips.others": others}):
        enter(2021, 10)
        enter(2021, 10, "slips.others")
        client.force_login(keeper)
        assert "沒有要看的" in client.get("/figures/quality/").text
        page = client.post("/figures/quality/").text
        assert "查訪機關" in page and "期間終了已超過 31 日" in page and "別人的" not in page
        client.force_login(controller)
        assert "別人的" in client.get("/figures/quality/").text
    directory.forget()
