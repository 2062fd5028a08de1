"""Accounts given back at a counter: two officers, one link, and word to the owner."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from foundation import clock
from identity.actions import (
    RecoveryRefused,
    Why,
    begin_recovery,
    confirm_recovery,
    new_recovery_codes,
    open_account,
    recovery_by,
    stop_recovery,
    use_recovery,
)
from identity.factories import person
from identity.models import AccountEvent, Disclosure, RecoveryCode, User
from identity.models import Recovery as Row
from identity.rules import recovery_window, same_name
from identity.tests import grants
from identity.tests.conftest import queries
from identity.tests.letters import SENT

PASSWORD, NEW = "a harbour at dawn", "three cranes and a tide"
SAID = {"papers": ["identity_card"], "reason": "換手機", "removes_factors": True}
FORM = {
    "account": "mei",
    "name": "林 美",
    "papers": ["identity_card", "health_card"],
    "lost": "all",
    "reason": "換手機後無法登入",
}


@pytest.fixture
def mei(db: None) -> User:
    mei = person("mei", name="林美", password=PASSWORD, email="mei@example.tw", email_verified_at=clock.now())
    new_recovery_codes(mei)
    SENT.clear()
    return mei


@pytest.fixture
def officers(holder: Callable[..., User]) -> list[User]:
    return [holder("counter_officer", password=PASSWORD) for _ in range(2)]


def at_work(user: User) -> Client:
    client = Client()
    client.post("/sign-in/", {"username": user.username, "password": PASSWORD})
    return client


def verbs(user: User) -> list[str]:
    return list(user.events.order_by("pk").values_list("verb", flat=True))


def refused(*arguments: Any, act: Callable[..., Any] = confirm_recovery) -> Why:
    with pytest.raises(RecoveryRefused) as found:
        act(*arguments)
    return found.value.why


def test_two_officers_give_an_account_back_and_the_person_sets_a_password_once(mei: User, officers: list[User]) -> None:
    owner, one, other = at_work(mei), *map(at_work, officers)
    made = one.post("/recoveries/new/", FORM)
    recovery = Row.objects.get()
    address = f"/recoveries/{recovery.pk}/"
    assert made.headers["Location"] == address and recovery.token is None
    # The first alone comes no further, whatever is posted.
    assert "請找另一位人員覆核" in one.get(address).content.decode()
    assert "<code" not in one.post(f"{address}confirmation/", {"seen": "1"}, follow=True).content.decode()
    assert "勾選之後再覆核" in other.post(f"{address}confirmation/", follow=True).content.decode()
    assert not SENT

    page = other.post(f"{address}confirmation/", {"seen": "1"}).content.decode()
    link = page.split('<code class="break">http://testserver')[1].split("</code>")[0]
    assert "<code" not in other.get(address).content.decode()  # shown once
    assert [(letter.notice, letter.to, letter.context["done"]) for letter in SENT] == [
        ("identity.recovery", "mei@example.tw", False)
    ]
    assert "有人在櫃台復原您的帳號" in owner.get("/account/").content.decode()

    phone = Client()
    assert "會全部移除" in phone.get(link).content.decode()
    assert phone.post(link, {"new_password": "mei", "repeated": "mei"}).status_code == 422
    assert phone.post(link, {"new_password": NEW, "repeated": NEW}).headers["Location"] == "/sign-in/"
    assert "_auth_user_id" not in phone.session
    assert phone.get(link).status_code == 410
    assert phone.post(link, {"new_password": PASSWORD, "repeated": PASSWORD}).status_code == 410
    assert owner.get("/account/").status_code == 302  # every session has ended
    assert phone.post("/sign-in/", {"username": "mei", "password": NEW}).status_code == 302
    assert not RecoveryCode.objects.exists()
    assert [letter.notice for letter in SENT] == [
        "identity.recovery", "identity.password", "identity.factors", "identity.recovery", "identity.device",
    ]  # fmt: skip
    assert verbs(mei)[1:] == [
        "recovery_begun", "recovery_confirmed", "password_changed", "factor_removed", "recovered",
    ]  # fmt: skip
    assert {(entry.actor, entry.purpose) for entry in Disclosure.objects.about(mei)} == {
        (officer, "櫃台帳號復原") for officer in officers
    }


def test_neither_the_first_officer_nor_the_owner_can_be_the_second(mei: User, officers: list[User]) -> None:
    one, other = officers
    recovery = begin_recovery(one, mei, **SAID)
    assert refused(one, recovery) == Why.SAME
    grants.HELD[mei.pk] = {"counter_officer"}
    assert refused(mei, recovery) == Why.OWN
    assert refused(mei, mei, act=lambda actor, user: begin_recovery(actor, user, **SAID)) == Why.OWN
    # And were the code wrong, the database would not have it.
    whole = {"confirmed_at": clock.now(), "token": "x", "opens_at": clock.now()}
    for wrong, rule in ((one, "recovery_by_two_officers"), (mei, "recovery_not_by_the_owner")):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Row.objects.update(confirmed_by=wrong, **whole)
    with pytest.raises(IntegrityError, match="recovery_not_by_the_owner"), transaction.atomic():
        Row.objects.update(begun_by=mei)
    with pytest.raises(IntegrityError, match="recovery_confirmed_whole"), transaction.atomic():
        Row.objects.update(token="x")
    grants.HELD[mei.pk] = set()
    assert confirm_recovery(other, recovery) and refused(other, recovery) == Why.OVER


def test_of_staff_one_of_the_two_keeps_the_accounts(officers: list[User], holder: Callable[..., User]) -> None:
    chief, keeper = holder("agency_head"), holder("system_administrator")
    recovery = begin_recovery(officers[0], chief, **SAID)
    assert refused(officers[1], recovery) == Why.STAFF
    assert confirm_recovery(keeper, recovery)


def test_an_officer_and_whoever_opened_their_account_lately_are_not_two(mei: User, holder: Callable[..., User]) -> None:
    keeper = holder("system_administrator")
    puppet = open_account(keeper, username="puppet", name="傀儡", language="zh-hant")
    grants.HELD[puppet.pk] = {"counter_officer"}
    assert refused(keeper, begin_recovery(puppet, mei, **SAID)) == Why.MADE
    assert refused(puppet, begin_recovery(keeper, mei, **SAID)) == Why.MADE
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert confirm_recovery(keeper, begin_recovery(puppet, mei, **SAID))


def test_a_recovery_waits_two_hours_and_its_link_half_an_hour(mei: User, officers: list[User]) -> None:
    one, other = officers
    recovery = begin_recovery(one, mei, **SAID)
    with time_machine.travel(clock.now() + timedelta(hours=2, seconds=1)):
        assert refused(other, recovery) == Why.OVER
    token = confirm_recovery(other, recovery)
    found = recovery_by(token)
    assert found == recovery and recovery_by("invented") is None
    with time_machine.travel(clock.now() + timedelta(minutes=30, seconds=1)):
        assert recovery_by(token) is None and not use_recovery(found, NEW)
    mei.refresh_from_db()
    assert mei.check_password(PASSWORD)


def test_a_city_may_let_it_cool_and_the_owner_can_stop_it(mei: User, officers: list[User], settings: Any) -> None:
    settings.RECOVERY_COOLING_HOURS = 24
    one, other = officers
    token = confirm_recovery(other, begin_recovery(one, mei, **SAID))
    assert "還不到可以使用的時間" in Client().get(f"/recover/{token}/").content.decode()
    assert not use_recovery(recovery_by(token), NEW)
    owner = at_work(mei)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert Client().get(f"/recover/{token}/").status_code == 200
    owner.post("/account/recovery/stop/")
    assert recovery_by(token) is None and Row.objects.get().stopped_by == mei
    assert "有人在櫃台" not in owner.get("/account/").content.decode()
    assert not stop_recovery(one, Row.objects.get())


def test_one_recovery_an_account_and_a_new_one_ends_the_one_before(mei: User, officers: list[User]) -> None:
    one, other = officers
    token = confirm_recovery(other, begin_recovery(one, mei, **SAID))
    begin_recovery(other, mei, **SAID)
    assert recovery_by(token) is None and Row.objects.open().count() == 1
    with pytest.raises(IntegrityError, match="recovery_open_once"), transaction.atomic():
        Row.objects.update(stopped_at=None, stopped_by=None)


@pytest.mark.django_db(transaction=True)
def test_of_officers_who_confirm_at_once_one_gets_a_link(mei: User, holder: Callable[..., User]) -> None:
    first, *others = (holder("counter_officer") for _ in range(7))
    recovery, start = begin_recovery(first, mei, **SAID), threading.Barrier(7)
    tokens: list[str] = []
    whys: list[Why] = []

    def confirm(officer: User) -> None:
        start.wait(30)
        try:
            tokens.append(confirm_recovery(officer, Row.objects.get(pk=recovery.pk)))
        except RecoveryRefused as refused:
            whys.append(refused.why)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=confirm, args=[officer]) for officer in [first, *others]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(tokens) == 1 and sorted(whys) == [*[Why.OVER] * 5, Why.SAME]
    assert recovery_by(tokens[0]) == recovery
    assert AccountEvent.objects.filter(verb="recovery_confirmed").count() == 1


def test_what_is_wrong_is_said_and_what_was_typed_stays(mei: User, officers: list[User]) -> None:
    client = at_work(officers[0])
    assert "請輸入帳號、電子郵件或手機號碼。" in client.post("/recoveries/new/", {}).content.decode()
    for wrong in ({"account": "nobody"}, {"name": "林美麗"}, {"account": officers[0].username}):
        answer = client.post("/recoveries/new/", {**FORM, **wrong})
        page = answer.content.decode()
        assert answer.status_code == 422 and "換手機後無法登入" in page and 'value="identity_card"' in page
        assert "姓名與帳號的不同" in page
    grants.HELD[officers[0].pk].clear()
    assert client.get("/recoveries/").status_code == 403
    assert not Row.objects.exists()


def test_the_list_says_what_waits_in_a_fixed_number_of_queries(mei: User, officers: list[User]) -> None:
    client = at_work(officers[1])
    assert "還沒有復原過帳號" in client.get("/recoveries/").content.decode()
    begin_recovery(officers[0], mei, **SAID)
    at_one = queries(client, "/recoveries/")
    for _ in range(20):
        begin_recovery(officers[0], person(password=PASSWORD), **SAID)
    assert queries(client, "/recoveries/") == at_one
    assert "林美" in client.get("/recoveries/").content.decode()
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert client.get("/recoveries/new/").headers["Location"].startswith("/sign-in/again/")


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_the_window_never_opens_before_the_cooling_is_over(confirmed: datetime, cooling: timedelta) -> None:
    opens, expires = recovery_window(confirmed, cooling)
    assert opens == confirmed + cooling
    assert expires - opens == (timedelta(days=3) if cooling else timedelta(minutes=30))


@given(st.text(min_size=1))
def test_a_name_is_the_same_however_it_is_spaced_and_no_name_is_nobodys(name: str) -> None:
    assert same_name(name, f" {name}  ") == any(letter.isalpha() for letter in name) or same_name(name, name)
    assert not same_name(name, "") and not same_name("…", "—")
    assert (
        same_name("Ｌin mei", "LIN·MEI")
        and same_name("夷將．拔路兒", "夷將·拔路兒")
        and not same_name("林美", "林美麗")
    )
