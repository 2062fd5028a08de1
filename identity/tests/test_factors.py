"""Authenticator app, recovery codes, the second proof at signing in, and the level that staff's doors ask for."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.test import Client

from foundation import clock
from identity.actions import add_totp, new_recovery_codes, new_totp_secret, use_recovery_code, use_totp
from identity.checks import staff_prove_twice
from identity.factories import person
from identity.models import AccountEvent, RecoveryCode, SignInAttempt, Totp, User

pytestmark = pytest.mark.django_db
PASSWORD = "a harbour at dawn"


@pytest.fixture
def mei(db: None) -> User:
    return person("mei", name="林美", password=PASSWORD, email="mei@example.tw")


@pytest.fixture
def app(mei: User) -> pyotp.TOTP:
    """Mei's authenticator app, taken into use an hour ago."""
    secret = new_totp_secret()
    with time_machine.travel(clock.now() - timedelta(hours=1)):
        assert add_totp(mei, secret, pyotp.TOTP(secret).now())
    return pyotp.TOTP(secret)


def at_door(client: Client, **data: str) -> Any:
    return client.post("/sign-in/", {"username": "mei", "password": PASSWORD, **data})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_an_app_is_set_up_by_a_code_and_kept_sealed(client: Client, mei: User) -> None:
    at_door(client)
    page = client.get("/account/totp/").content.decode()
    secret = "".join(re.search(r"<code class=\"break\">([A-Z2-7 ]+)</code>", page)[1].split())  # type: ignore[index]
    assert "<svg" in page and secret in page.replace(" ", "")
    wrong = client.post("/account/totp/", {"code": "000000"})
    assert wrong.status_code == 422 and "驗證碼不正確" in wrong.content.decode() and not Totp.objects.exists()
    right = client.post("/account/totp/", {"code": pyotp.TOTP(secret).now()})
    assert right.headers["Location"] == "/account/recovery-codes/"
    assert client.session["identity.level"] == 2
    raw = Totp.objects.extra(select={"raw": "secret"}).values_list("raw", flat=True).get()
    assert secret not in raw and Totp.objects.get().secret == secret
    assert AccountEvent.objects.filter(user=mei, verb="factor_added", detail="totp").exists()


def test_a_code_is_good_once_and_an_older_one_not_after_it(mei: User, app: pyotp.TOTP) -> None:
    now = clock.now()
    with time_machine.travel(now, tick=False):
        assert use_totp(mei, app.now())
        assert not use_totp(mei, app.now())
        assert not use_totp(mei, app.at(now - timedelta(seconds=30)))
        assert use_totp(mei, app.at(now + timedelta(seconds=30)))
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        assert use_totp(mei, app.now())


def test_recovery_codes_are_shown_once_each_good_once_and_end_with_new_ones(mei: User) -> None:
    old = new_recovery_codes(mei)
    assert len(set(old)) == 10 and RecoveryCode.objects.left(mei) == 10
    kept = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code in kept or code.replace("-", "") in kept for code in old)
    assert use_recovery_code(mei, old[0].upper()) and not use_recovery_code(mei, old[0])
    assert not use_recovery_code(person("other"), old[1])
    new = new_recovery_codes(mei)
    assert not use_recovery_code(mei, old[1]) and use_recovery_code(mei, new[1]) and RecoveryCode.objects.left(mei) == 9


def test_who_wants_a_second_proof_is_nobody_until_it_is_given(client: Client, mei: User, app: pyotp.TOTP) -> None:
    at_door(client)
    assert is_in(client)  # unless it is wanted always, the password is enough to come in
    client.post("/sign-out/")
    User.objects.filter(pk=mei.pk).update(always_second=True)

    assert at_door(client, next="/account/sessions/").headers["Location"] == "/sign-in/second/"
    assert not is_in(client) and "_auth_user_id" not in client.session
    assert "林美" in client.get("/sign-in/second/").content.decode()
    assert client.post("/sign-in/again/totp/", {"code": "000000"}).status_code == 422 and not is_in(client)
    right = client.post("/sign-in/again/totp/", {"code": app.now()})
    assert right.headers["Location"] == "/account/sessions/" and is_in(client)
    assert client.session["identity.level"] == 2
    assert [method for method, _at in client.session["identity.methods"]] == ["password", "totp"]


