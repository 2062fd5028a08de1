"""One person's two accounts: shown from both, entered one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client

from foundation import clock
from identity.actions import erase
from identity.actions.linking import LinkRefused, link_accounts, offer_link, other_account, unlink
from identity.factories import person
from identity.models import AccountEvent, AccountLink, LinkOffer, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(holder: Any) -> tuple[User, User]:
    """A case officer, and the same person as a citizen."""
    return holder("case_officer", username="officer"), holder(username="citizen")


def refused(user: User, code: str) -> str:
    with pytest.raises(LinkRefused) as problem:
        link_accounts(user, code)
    return problem.value.reason


@pytest.mark.parametrize("shown_by", [0, 1])
def test_a_code_of_one_entered_in_the_other_links_them_once(pair: tuple[User, User], shown_by: int) -> None:
    first, second = pair[shown_by], pair[1 - shown_by]
    code = offer_link(first)
    assert code not in LinkOffer.objects.get().code
    assert refused(first, code) == "code", "nobody is their own other account"
    link = link_accounts(second, f" {code.upper()} ")
    assert (link.office, link.citizen) == pair
    assert other_account(first) == second and other_account(second) == first
    assert refused(second, code) == "code" and refused(second, "") == "code"
    for user in pair:
        event = AccountEvent.objects.get(user=user)
        assert (event.verb, event.actor) == ("linked", second)
    assert unlink(first) and not unlink(second) and other_account(second) is None
    assert AccountLink.objects.get().ended_at and AccountEvent.objects.filter(verb="unlinked").count() == 2


def test_what_is_not_linked(pair: tuple[User, User], holder: Any) -> None:
    officer, citizen = pair
    assert refused(citizen, offer_link(person())) == "kind"
    assert refused(officer, offer_link(holder("auditor"))) == "kind"
    old = offer_link(officer)
    new = offer_link(officer)
    assert refused(citizen, old) == "code", "a new code ends the one before"
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1)):
        assert refused(citizen, new) == "code"
    link_accounts(citizen, new)
    other = holder("case_officer")
    assert refused(citizen, offer_link(other)) == "linked"
    assert refused(officer, offer_link(person())) == "linked"
    code = offer_link(other)
    User.objects.filter(pk=other.pk).update(is_active=False)
    assert refused(person(), code) == "code"


def test_who_deletes_the_account_ends_the_link(pair: tuple[User, User]) -> None:
    link_accounts(pair[1], offer_link(pair[0]))
    offer_link(pair[1])
    erase(pair[1])
    assert other_account(pair[0]) is None and not LinkOffer.objects.exists()


def test_the_pages(pair: tuple[User, User]) -> None:
    office, home = Client(), Client()
    office.force_login(pair[0])
    home.force_login(pair[1])
    code = office.post("/account/other/code/").context["code"]
    wrong = home.post("/account/other/", {"code": "wrong-typed"})
    assert wrong.status_code == 422 and "wrong-typed" in wrong.text and "連結碼不正確" in wrong.text
    assert home.post("/account/other/", {"code": ""}).status_code == 422
    assert home.post("/account/other/", {"code": code}).status_code == 302
    assert "officer" in home.get("/account/other/").text and "citizen" in office.get("/account/other/").text
    assert code not in office.get("/account/other/").text
    answer = home.post("/account/other/entrance/")
    assert answer["Location"].startswith("/sign-in/") and home.get("/account/").status_code == 302
    assert office.get("/account/").status_code == 200, "the other session goes on"
    office.post("/account/other/end/")
    assert other_account(pair[1]) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_one_code_one_is_linked(pair: tuple[User, User]) -> None:
    code, barrier, citizens = offer_link(pair[0]), Barrier(2), [pair[1], person()]

    def enter(user: User) -> bool:
        barrier.wait()
        try:
            link_accounts(user, code)
        except LinkRefused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, citizens)) == [False, True]
    assert AccountLink.objects.count() == 1
