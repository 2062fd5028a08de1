"""The made-up year: exact totals, and rows as the verbs themselves would have left them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from cases.actions.filing import Filing, file_case
from cases.models import Case, CaseEvent
from cases.registry import kinds
from cases.states import STAY
from figures import queries
from figures.registry import Period, figures
from foundation.clock import TAIPEI, now, today
from identity.models import User
from identity.permissions import ROLES
from organisation.geography import locate
from servicerequests.demo.people import ACCOUNTS, PASSWORD
from servicerequests.demo.volumes import KIND_WEIGHTS, MONTHS, shares, year_of_arrivals
from servicerequests.models import Job

BY_FAMILY = {
    "dispatch": ["pothole", "street_light", "traffic_signal", "fallen_tree"],
    "petition": ["illegal_parking", "noise", "waste", "petition"],
}
SCALE = 0.0012
# What happens to a case without a verb of its own; of one that is closed together with another the data say with which.
BESIDE = {"attach", "merged", "part"}


# -- Volumes -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_full_city_year_has_exactly_the_totals_that_the_report_prints() -> None:
    arrivals = year_of_arrivals(2022, 1, BY_FAMILY, Random(1), TAIPEI)
    assert Counter(a.family for a in arrivals) == {"petition": 215_876, "dispatch": 99_781}
    assert sum(a.channel == "app" for a in arrivals) == 4_351
    assert arrivals == sorted(arrivals, key=lambda a: a.at)
    assert {a.at.astimezone(TAIPEI).year for a in arrivals} == {2022}
    assert len({a.at.astimezone(TAIPEI).date() for a in arrivals}) == 365
    for family, codes in BY_FAMILY.items():
        months = Counter(a.at.astimezone(TAIPEI).month for a in arrivals if a.family == family)
        assert max(months, key=lambda m: months[m] / 30) in {m + 1 for m, w in enumerate(MONTHS[family]) if w >= 105}
        by_kind = Counter(a.kind for a in arrivals if a.family == family)
        assert sorted(codes, key=lambda code: -by_kind[code]) == sorted(codes, key=lambda code: -KIND_WEIGHTS[code])


@pytest.mark.parametrize("scale", [0.0001, 0.001, 0.01])
def test_at_any_scale_the_totals_are_the_rounded_shares(scale: float) -> None:
    arrivals = year_of_arrivals(2022, scale, BY_FAMILY, Random(1), TAIPEI)
    counts = Counter(a.family for a in arrivals)
    assert (counts["petition"], counts["dispatch"]) == (round(215_876 * scale), round(99_781 * scale))
    assert sum(a.channel == "app" for a in arrivals) == round(4_351 * scale)


def test_the_same_seed_gives_the_same_year_and_another_another() -> None:
    first, again, other = (year_of_arrivals(2022, 0.001, BY_FAMILY, Random(seed), TAIPEI) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(("total", "weights"), [(10, [1, 1, 1]), (0, [3, 4]), (7, [0, 0, 5]), (215_876, [7, 11, 13])])
def test_shares_add_up_exactly(total: int, weights: list[int]) -> None:
    parts = shares(total, weights)
    assert sum(parts) == total
    assert all(abs(part - total * w / sum(weights)) < 1 for part, w in zip(parts, weights, strict=True))


# -- What can be asked for ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_empty_city_has_people_and_no_cases_and_may_be_filled_later_with_any_year() -> None:
    call_command("load_demo", empty=True, verbosity=0)
    assert not Case.objects.exists() and User.objects.filter(is_demo=True).count() == len(ACCOUNTS)
    call_command("load_demo", scale=0.0001, year=110, verbosity=0)
    assert Case.objects.filter(received_on__year=2021).count() == round(215_876 * 0.0001) + round(99_781 * 0.0001)
    assert not Case.objects.filter(received_on__lt=date(2021, 1, 1)).exists()
    assert User.objects.filter(is_demo=True).count() == len(ACCOUNTS)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"scale": 0}, {"scale": -1}, {"scale": 11}, {"year": 1911}, {"year": 999}])
def test_what_makes_no_year_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        call_command("load_demo", verbosity=0, **({"scale": 0.001} | wrong))
    assert not Case.objects.exists()


def test_the_accounts_are_printed_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_accounts")
    printed = capsys.readouterr().out
    assert all(account.username in printed and account.label in printed for account in ACCOUNTS) and PASSWORD in printed
    call_command("demo_accounts", json=True)
    assert capsys.readouterr().out.count('"username"') == len(ACCOUNTS)


# -- What was loaded ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[None]:
    """The demo, loaded once for all tests below and then rolled back."""
    from django.conf import settings

    from organisation.memory import forget

    media, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), transaction.atomic():
        forget()
        call_command("load_demo", scale=SCALE, verbosity=0)
        yield
        transaction.set_rollback(True)
    forget()
    settings.MEDIA_ROOT = media


@pytest.fixture
def all_cases(demo: None, db: None) -> list[Case]:
    return list(Case.objects.for_list().select_related("merged_into", "village").order_by("pk"))


@pytest.fixture
def timelines(all_cases: list[Case]) -> dict[int, list[CaseEvent]]:
    found: dict[int, list[CaseEvent]] = {case.pk: [] for case in all_cases}
    for event in CaseEvent.objects.order_by("at", "pk"):
        found[event.case_id].append(event)
    return found


def test_the_year_has_its_totals_and_today_has_work(all_cases: list[Case]) -> None:
    of_2022 = [case for case in all_cases if case.received_on.year == 2022]
    counts = Counter(case.kind.family.code for case in of_2022)
    assert (counts["petition"], counts["dispatch"]) == (round(215_876 * SCALE), round(99_781 * SCALE))
    assert queries.value("servicerequests.petitions", Period.year(2022)).value == counts["petition"]
    assert queries.value("servicerequests.dispatches", Period.year(2022)).value == counts["dispatch"]
    assert {case.kind_code for case in of_2022} == set(kinds())
    # Every desk of the tour has something to do, and everything that can happen has happened.
    assert {case.state for case in all_cases} >= {
        "received", "assigned", "dispatched", "accepted", "on_site", "waiting", "done", "closed",
    }  # fmt: skip
    assert Case.objects.overdue().exists()


def test_each_account_of_the_tour_opens_and_finds_its_work(demo: None, db: None) -> None:
    from django.test import Client

    assert {account.role for account in ACCOUNTS} == set(ROLES)
    for account in ACCOUNTS:
        client = Client()
        assert client.login(username=account.username, password=PASSWORD), account.username
        page = client.get(account.start)
        assert page.status_code == 200, account.username
    for username, address in (("officer", "/desk/"), ("crew", "/crew/"), ("head", "/desk/workload/")):
        client = Client()
        client.force_login(User.objects.get(username=username))
        rows = client.get(address).context["rows"]
        assert len(rows) >= 2, username
    colleagues = User.objects.exclude(username__in=[account.username for account in ACCOUNTS])
    assert colleagues.exists() and not any(user.has_usable_password() for user in colleagues)


def test_numbers_go_by_series_and_year_and_go_on_after_the_demo(all_cases: list[Case]) -> None:
    for case in all_cases:
        assert case.number.startswith(f"{case.kind.family.series}{case.received_on.year - 1911}-"), case
    newest = max(case.number for case in all_cases if case.number.startswith(f"D{today().year - 1911}-"))
    filed = file_case(Filing("pothole", fields={"size": "hand"}, lon=120.3121, lat=22.6205))
    assert str(Case.objects.get(pk=filed.pk).number) > newest


def test_places_lie_where_they_say(all_cases: list[Case]) -> None:
    for case in all_cases:
        place = locate(case.lon, case.lat)
        assert place and (place.district_code, place.village_code) == (case.district_id, case.village_id), case
        assert case.unit.code == case.kind.unit_for(case.district_id), case
        assert case.kind.clean(case.fields) == case.fields, case


def test_promises_are_those_of_the_rules(all_cases: list[Case]) -> None:
    for case in all_cases:
        promise = case.kind.promise(case.received_on)
        assert (case.promise_amount, case.promise_unit, case.promise_rule) == (
            promise.amount, promise.unit, promise.rule,
        ), case  # fmt: skip
        assert case.due_at == case.deadline(), case
        running = not (case.done_at or case.closed_at or case.paused_at)
        assert case.escalate_at in ({case.due_at, None} if running else {None}), case
        assert case.on_time is ((case.done_at <= case.due_at) if case.done_at else None), case
        assert case.done_on == (case.done_at.astimezone(TAIPEI).date() if case.done_at else None), case


def test_nothing_happens_in_the_future(all_cases: list[Case], timelines: dict[int, list[CaseEvent]]) -> None:
    latest = now()
    assert all(case.received_at <= latest for case in all_cases)
    assert all(event.at <= latest for events in timelines.values() for event in events)


def test_every_timeline_is_a_walk_through_the_lifecycle(
    all_cases: list[Case], timelines: dict[int, list[CaseEvent]]
) -> None:
    for case in all_cases:
        first, *rest = [event for event in timelines[case.pk] if event.verb not in BESIDE and "with" not in event.data]
        assert (first.verb, first.from_state, first.to_state, first.at) == ("file", "", "received", case.received_at)
        state = first.to_state
        for event in rest:
            transition = case.kind.lifecycle.transition(event.verb, event.from_state)
            assert event.from_state == state and transition, (case, event.verb)
            assert event.to_state == (event.from_state if transition.target == STAY else transition.target), case
            assert event.is_public == transition.public, (case, event.verb)
            state = event.to_state
        assert case.state == state, case
        assert case.version == 1 + len(rest), case
        told = {event.verb: event.at for event in rest}
        assert case.done_at == (told.get("finish") or told.get("answer")), case
        if case.closed_at:
            assert case.closed_at == rest[-1].at or rest[-1].verb == "rate", case


def test_what_a_case_says_of_itself_stands_on_its_timeline(
    all_cases: list[Case], timelines: dict[int, list[CaseEvent]]
) -> None:
    assert sum(case.transfers for case in all_cases) > 2 and sum(case.state == "merged" for case in all_cases) > 2
    assert sum(case.rating is not None for case in all_cases) > 10
    for case in all_cases:
        verbs = Counter(event.verb for event in timelines[case.pk])
        assert case.transfers == verbs["transfer"], case
        assert (case.rating is not None) == (verbs["rate"] > 0), case
        assert case.reopened == verbs["reopen"], case
        assert (case.state == "merged") == (verbs["merge"] > 0), case


def test_merged_cases_went_into_one_of_their_kind_that_was_still_open(
    all_cases: list[Case], timelines: dict[int, list[CaseEvent]]
) -> None:
    for case in all_cases:
        if into := case.merged_into:
            assert (into.kind_code, into.district_id) == (case.kind_code, case.district_id), case
            assert into.pk != case.pk and into.merged_into_id is None, case
            assert into.closed_at is None or into.closed_at >= case.closed_at, case
            told = [event for event in timelines[into.pk] if event.verb == "merged"]
            assert str(case.number) in {event.data["number"] for event in told}, case
            closings = [event for event in timelines[case.pk] if "with" in event.data]
            assert [event.at for event in closings] == ([into.closed_at] if into.closed_at else []), case


def test_crews_have_the_jobs_that_the_cases_tell_of(
    all_cases: list[Case], timelines: dict[int, list[CaseEvent]]
) -> None:
    jobs: dict[int, list[Job]] = {}
    for job in Job.objects.select_related("crew", "accepted_by"):
        jobs.setdefault(job.case_id, []).append(job)
    in_the_field = {"dispatched": "sent", "accepted": "accepted", "on_site": "on_site"}
    for case in all_cases:
        mine, told = jobs.get(case.pk, []), {event.verb: event.at for event in timelines[case.pk]}
        assert len(mine) == ("dispatch" in told), case
        for job in mine:
            assert job.crew.is_crew and job.crew.agency_id == case.unit.agency_id, case
            assert job.sent_at == told["dispatch"] and job.accepted_at == told.get("accept"), case
            assert job.arrived_at == told.get("arrive"), case
            if case.state in in_the_field:
                assert (job.state, job.ended_at) == (in_the_field[case.state], None), case
            else:
                assert job.ended_at, case
            if job.accepted_by:
                assert job.accepted_by.memberships.filter(unit=job.crew, role="crew").exists(), case


def test_everything_is_found_by_its_number_and_counted(all_cases: list[Case]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT object_id FROM search_entry WHERE kind = 'cases.case'")
        assert {row[0] for row in cursor.fetchall()} == {case.pk for case in all_cases}
    for year in (2022, today().year):
        for declared in figures():
            if declared.code.startswith("servicerequests."):
                stored = queries.value(declared.code, Period.year(year))
                assert stored.current == queries.recount(declared.code, Period.year(year)).current, (
                    declared.code,
                    year,
                )


def everything() -> dict[str, str]:
    """A fingerprint of each table."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
            found[table] = hashlib.sha256("\n".join(row[0] for row in cursor.fetchall()).encode()).hexdigest()
    return found


def test_loading_it_twice_changes_nothing(demo: None, db: None) -> None:
    before = everything()
    call_command("load_demo", scale=SCALE, verbosity=0)
    call_command("load_demo", scale=0.01, year=110, verbosity=0)
    assert everything() == before
