"""Sessions as their owner sees and ends them, and the letter about a new device."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from identity.actions.devices import COOKIE
from identity.factories import person
from identity.models import KnownDevice, Session, User
from identity.rules import session_end
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


def test_an_idle_session_ends_sooner_for_staff_and_what_is_done_in_it_puts_that_off(
    mei: User, holder: Callable[..., User], settings: Any
) -> None:
    holder("case_officer", username="officer", password=PASSWORD)
    holder("crew", username="crew", password=PASSWORD)
    with time_machine.travel("2022-03-07T09:00:00+08:00", tick=False) as travel:
        citizen, officer, crew = (signed_in(name=name) for name in ("mei", "officer", "crew"))
        for _ in range(3):
            travel.shift(timedelta(minutes=29))
            assert officer.get("/account/").status_code == 200
        travel.shift(timedelta(minutes=31))
        asked = officer.get("/account/?x=1")
        assert asked.headers["Location"] == "/sign-in/?next=%2Faccount%2F%3Fx%3D1&ended=read"
        assert "太久沒有使用" in officer.get(asked.headers["Location"]).content.decode()
        sent = officer.post("/account/", {"name": "x"}, headers={"Referer": "http://testserver/account/"})
        assert "剛才送出的內容沒有收到" in officer.get(sent.headers["Location"]).content.decode()
        assert [client.get("/account/").status_code for client in (citizen, crew)] == [200, 200]
        travel.shift(timedelta(minutes=241))
        assert [client.get("/account/").status_code for client in (citizen, crew)] == [302, 302]
    assert Client().get("/account/").headers["Location"] == "/sign-in/?next=%2Faccount%2F"


def test_no_session_outlives_half_a_day_whatever_is_done_in_it(mei: User) -> None:
    with time_machine.travel("2022-03-07T09:00:00+08:00", tick=False) as travel:
        client = signed_in()
        for _ in range(4):
            travel.shift(timedelta(hours=2, minutes=59))
            assert client.get("/account/").status_code == 200
            client.post("/account/", {"name": "林美", "language": "zh-hant"})  # writes into the session as well
        travel.shift(timedelta(minutes=5))
        assert client.get("/account/").status_code == 302


def test_a_page_does_not_write_to_say_that_it_was_looked_at(mei: User) -> None:
    with time_machine.travel("2022-03-07T09:00:00+08:00", tick=False) as travel:
        client = signed_in()
        client.get("/account/")
        at_rest = queries(client, "/account/")
        travel.shift(timedelta(minutes=23))
        assert queries(client, "/account/") == at_rest
        travel.shift(timedelta(minutes=2))
        assert queries(client, "/account/") == at_rest + 1 and queries(client, "/account/") == at_rest


@given(st.floats(0, 1e5), st.floats(0, 1e5), st.floats(60, 1e5), st.floats(60, 1e5))
def test_a_session_ends_by_rest_and_by_age_whichever_is_first(
    since: float, used: float, idle: float, longest: float
) -> None:
    now = since + used
    end = session_end(now, since, idle, longest)
    assert end <= now + idle and end <= since + longest and end in (now + idle, since + longest)
    assert session_end(now + 1, since, idle, longest) >= end  # doing something never shortens it


def test_with_tls_cookies_are_of_this_host_alone(tmp_path: Any) -> None:
    """In a program of its own, as the settings are made when one starts."""
    named = "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.COOKIE_PREFIX, s.SESSION_COOKIE_SECURE, s.STAFF_LEVEL"
    said = {}
    for address in ("https://city.example", "http://localhost:8000"):
        ours = {"CITYHALL_URL": address, "CITYHALL_VAR": str(tmp_path), "PATH": "/usr/bin:/bin"}
        program = [sys.executable, "-c", f"from config import settings as s; print({named})"]
        run = subprocess.run(program, env=ours, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
        said[address] = run.stdout.split()
    assert said["https://city.example"] == ["__Host-sessionid", "__Host-csrftoken", "__Host-", "True", "2"]
    assert said["http://localhost:8000"] == ["sessionid", "csrftoken", "False", "2"]


def test_the_known_browser_is_found_under_the_name_with_its_prefix(mei: User, settings: Any) -> None:
    settings.COOKIE_PREFIX = "__Host-"
    client = signed_in()
    morsel = client.cookies["__Host-cityhall_device"]
    assert morsel["path"] == "/" and not morsel["domain"] and COOKIE not in client.cookies
