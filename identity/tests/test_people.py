from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from foundation import clock
from identity import actions
from identity.factories import person
from identity.models import AccountEvent, Disclosure, User
from identity.tests.conftest import queries

pytestmark = pytest.mark.django_db

NEW = {"username": "Hai.Chen", "name": "陳海", "email": "hai@example.tw", "language": "zh-hant"}
PASSWORD = "three cranes and a tide"


@pytest.fixture
def keeper(holder: Any) -> User:
    return holder("system_administrator", username="keeper", name="陳管理")


@pytest.fixture
def office(as_: Callable[..., Client], keeper: User) -> Client:
    return as_(keeper)


def link_on(page: Any) -> str:
    return page.content.decode().split("<code>http://testserver")[1].split("</code>")[0]


def verbs(user: User) -> list[str]:
    return list(AccountEvent.objects.filter(user=user).order_by("pk").values_list("verb", flat=True))


def test_an_account_is_opened_without_a_password_and_the_person_sets_one_by_a_link_that_works_once(
    office: Client, keeper: User
) -> None:
    wrong = office.post("/people/new/", {**NEW, "username": "有空格 的帳號"})
    assert (
        wrong.status_code == 422 and "請用小寫英文字母" in wrong.content.decode() and "陳海" in wrong.content.decode()
    )
    made = office.post("/people/new/", NEW)
    hai = User.objects.named("hai.chen")
    assert made.headers["Location"] == f"/people/{hai.pk}/" and not hai.has_usable_password()
    again = office.post("/people/new/", NEW)
    assert again.status_code == 422 and "這個帳號已經有人使用。" in again.content.decode()

    link = link_on(office.post(f"/people/{hai.pk}/link/"))
    stranger = Client()
    assert "hai.chen" in stranger.get(link).content.decode()
    weak = stranger.post(link, {"new_password": "hai.chen", "repeated": "hai.chen"})
    assert (
        weak.status_code == 422
        and "密碼太短" in weak.content.decode()
        and "密碼與您的帳號太像" in weak.content.decode()
    )
    assert stranger.post(link, {"new_password": PASSWORD, "repeated": PASSWORD}).headers["Location"] == "/sign-in/"
    assert "_auth_user_id" not in stranger.session
    for used in (stranger.get(link), stranger.post(link, {"new_password": "x" * 20, "repeated": "x" * 20})):
        assert used.status_code == 410 and "這個連結不能用了" in used.content.decode()
    assert stranger.post("/sign-in/", {"username": "hai.chen", "password": PASSWORD}).status_code == 302
    assert verbs(hai) == ["created", "link_issued", "password_changed"]
    assert [event.actor for event in AccountEvent.objects.order_by("pk")] == [keeper, keeper, hai]


def test_a_link_ends_with_time_with_the_account_and_for_nobody_else(office: Client) -> None:
    hai, mei = person("hai", name="陳海"), person("mei")
    link = link_on(office.post(f"/people/{hai.pk}/link/"))
    assert Client().get(link).status_code == 200
    assert Client().get(link.replace(f"/{hai.pk}/", f"/{mei.pk}/")).status_code == 410
    assert Client().get(link.replace(f"/{hai.pk}/", "/999999999/")).status_code == 410
    assert Client().get(f"/set-password/{hai.pk}/invented-0123456789abcdef/").status_code == 410
    # With its zone: Django's tokens count by the wall clock, and time-machine sets the zone that it is given.
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI) + timedelta(days=3, minutes=1)):
        assert Client().get(link).status_code == 410
    office.post(f"/people/{hai.pk}/deactivation/")
    assert Client().get(link).status_code == 410


def test_one_keeper_alone_gets_no_link_for_an_account_that_is_in_use(office: Client, keeper: User) -> None:
    hai = person("hai", name="陳海", password=PASSWORD)
    assert f"/people/{hai.pk}/link/" not in office.get(f"/people/{hai.pk}/").content.decode()
    page = office.post(f"/people/{hai.pk}/link/", follow=True).content.decode()
    assert "要由櫃台的兩位人員復原" in page and "<code>" not in page and verbs(hai) == []
    with pytest.raises(actions.LinkRefused):
        actions.issue_link(keeper, hai)


def test_a_keeper_ends_every_session_of_somebody_and_leaves_the_account_open(
    office: Client, keeper: User, as_: Callable[..., Client]
) -> None:
    hai = person("hai", name="陳海", password=PASSWORD)
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.post("/sign-in/", {"username": "hai", "password": PASSWORD})
    page = office.post(f"/people/{hai.pk}/sessions/end/", follow=True).content.decode()
    assert "已經結束陳海的 2 個登入。" in page and "結束所有登入" in page
    assert [browser.get("/account/").status_code for browser in browsers] == [302, 302]
    assert verbs(hai) == ["sessions_ended"] and office.get("/people/").status_code == 200
    assert browsers[0].post("/sign-in/", {"username": "hai", "password": PASSWORD}).status_code == 302


