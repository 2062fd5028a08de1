"""Citizens open accounts, show that an address is theirs, and sign in by it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from foundation import clock
from foundation.retention import holdings
from identity.factories import person
from identity.models import AccountEvent, AddressProof, User
from identity.tests.letters import SENT

pytestmark = pytest.mark.django_db
PASSWORD = "a harbour at dawn"
FORM = {"name": " 林  美 ", "email": "Mei@example.tw", "new_password": PASSWORD, "repeated": PASSWORD}


def link() -> str:
    return SENT[-1].context["path"]


def enter(client: Client, username: str, password: str = PASSWORD) -> bool:
    return client.post("/sign-in/", {"username": username, "password": password}).status_code == 302


def test_an_account_is_opened_by_the_link_once_and_not_before(client: Client) -> None:
    assert client.post("/register/", FORM).status_code == 200
    (letter,) = SENT
    assert (letter.notice, letter.to, letter.language) == ("identity.register", "mei@example.tw", "zh-hant")
    assert not User.objects.exists() and not enter(client, "mei@example.tw")
    raw = str(AddressProof.objects.extra(select={"e": "email", "n": "name"}).values("e", "n", "token", "password"))
    assert all(secret not in raw for secret in ("mei@", "林", PASSWORD, link().split("/")[2]))

    assert "林 美" in client.get(link()).content.decode()
    client.head(link())
    assert not User.objects.exists()  # reading the page is what a mail filter does
    assert client.post(link()).headers["Location"] == "/sign-in/"
    mei = User.objects.get()
    assert (mei.name, mei.email, mei.email_verified) == ("林 美", "mei@example.tw", True)
    assert list(AccountEvent.objects.values_list("user", "verb")) == [(mei.pk, "created")]
    assert client.get(link()).status_code == 410 and client.post(link()).status_code == 410
    assert User.objects.count() == 1
    assert enter(client, " MEI@Example.tw ") and enter(Client(), mei.username)


def test_a_link_ends_after_a_day(client: Client) -> None:
    client.post("/register/", FORM)
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)):
        assert client.post(link()).status_code == 410
    assert client.post("/confirm-address/invented/").status_code == 410 and not User.objects.exists()


def test_whether_an_address_is_known_is_told_to_its_owner_alone(client: Client) -> None:
    unknown = client.post("/register/", FORM)
    person("mei", email="MEI@example.tw", email_verified_at=clock.now(), password="another one of hers")
    known = Client().post("/register/", FORM)
    assert known.content == unknown.content and known.status_code == unknown.status_code
    assert [letter.notice for letter in SENT] == ["identity.register", "identity.known"]
    # The link that was under way opens no second account with her address.
    SENT.pop()
    assert client.post(link()).status_code == 409 and User.objects.count() == 1
    assert enter(client, "mei@example.tw", "another one of hers") and not enter(Client(), "mei@example.tw", PASSWORD)


def test_nobodys_mailbox_is_filled(client: Client) -> None:
    answers = {client.post("/register/", FORM).status_code for _ in range(8)}
    assert answers == {200} and len(SENT) == 3
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        for _ in range(8):
            client.post("/register/", FORM)
    assert len(SENT) == 6
    with time_machine.travel(clock.now() + timedelta(hours=20)):
        client.post("/register/", FORM)
    assert len(SENT) == 6


@pytest.mark.parametrize(
    ("field", "typed", "complaint"),
    [
        ("name", " ", "請輸入姓名。"),
        ("email", "mei@", "電子郵件的格式不正確"),
        ("new_password", "password123", "這個密碼太常見"),
        ("new_password", "mei@example.tw", "密碼與您的電子郵件太像"),
        ("repeated", "something else", "兩次輸入的新密碼不一樣。"),
    ],
)
def test_a_wrong_form_says_what_and_keeps_the_rest(client: Client, field: str, typed: str, complaint: str) -> None:
    answer = client.post("/register/", {**FORM, field: typed, **({"repeated": typed} if "new" in field else {})})
    page = answer.content.decode()
    assert answer.status_code == 422 and complaint in page and PASSWORD not in page
    assert ("林" in page) is (field != "name") and not SENT and not AddressProof.objects.exists()


def test_a_changed_address_is_confirmed_anew_and_only_the_present_one(client: Client) -> None:
    mei = person("mei", name="林美", email="old@example.tw", email_verified_at=clock.now(), password=PASSWORD)
    enter(client, "mei")
    wrong = client.post("/account/email/", {"email": "not an address"})
    assert wrong.status_code == 422 and "not an address" in wrong.content.decode()
    assert "電子郵件的格式不正確" in wrong.content.decode()
    client.post("/account/email/", {"email": "new@example.tw"})
    first = link()
    assert [(letter.notice, letter.to) for letter in SENT] == [
        ("identity.address", "old@example.tw"), ("identity.confirm", "new@example.tw"),
    ]  # fmt: skip
    assert not enter(Client(), "new@example.tw")
    client.post("/account/email/", {"email": "newer@example.tw"})
    assert client.post(first).status_code == 410
    mei.refresh_from_db()
    assert (mei.email, mei.email_verified) == ("newer@example.tw", False)
    assert client.post(link()).headers["Location"] == "/account/"
    mei.refresh_from_db()
    assert mei.email_verified and enter(Client(), "newer@example.tw") and not enter(Client(), "old@example.tw")
    # Nothing to ask for a second time.
    sent = len(SENT)
    client.post("/account/confirmation/")
    assert len(SENT) == sent


def test_an_address_is_changed_by_who_just_proved_who_they_are(client: Client) -> None:
    mei = person("mei", email="old@example.tw", email_verified_at=clock.now(), password=PASSWORD)
    enter(client, "mei")
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        for answer in (client.get("/account/email/"), client.post("/account/email/", {"email": "thief@example.tw"})):
            assert answer.headers["Location"] == "/sign-in/again/?level=1&next=%2Faccount%2Femail%2F"
    mei.refresh_from_db()
    assert mei.email == "old@example.tw" and mei.email_verified and not SENT


def test_a_name_of_sign_in_is_not_taken_by_verifying_an_address_that_reads_the_same(client: Client) -> None:
    person("boss@example.tw", name="長官", password=PASSWORD)
    person("thief", email="boss@example.tw", email_verified_at=clock.now(), password="the one of the thief")
    assert not enter(client, "boss@example.tw", "the one of the thief") and enter(client, "boss@example.tw")
    with pytest.raises(IntegrityError), transaction.atomic():
        person("third", email="Boss@Example.tw", email_verified_at=clock.now())


def test_what_nobody_confirmed_goes_when_its_term_is_over(client: Client) -> None:

    client.post("/register/", FORM)
    holding = next(each for each in holdings() if each.code == "identity.registrations")
    assert not holding.due(clock.now() + timedelta(hours=23)).exists()
    due: Any = holding.due(clock.now() + timedelta(hours=25))
    holding.forget(list(due.values_list("pk", flat=True)))
    assert not AddressProof.objects.exists()
