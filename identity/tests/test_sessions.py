"""Sessions as their owner sees and ends them, and the letter about a new device."""

from typing import Any

import pytest
from django.test import Client

from identity.actions.devices import COOKIE
from identity.factories import person
from identity.models import KnownDevice, Session, User
from identity.tests.conftest import queries
from identity.tests.letters import SENT

pytestmark = pytest.mark.django_db
PASSWORD = "a harbour at dawn"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


@pytest.fixture
def mei(db: None) -> User:
    return person("mei", name="林美", password=PASSWORD, email="mei@example.tw")


def signed_in(browser: str = CHROME, name: str = "mei", client: Client | None = None) -> Client:
    client = client or Client(headers={"User-Agent": browser})
    assert client.post("/sign-in/", {"username": name, "password": PASSWORD}).status_code == 302
    return client


def test_my_sessions_are_seen_and_ended_and_nobody_elses(mei: User) -> None:
    person("other", password=PASSWORD)
    here, phone, other = signed_in(), signed_in(IPHONE), signed_in(name="other")
    page = here.get("/account/sessions/").content.decode()
    assert "Chrome（Windows）" in page and "Safari（iPhone）" in page and page.count("這個裝置") == 1
    foreign = Session.objects.get(user__username="other").sid
    here.post(f"/account/sessions/{foreign}/end/")
    assert other.get("/account/").status_code == 200
    theirs = phone.session["identity.sitting"]["sid"]
    assert "已經結束那個登入" in here.post(f"/account/sessions/{theirs}/end/", follow=True).content.decode()
    assert phone.get("/account/").status_code == 302 and here.get("/account/").status_code == 200

    third, fourth = signed_in(), signed_in(IPHONE)
    assert "已經結束另外 2 個登入" in here.post("/account/sessions/end/", follow=True).content.decode()
    assert [c.get("/account/").status_code for c in (here, third, fourth, other)] == [200, 302, 302, 200]


def test_the_page_takes_as_many_statements_for_many_sessions_as_for_one(mei: User) -> None:
    here = signed_in()
    queries(here, "/account/sessions/")  # what a process remembers
    at_one = queries(here, "/account/sessions/")
    for _ in range(4):
        signed_in()
    assert queries(here, "/account/sessions/") == at_one


def letters() -> list[Any]:
    return [letter for letter in SENT if letter.notice == "identity.device"]


def test_a_new_device_is_told_of_and_a_known_one_is_not(mei: User) -> None:
    first = signed_in()
    assert letters() == []  # by this one the account is taken into use
    first.post("/sign-out/")
    signed_in(client=first)
    assert letters() == []
    phone = signed_in(IPHONE)
    (letter,) = letters()
    assert (letter.to, letter.topic, letter.topic_id) == ("mei@example.tw", "identity.user", mei.pk)
    told = {"browser": "Safari", "system": "iPhone", "network": "127.0.0.1"}
    assert letter.context.items() >= told.items() and letter.context["at"]
    phone.post("/sign-out/")
    signed_in(client=phone)
    assert len(letters()) == 1 and KnownDevice.objects.filter(user=mei).count() == 2
    cookie = phone.cookies[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and len(cookie.value) == 43
    assert not KnownDevice.objects.filter(digest__contains=cookie.value[:16]).exists()


def test_one_browser_is_known_for_each_of_its_people_and_a_made_up_cookie_for_nobody(mei: User) -> None:
    person("other", password=PASSWORD, email="other@example.tw")
    home = signed_in()
    home.post("/sign-out/")
    signed_in(name="other", client=home)
    assert KnownDevice.objects.values("digest").distinct().count() == 2  # nobody sees by it who shares a browser
    stranger = Client()
    stranger.cookies[COOKIE] = "x" * 500
    signed_in(client=stranger)
    assert len(letters()) == 1 and len(stranger.cookies[COOKIE].value) == 43
