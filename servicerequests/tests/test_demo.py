"""The demo year: exact totals at any scale, and rows that the verbs could have made."""

from collections import Counter
from random import Random

import pytest
from django.core.management import call_command
from django.db.models import F, Q

from cases.models import Case, CaseEvent
from figures.queries import values
from figures.registry import Period
from foundation.clock import TAIPEI
from identity.models import User
from servicerequests.demo.people import ACCOUNTS
from servicerequests.demo.volumes import shares, year_of_arrivals
from servicerequests.models import Job

KINDS = {
    "dispatch": ["pothole", "street_light", "traffic_signal", "fallen_tree"],
    "petition": ["noise", "illegal_parking", "waste", "petition"],
}


def test_a_full_year_has_the_totals_that_the_city_printed():
    arrivals = year_of_arrivals(2022, 1, KINDS, Random(111), TAIPEI)
    assert Counter(arrival.family for arrival in arrivals) == {"petition": 215_876, "dispatch": 99_781}
    assert sum(arrival.channel == "app" for arrival in arrivals) == 4_351
    assert {arrival.at.year for arrival in arrivals} == {2022}
    assert arrivals == sorted(arrivals, key=lambda arrival: arrival.at)


@pytest.mark.parametrize("total", [0, 1, 7, 99_781])
def test_shares_add_up(total):
    parts = shares(total, [3, 1, 4, 1, 5, 9, 2, 6])
    assert sum(parts) == total and min(parts) >= 0


@pytest.mark.django_db
def test_the_demo_keeps_every_promise_that_the_verbs_keep(settings):
    call_command("load_demo", scale=0.002, verbosity=0)
    year = Period.year(2022)
    read = values(["servicerequests.petitions", "servicerequests.dispatches", "servicerequests.app_cases"], year)
    assert [reading.value for reading in read.values()] == [432, 200, 9]
    assert User.objects.filter(is_demo=True).count() == len(ACCOUNTS)
    # The row says the same as the last line of its timeline that changed the state.
    last = {e.case_id: e.to_state for e in CaseEvent.objects.exclude(to_state="").order_by("at", "pk")}
    assert all(case.state == last[case.pk] for case in Case.objects.all())
    # Each promise is judged by its own times, and only what is done is judged.
    assert not Case.objects.filter(on_time=True, done_at__gt=F("due_at")).exists()
    assert not Case.objects.filter(on_time=False, done_at__lte=F("due_at")).exists()
    assert not Case.objects.filter(Q(done_at=None) ^ Q(on_time=None)).exists()
    assert not Job.objects.active().filter(case__closed_at__isnull=False).exists()
    assert Case.objects.overdue().exists() and Case.objects.waiting().exists()
    before = (Case.objects.count(), User.objects.count())
    call_command("load_demo", scale=0.002, verbosity=0)
    assert (Case.objects.count(), User.objects.count()) == before
