from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth.hashers import get_hasher
from django.test import Client

from foundation import clock
from identity.actions import Locked, sign_in, try_sign_in
from identity.factories import person
from identity.models import SignInAttempt, User
from identity.tasks import KEEP_SIGN_INS, forget_sign_ins

pytestmark = pytest.mark.django_db

PASSWORD = "a harbour at dawn"
HOME, AWAY = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def mei(db: None) -> User:
    return person("mei", name="林美", password=PASSWORD)


def enter(client: Client, username: str = "mei", password: str = PASSWORD, **data: str) -> Any:
    return client.post("/sign-in/", {"username": username, "password": password, **data})


def test_the_right_password_enters_under_a_new_session_and_the_wrong_one_keeps_the_name(
    client: Client, mei: User
) -> None:
    assert client.get("/sign-in/").status_code == 200
    wrong = enter(client, "MEI", "a harbour at dusk")
    page = wrong.content.decode()
    assert wrong.status_code == 422 and "帳號或密碼不正確" in page and 'value="MEI"' in page
    assert "a harbour at dusk" not in page and "_auth_user_id" not in client.session

    session = client.session
    session["before"] = "kept"
    session.save()
    before = session.session_key
    right = enter(client, "Mei")
    assert (right.status_code, right.headers["Location"]) == (302, "/account/")
    assert client.session["_auth_user_id"] == str(mei.pk)
    assert client.session.session_key != before and not client.session.exists(before)
    mei.refresh_from_db()
    assert mei.last_login is not None


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/desk/?page=2", "/desk/?page=2"),
        ("https://elsewhere.example/", "/account/"),
        ("//elsewhere.example", "/account/"),
    ],
)
def test_it_leads_to_where_the_person_was_going_and_never_away(
    client: Client, mei: User, asked: str, lands: str
) -> None:
    form = client.get("/sign-in/", {"next": asked}).content.decode()
    assert ('name="next"' in form) == (lands != "/account/")
    assert enter(client, next=asked).headers["Location"] == lands


def test_who_asked_for_no_page_arrives_at_their_work(client: Client, holder: Any) -> None:
    holder("case_officer", username="officer", password=PASSWORD)
    holder("auditor", username="auditor", password=PASSWORD)
    assert enter(client, "officer").headers["Location"] == "/desk/"
    assert enter(client, "officer", next="/people/").headers["Location"] == "/people/"
    assert enter(client, "auditor").headers["Location"] == "/account/"


def test_an_empty_form_says_what_is_missing(client: Client) -> None:
    page = enter(client, "", "").content.decode()
    assert "請輸入帳號、電子郵件或手機號碼。" in page and "請輸入密碼。" in page
    assert SignInAttempt.objects.count() == 0


def test_a_closed_account_is_answered_like_a_wrong_password(client: Client, mei: User) -> None:
    enter(client)
    assert client.get("/account/").status_code == 200
    mei.is_active = False
    mei.save()
    assert client.get("/account/").status_code == 302
    assert "帳號或密碼不正確" in enter(Client()).content.decode()


def test_unknown_names_cost_the_same_work_as_known_ones(mei: User) -> None:
    """The hasher runs once whether the account exists or not; the clock alone would tell names apart otherwise."""
    runs = {}
    for username in ("mei", "nobody"):
        hasher = type(get_hasher())
        with (
            patch.object(hasher, "encode", autospec=True, side_effect=hasher.encode) as encode,
            patch.object(hasher, "verify", autospec=True, side_effect=hasher.verify) as verify,
        ):
            assert try_sign_in(username, "wrong", HOME) is None
        runs[username] = encode.call_count + verify.call_count
    assert runs == {"mei": 1, "nobody": 1}


def attempts(n: int, username: str, client: str, password: str = "wrong") -> None:
    for _ in range(n):
        assert try_sign_in(username, password, client) is None


@pytest.mark.parametrize("username", ["mei", "nobody"])
def test_one_place_may_guess_one_account_five_times(mei: User, username: str) -> None:
    attempts(sign_in.ACCOUNT_FROM_ONE_PLACE, username, HOME)
    with pytest.raises(Locked) as locked:
        try_sign_in(username, PASSWORD, HOME)
    assert locked.value.minutes == 15
    # The owner elsewhere is not locked out by a stranger's five guesses.
    assert (try_sign_in("mei", PASSWORD, AWAY) == mei) is True


def test_many_places_together_lock_an_account_too(mei: User) -> None:
    for place in range(sign_in.ACCOUNT_FROM_ANYWHERE):
        attempts(1, "mei", f"198.51.100.{place}")
    with pytest.raises(Locked):
        try_sign_in("mei", PASSWORD, AWAY)
    assert try_sign_in("other", "wrong", AWAY) is None


def test_strangers_who_guess_never_lock_the_owner_out_of_a_browser_that_is_known(mei: User) -> None:
    home = Client()
    assert enter(home).status_code == 302
    home.post("/sign-out/")
    # From the owner's own network, and from everywhere, on this account and on all.
    attempts(sign_in.ACCOUNT_FROM_ONE_PLACE, "mei", "127.0.0.1")
    for place in range(sign_in.ACCOUNT_FROM_ANYWHERE - sign_in.ACCOUNT_FROM_ONE_PLACE):
        attempts(1, "mei", f"198.51.100.{place}")
    for number in range(sign_in.ANY_ACCOUNT_FROM_ONE_PLACE - sign_in.ACCOUNT_FROM_ONE_PLACE):
        attempts(1, f"officer{number}", "127.0.0.1")
    assert "分鐘後再試" in enter(Client()).content.decode()
    invented = Client()
    invented.cookies["cityhall_device"] = "x" * 43
    assert "分鐘後再試" in enter(invented).content.decode()
    assert enter(home).status_code == 302
    home.post("/sign-out/")
    # Who sits at the known browser has five tries of their own, and the browser is known for its person alone.
    for _ in range(sign_in.ACCOUNT_FROM_ONE_PLACE):
        assert "帳號或密碼不正確" in enter(home, password="wrong").content.decode()
    assert "分鐘後再試" in enter(home).content.decode()
    person("other", password=PASSWORD)
    assert "分鐘後再試" in enter(home, "other").content.decode()


