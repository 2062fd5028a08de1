"""Accounts by mobile number: opened, entered and changed by a code, of which there are few."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from foundation import clock
from foundation.retention import holdings
from identity.actions.phones import code_was, send_code
from identity.factories import person
from identity.models import PhoneProof, Totp, User
from identity.rules import CODE_TRIES, code_spelling
from identity.tests.letters import SENT

PASSWORD = "a harbour at dawn"
NUMBER = "+886912345678"
FORM = {"name": "林 美", "phone": "0912-345-678", "new_password": PASSWORD, "repeated": PASSWORD}


@pytest.fixture(autouse=True)
def _gateway(db: None, settings: Any) -> None:
    settings.SMS_URL = "https://gateway.example/"


def codes() -> list[str]:
    return [text.context["code"] for text in SENT if text.notice == "identity.code"]


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def proof(purpose: str = "change", phone: str = NUMBER, client: str = "192.0.2.1", **fields: Any) -> str:
    key = str(uuid4())
    send_code(PhoneProof.Purpose(purpose), phone, "zh-hant", client, proof=key, **fields)
    return key


def test_an_account_is_opened_by_the_code_and_entered_by_the_number_in_any_spelling(client: Client) -> None:
    assert client.post("/register/phone/", FORM).headers["Location"] == "/register/phone/code/"
    (text,) = SENT
    assert (text.notice, text.to, text.channel) == ("identity.code", NUMBER, "sms")
    assert not User.objects.exists()
    raw = str(PhoneProof.objects.extra(select={"p": "phone", "n": "name"}).values("p", "n", "code", "password"))
    assert all(secret not in raw for secret in ("912345678", "林", PASSWORD, text.context["code"]))

    stranger = Client()
    assert stranger.post("/register/phone/code/", {"code": codes()[0]}).status_code == 422
    assert client.post("/register/phone/code/", {"code": another(codes()[0])}).status_code == 422
    spaced = f"{codes()[0][:3]} {codes()[0][3:]}"
    assert client.post("/register/phone/code/", {"code": spaced}).headers["Location"] == "/sign-in/"
    mei = User.objects.get()
    assert (mei.name, mei.phone, mei.email) == ("林 美", NUMBER, "") and mei.phone_verified_at
    for spelling in ("0912345678", "+886 912 345 678", "0912-345-678", "００８８６９１２３４５６７８"):
        answer = Client().post("/sign-in/", {"username": spelling, "password": PASSWORD})
        assert answer.status_code == 302, spelling
    assert (
        "帳號或密碼不正確"
        in Client().post("/sign-in/", {"username": "0912345679", "password": PASSWORD}).content.decode()
    )


def test_whether_a_number_is_known_is_told_to_its_owner_alone(client: Client) -> None:
    unknown = client.post("/register/phone/", FORM)
    mei = person("mei", phone=NUMBER, phone_verified_at=clock.now())
    other = Client()
    known = other.post("/register/phone/", FORM)
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [text.notice for text in SENT] == ["identity.code", "identity.known"]
    for guess in ("000000", codes()[0]):
        assert other.post("/register/phone/code/", {"code": guess}).status_code == 422
    # The code that was under way opens no second account with that number.
    answer = client.post("/register/phone/code/", {"code": codes()[0]})
    assert answer.status_code == 422 and "另一個帳號" in answer.content.decode()
    assert list(User.objects.all()) == [mei]


def test_five_tries_and_ten_minutes_and_then_no_code_is_right() -> None:
    mei = person("mei")
    key = proof(user=mei)
    for _ in range(CODE_TRIES - 1):
        assert code_was(PhoneProof.Purpose.CHANGE, key, another(codes()[0])) is None
    assert code_was(PhoneProof.Purpose.RESET, key, codes()[0]) is None  # for what it was sent for, and nothing else
    found = code_was(PhoneProof.Purpose.CHANGE, key, codes()[0])
    assert found and found.user == mei
    assert code_was(PhoneProof.Purpose.CHANGE, key, codes()[0]) is None
    spent = proof(user=mei)
    for _ in range(CODE_TRIES):
        code_was(PhoneProof.Purpose.CHANGE, spent, another(codes()[1]))
    assert code_was(PhoneProof.Purpose.CHANGE, spent, codes()[1]) is None
    late = proof(user=mei)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
        assert code_was(PhoneProof.Purpose.CHANGE, late, codes()[2]) is None
    with pytest.raises(IntegrityError, match="phone_proof_tries_bounded"), transaction.atomic():
        PhoneProof.objects.update(tries=CODE_TRIES + 1)


def test_a_number_a_network_and_the_city_have_an_end(settings: Any) -> None:
    mei = person("mei")
    for n in range(5):
        proof(user=mei, client=f"192.0.2.{n}")
    assert len(SENT) == 3
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        for n in range(5):
            proof(user=mei, client=f"192.0.2.{n}")
    assert len(SENT) == 6
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        proof(user=mei)
        assert len(SENT) == 6
        for n in range(12):
            proof(user=mei, phone=f"+8869000000{n:02}", client="198.51.100.1")
        assert len(SENT) == 16
        settings.SMS_CODES_A_DAY = 17
        for n in range(3):
            proof(user=mei, phone=f"+8869100000{n:02}", client=f"203.0.113.{n}")
        assert len(SENT) == 17


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_no_more_get_a_code() -> None:
    mei, start = person("mei"), threading.Barrier(8)

    def one(n: int) -> None:
        start.wait(30)
        try:
            with transaction.atomic():
                proof(user=mei, client=f"192.0.2.{n}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert PhoneProof.objects.count() == len(SENT) == 3


@pytest.mark.django_db(transaction=True)
def test_of_guesses_at_once_each_counts_and_the_right_code_is_good_once() -> None:
    mei, start = person("mei"), threading.Barrier(8)
    with transaction.atomic():
        key = proof(user=mei)
    right: list[Any] = []

    def guess() -> None:
        start.wait(30)
        try:
            right.append(code_was(PhoneProof.Purpose.CHANGE, key, codes()[0]))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (
        len(right) == 8
        and len([found for found in right if found]) == 1
        and PhoneProof.objects.get().tries <= CODE_TRIES
    )


def test_a_number_is_changed_by_a_code_with_word_to_the_old_one(as_: Callable[..., Client]) -> None:
    mei = person("mei", password=PASSWORD, phone=NUMBER, phone_verified_at=clock.now())
    thief = person("thief", phone="+886933333333", phone_verified_at=clock.now())
    stale = as_(mei)
    assert stale.get("/account/phone/").headers["Location"].startswith("/sign-in/again/")
    client = Client()
    client.post("/sign-in/", {"username": "mei", "password": PASSWORD})
    page = client.post("/account/phone/", {"phone": "07-3368333"})
    assert (
        page.status_code == 422
        and "請輸入臺灣的手機號碼" in page.content.decode()
        and "07-3368333" in page.content.decode()
    )
    assert client.post("/account/phone/", {"phone": "0922 222 222"}).headers["Location"] == "/account/phone/code/"
    assert client.post("/account/phone/code/", {"code": codes()[-1]}).headers["Location"] == "/account/"
    mei.refresh_from_db()
    assert mei.phone == "+886922222222"
    assert [(text.notice, text.to) for text in SENT[1:]] == [
        ("identity.address", "+886922222222"), ("identity.address", NUMBER),
    ]  # fmt: skip
    # A number that is another's stays another's.
    client.post("/account/phone/", {"phone": thief.phone})
    answer = client.post("/account/phone/code/", {"code": codes()[-1]})
    assert answer.status_code == 422 and "另一個帳號" in answer.content.decode()
    with pytest.raises(IntegrityError, match="user_phone_once"), transaction.atomic():
        User.objects.filter(pk=mei.pk).update(phone=thief.phone)
    with pytest.raises(IntegrityError, match="user_phone_is_verified"), transaction.atomic():
        User.objects.filter(pk=mei.pk).update(phone_verified_at=None)
    # The only way to reach the person is not thrown away.
    assert "請先確認電子郵件" in client.post("/account/phone/removal/", follow=True).content.decode()
    User.objects.filter(pk=mei.pk).update(email="mei@example.tw", email_verified_at=clock.now())
    assert "已經移除手機號碼" in client.post("/account/phone/removal/", follow=True).content.decode()
    mei.refresh_from_db()
    assert (mei.phone, mei.phone_verified_at) == ("", None)


def test_without_a_gateway_nothing_of_it_is_offered(client: Client, settings: Any) -> None:
    settings.SMS_URL, settings.DEMO = "", False
    assert "/register/phone/" not in client.get("/register/").content.decode()
    assert client.get("/register/phone/").status_code == 404 and client.get("/register/phone/code/").status_code == 404
    settings.DEMO = True
    assert "/register/phone/" in client.get("/register/").content.decode()


def test_codes_go_when_their_term_is_over() -> None:
    proof(user=person("mei"))
    holding = next(each for each in holdings() if each.code == "identity.phones")
    assert not holding.due(clock.now()).exists()
    due: Any = holding.due(clock.now() + timedelta(minutes=11))
    holding.forget(list(due.values_list("pk", flat=True)))
    assert not PhoneProof.objects.exists()


@given(st.integers(0, 999_999), st.sampled_from(["", " ", "-", "　"]))
def test_a_code_is_one_however_it_is_typed(number: int, between: str) -> None:
    code = f"{number:06}"
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert code_spelling(code[:3] + between + code[3:]) == code_spelling(f" {wide} ") == code


@pytest.fixture
def reached(client: Client) -> User:
    """Somebody with a confirmed number, signed in a moment ago, who wants a second proof always."""
    user = person("lin", password=PASSWORD)
    User.objects.filter(pk=user.pk).update(phone=NUMBER, phone_verified_at=clock.now())
    client.post("/sign-in/", {"username": "lin", "password": PASSWORD})
    assert "保護最弱的方式" in client.get("/account/security/").content.decode()
    client.post("/account/security/always/", {"always": "1"})
    client.post("/sign-out/")
    user.refresh_from_db()
    assert user.always_second
    return user


def test_a_code_by_text_message_is_the_weakest_second_proof(client: Client, reached: User) -> None:
    assert client.post("/sign-in/", {"username": "lin", "password": PASSWORD})["Location"] == "/sign-in/second/"
    assert "/sign-in/second/text/" in client.get("/sign-in/second/").content.decode()
    page = client.get("/sign-in/second/text/").content.decode()
    assert "912345678" not in page and 'name="code"' not in page and not codes()
    client.post("/sign-in/second/text/", {"send": "1"})
    assert "_auth_user_id" not in client.session
    wrong = client.post("/sign-in/second/text/", {"code": another(codes()[0])})
    assert wrong.status_code == 422 and "驗證碼不正確" in wrong.content.decode()
    other = Client()
    other.post("/sign-in/", {"username": "lin", "password": PASSWORD})
    assert other.post("/sign-in/second/text/", {"code": codes()[0]}).status_code == 422, "good in one browser alone"
    client.post("/sign-in/second/text/", {"code": codes()[0]})
    assert client.session["_auth_user_id"] == str(reached.pk)
    assert client.session["identity.level"] == 1, "it opens no more than the password did"


def test_a_code_by_text_message_is_not_asked_of_who_has_something_better(client: Client, reached: User) -> None:
    Totp.objects.create(user=reached, secret="A" * 32, last_step=0)
    client.post("/sign-in/", {"username": "lin", "password": PASSWORD})
    assert "/sign-in/second/text/" not in client.get("/sign-in/second/").content.decode()
    assert client.get("/sign-in/second/text/")["Location"] == "/sign-in/"
    assert client.post("/sign-in/second/text/", {"send": "1"})["Location"] == "/sign-in/" and not codes()


def test_without_the_password_or_a_number_no_code_is_sent(client: Client, reached: User) -> None:
    assert client.post("/sign-in/second/text/", {"send": "1"})["Location"] == "/sign-in/" and not codes()
    client.post("/sign-in/", {"username": "lin", "password": PASSWORD})
    for _time in range(3):
        client.post("/sign-in/second/text/", {"send": "1"})
    assert "寄過太多驗證碼" in client.post("/sign-in/second/text/", {"send": "1"}, follow=True).content.decode()
    assert len(codes()) == 3
    User.objects.filter(pk=reached.pk).update(phone="", phone_verified_at=None)
    Client().post("/sign-in/", {"username": "lin", "password": PASSWORD})
    assert client.post("/sign-in/", {"username": "lin", "password": PASSWORD})["Location"] != "/sign-in/second/"