def test_half_an_entry_ends_with_its_time_and_with_the_password(client: Client, mei: User, app: pyotp.TOTP) -> None:
    User.objects.filter(pk=mei.pk).update(always_second=True)
    at_door(client)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
        assert client.post("/sign-in/again/totp/", {"code": app.now()}).headers["Location"] == "/sign-in/"
    at_door(client)
    mei.set_password("three cranes and a tide")
    mei.save(update_fields=["password"])
    assert client.post("/sign-in/again/totp/", {"code": app.now()}).headers["Location"] == "/sign-in/"
    assert not is_in(client)


def test_guessing_codes_locks_the_codes_and_not_the_password(client: Client, mei: User, app: pyotp.TOTP) -> None:
    at_door(client)
    for _ in range(5):
        assert client.post("/sign-in/again/totp/", {"code": "000000"}).status_code == 422
    locked = client.post("/sign-in/again/totp/", {"code": app.now()})
    assert locked.status_code == 422 and "請在 15 分鐘後再試" in locked.content.decode()
    assert SignInAttempt.objects.filter(user=mei, method="totp", outcome="locked").count() == 1
    assert at_door(Client()).status_code == 302


def test_a_recovery_code_raises_the_level_and_few_left_is_said(client: Client, mei: User) -> None:
    codes = new_recovery_codes(mei)
    for code in codes[:7]:
        use_recovery_code(mei, code)
    at_door(client)
    before = client.session.session_key
    answer = client.post("/sign-in/again/recovery/?next=/account/sessions/", {"code": codes[7]})
    assert answer.headers["Location"] == "/account/sessions/" and client.session["identity.level"] == 2
    assert client.session.session_key != before
    assert "備用碼還剩 2 個" in client.get("/account/").content.decode()
    assert client.post("/sign-in/again/recovery/", {"code": codes[7]}).status_code == 422


def test_a_factor_is_changed_only_by_who_just_proved_it(client: Client, mei: User, app: pyotp.TOTP) -> None:
    """A stolen password must not take the second factor away."""
    at_door(client)
    for address in ("/account/totp/", "/account/recovery-codes/", "/account/passkeys/new/"):
        assert client.get(address).headers["Location"].startswith("/sign-in/again/?level=2&next=%2Faccount")
    for address in ("/account/totp/removal/", "/account/recovery-codes/", "/account/security/always/"):
        assert client.post(address).headers["Location"].startswith("/sign-in/again/?level=2")
    assert Totp.objects.exists() and not RecoveryCode.objects.exists()

    client.post("/sign-in/again/totp/", {"code": app.now()})
    client.post("/account/security/always/", {"always": "1"})
    assert User.objects.get(pk=mei.pk).always_second
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert client.post("/account/totp/removal/").headers["Location"].startswith("/sign-in/again/?level=2")
    client.post("/account/totp/removal/")
    # With the last factor the wish ends, or nobody could come in any more.
    assert not Totp.objects.exists() and not User.objects.get(pk=mei.pk).always_second


def test_doors_of_staff_ask_for_the_level_of_the_settings(holder: Callable[..., User], settings: Any) -> None:
    officer, client = holder("system_administrator", username="keeper", password=PASSWORD), Client()
    client.post("/sign-in/", {"username": "keeper", "password": PASSWORD})
    assert client.get("/people/").status_code == 200
    settings.STAFF_LEVEL = 2
    assert client.get("/people/?q=x").headers["Location"] == "/sign-in/again/?level=2&next=%2Fpeople%2F%3Fq%3Dx"
    assert is_in(client)  # one's own account stays open: there the second factor is set up
    assert "去設定" in client.get("/sign-in/again/?level=2").content.decode()
    client.post("/sign-in/again/recovery/", {"code": new_recovery_codes(officer)[0]})
    assert client.get("/people/").status_code == 200


def test_in_public_a_password_alone_for_staff_is_said_at_the_start(settings: Any) -> None:
    settings.DEMO = settings.DEBUG = False
    settings.STAFF_LEVEL = 1
    assert [warning.id for warning in staff_prove_twice(None)] == ["identity.W001"]
    settings.STAFF_LEVEL = 2
    assert staff_prove_twice(None) == []
    settings.DEMO, settings.STAFF_LEVEL = True, 1
    assert staff_prove_twice(None) == []


def test_a_password_is_changed_in_the_session_that_a_sign_in_began(client: Client, mei: User) -> None:
    """The session's name is unique, and its row must not stand beside its successor."""
    at_door(client)
    new = "three cranes and a tide"
    data = {"password": PASSWORD, "new_password": new, "repeated": new}
    assert client.post("/account/password/", data).headers["Location"] == "/account/"
    assert is_in(client)