def test_one_place_may_not_try_one_password_on_everybody(mei: User) -> None:
    for number in range(sign_in.ANY_ACCOUNT_FROM_ONE_PLACE):
        attempts(1, f"officer{number}", HOME)
    with pytest.raises(Locked):
        try_sign_in("mei", PASSWORD, HOME)
    assert try_sign_in("mei", PASSWORD, AWAY) == mei


def test_the_lock_ends_by_itself_and_trying_does_not_prolong_it(mei: User) -> None:
    with time_machine.travel("2022-03-07T09:00:00+08:00", tick=False) as travel:
        attempts(5, "mei", HOME)
        for _ in range(20):
            travel.shift(timedelta(seconds=30))
            with pytest.raises(Locked):
                try_sign_in("mei", PASSWORD, HOME)
        travel.shift(timedelta(minutes=4, seconds=59))
        with pytest.raises(Locked) as nearly:
            try_sign_in("mei", PASSWORD, HOME)
        assert nearly.value.minutes == 1
        travel.shift(timedelta(seconds=2))
        assert try_sign_in("mei", PASSWORD, HOME) == mei


def test_the_lock_is_told_with_the_time_to_wait(client: Client, mei: User) -> None:
    for _ in range(5):
        assert "帳號或密碼不正確" in enter(client, password="wrong").content.decode()
    assert "請在 15 分鐘後再試" in enter(client).content.decode()


def test_the_record_says_whose_and_how_it_ended_and_nothing_that_was_typed(client: Client, mei: User) -> None:
    enter(client, "mei", "wrong-secret")
    enter(client, "hunter2-typed-here", "x")
    enter(client)
    rows = list(SignInAttempt.objects.order_by("pk").values_list("outcome", "user", "client"))
    assert rows == [("failed", mei.pk, "127.0.0.1"), ("failed", None, "127.0.0.1"), ("succeeded", mei.pk, "127.0.0.1")]
    kept = " ".join(str(value) for row in SignInAttempt.objects.values_list() for value in row)
    assert "hunter2" not in kept and "secret" not in kept and "mei" not in kept


def test_old_records_are_forgotten_and_young_ones_kept(mei: User) -> None:
    with time_machine.travel(clock.now() - KEEP_SIGN_INS - timedelta(minutes=1)):
        attempts(1, "mei", HOME)
    attempts(1, "mei", HOME)
    forget_sign_ins(0)
    assert SignInAttempt.objects.count() == 1


def test_signing_out_needs_a_form_and_ends_the_session(as_: Callable[..., Client], mei: User) -> None:
    client = as_(mei)
    key = client.session.session_key
    assert client.get("/sign-out/").status_code == 200
    assert client.get("/account/").status_code == 200
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/account/").status_code == 302
    assert not client.session.exists(key)


def test_forms_from_other_sites_are_refused(mei: User) -> None:
    client = Client(enforce_csrf_checks=True)
    for address in ("/sign-in/", "/sign-in/demo/", "/sign-out/"):
        assert client.post(address, {"username": "mei", "password": PASSWORD}).status_code == 403
    token = client.get("/sign-in/") and client.cookies["csrftoken"].value
    assert enter(client, csrfmiddlewaretoken=token).status_code == 302


def test_the_browser_speaks_the_language_of_the_person(client: Client, mei: User) -> None:
    assert "登入" in client.get("/sign-in/").content.decode()
    mei.language = "en"
    mei.save()
    assert enter(client).cookies["django_language"].value == "en"


def test_demo_accounts_are_one_click_away_in_a_demo_and_nowhere_else(
    client: Client, holder: Any, settings: Any
) -> None:
    officer = holder("case_officer", username="officer", name="王承辦", is_demo=True, language="en")
    holder("auditor", username="auditor", name="真稽核")
    closed = holder("crew", username="crew", name="停用的人", is_demo=True, is_active=False)

    settings.DEMO = False
    assert "王承辦" not in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/demo/", {"username": "officer"}).status_code == 404

    settings.DEMO = True
    page = client.get("/sign-in/", {"next": "/desk/"}).content.decode()
    assert "王承辦" in page and "承辦人員" in page and "真稽核" not in page and "停用的人" not in page
    for username in ("auditor", closed.username, "", "nobody"):
        assert client.post("/sign-in/demo/", {"username": username}).status_code == 404
    assert client.get("/sign-in/demo/").status_code == 405
    answer = client.post("/sign-in/demo/", {"username": "officer", "next": "/desk/"})
    assert answer.headers["Location"] == "/desk/"
    assert client.session["_auth_user_id"] == str(officer.pk)
    assert "django_language" not in answer.cookies
    # Who plays one role already finds the others on the same page.
    assert "王承辦" in client.get("/sign-in/").content.decode()
