"""One person's cases of every channel, shown to whoever reads that person's mail."""

import re
from datetime import timedelta

import pytest
import time_machine

from cases.actions.filing import Reporter
from foundation.clock import now
from messages.models import Message
from servicerequests.tests.walking import Walker

pytestmark = pytest.mark.django_db


def asked(walker: Walker, address: str) -> Walker:
    return walker.get("/thread/").send("email", email=address)


def test_the_owner_of_the_address_sees_all_of_it_and_nothing_else(filed, walker) -> None:
    web = filed(reporter=Reporter(email="A@example.com"))
    letter = filed(reporter=Reporter(email="a@example.com", phone="0912345678"), channel="letter")
    neighbour = filed(reporter=Reporter(email="b@example.com", phone="0912345678"))
    Message.objects.all().delete()
    asked(walker, "a@EXAMPLE.com")
    sent = Message.objects.get()
    assert (sent.recipient, sent.notice) == ("a@EXAMPLE.com", "servicerequests.thread")
    link = re.search(r"/thread/\S+", sent.body)[0]
    page = Walker().get(link)
    assert all(f"/track/{case.number}/{case.secret}/" in page.page for case in (web, letter))
    assert str(neighbour.number) not in page.page and "書面" in page.page
    assert page.response["Cache-Control"] == "private, no-store"
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert Walker().get(link).status == 404
    assert Walker().get(link[:-3] + "x/").status == 404


def test_nobody_learns_who_has_reported(filed, walker) -> None:
    filed(reporter=Reporter(email="a@example.com"))
    Message.objects.all().delete()
    known = asked(walker, "a@example.com")
    known = (known.status, re.sub(r'value="[^"]*"', "", known.page))
    stranger = asked(Walker(), "nobody@example.com")
    assert (stranger.status, re.sub(r'value="[^"]*"', "", stranger.page)) == known
    assert Message.objects.count() == 1
    assert asked(Walker(), "no address").status == 422
    for _n in range(3):
        last = asked(Walker(), "a@example.com")
    assert last.status == 429