def test_every_session_is_ended_but_ones_own_by_who_just_proved_who_they_are(
    office: Client, holder: Any, as_: Callable[..., Client]
) -> None:
    assert office.post("/people/sessions/end/").headers["Location"].startswith("/sign-in/again/")
    holder("system_administrator", username="second", password=PASSWORD)
    person("hai", password=PASSWORD)
    second, hai = Client(), Client()
    for client, name in ((second, "second"), (hai, "hai")):
        client.post("/sign-in/", {"username": name, "password": PASSWORD})
    assert second.get("/people/sessions/end/").status_code == 200 and hai.get("/account/").status_code == 200
    assert "已經結束全市政廳的" in second.post("/people/sessions/end/", follow=True).content.decode()
    assert hai.get("/account/").status_code == 302 and second.get("/account/").status_code == 200
    event = AccountEvent.objects.get(verb="sessions_ended")
    assert event.user == event.actor == User.objects.named("second")


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(
    office: Client, as_: Callable[..., Client], keeper: User
) -> None:
    hai = person("hai", name="陳海", password=PASSWORD)
    at_work = as_(hai)
    assert at_work.get("/account/").status_code == 200
    assert office.post(f"/people/{hai.pk}/deactivation/").status_code == 302
    assert at_work.get("/account/").status_code == 302
    assert Client().post("/sign-in/", {"username": "hai", "password": PASSWORD}).status_code == 422
    page = office.get(f"/people/{hai.pk}/").content.decode()
    assert "已停用" in page and "恢復使用" in page
    assert office.post(f"/people/{hai.pk}/link/").status_code == 302  # no link for a closed account
    office.post(f"/people/{hai.pk}/deactivation/")  # twice is once
    office.post(f"/people/{hai.pk}/activation/")
    office.post(f"/people/{hai.pk}/activation/")
    assert Client().post("/sign-in/", {"username": "hai", "password": PASSWORD}).status_code == 302
    assert verbs(hai) == ["deactivated", "activated"]


def test_nobody_closes_their_own_account(office: Client, keeper: User) -> None:
    page = office.post(f"/people/{keeper.pk}/deactivation/", follow=True).content.decode()
    assert "不能停用自己的帳號" in page and f"/people/{keeper.pk}/deactivation/" not in page
    keeper.refresh_from_db()
    assert keeper.is_active
    with pytest.raises(ValueError, match="own account"):
        actions.deactivate(keeper, keeper)


def test_looking_at_a_person_is_written_down_and_at_oneself_is_not(office: Client, keeper: User) -> None:
    hai = person("hai", email="hai@example.tw", language="en")
    assert "hai@example.tw" in office.get(f"/people/{hai.pk}/").content.decode()
    office.get(f"/people/{keeper.pk}/")
    (entry,) = Disclosure.objects.all()
    assert (entry.actor, entry.subject, entry.subject_id) == (keeper, "user", str(hai.pk))
    assert (entry.capacity, entry.purpose, entry.client) == ("系統管理員", "帳號管理", "127.0.0.1")
    assert entry.fields == ["username", "name", "email"] and "hai@example.tw" not in str(entry.__dict__)


def test_people_are_found_by_name_account_and_mail_in_a_fixed_number_of_queries(office: Client) -> None:
    person("hai", name="陳海", email="first@example.tw", is_active=False)
    person("mei", name="林美", email="second@example.tw")
    for query, found in {"q=海": "陳海", "q=MEI": "林美", "q=second": "林美", "state=inactive": "陳海"}.items():
        page = office.get(f"/people/?{query}").content.decode()
        assert {"陳海": "陳海" in page, "林美": "林美" in page} == {"陳海": found == "陳海", "林美": found == "林美"}, (
            query
        )
    assert "沒有符合的帳號" in office.get("/people/?q=nobody").content.decode()
    at_three = queries(office, "/people/")
    for _ in range(20):
        person()
    assert queries(office, "/people/") == at_three


def test_what_was_done_to_an_account_stays(office: Client) -> None:
    office.post("/people/new/", NEW)
    event = AccountEvent.objects.get()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AccountEvent.objects.update(verb="changed")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        event.delete()
    with pytest.raises(IntegrityError, match="account_event_verb_known"), transaction.atomic():
        AccountEvent.objects.create(user=event.user, actor=event.actor, verb="other")
    assert AccountEvent.objects.get().verb == "created"
