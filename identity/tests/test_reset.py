"""A forgotten password is set anew by a letter or a text message, and nothing more comes of it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation import clock
from foundation.encryption import encrypt
from foundation.jobs import perform_waiting
from identity.actions import new_recovery_codes, new_totp_secret
from identity.actions.reset import send_reset
from identity.factories import person
from identity.models import AddressProof, Totp, User
from identity.tests.letters import SENT

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "a harbour at dawn", "three cranes and a tide"
SET = {"new_password": NEW, "repeated": NEW}


@pytest.fixture
def mei(db: None) -> User:
    return person(
        "mei", name="林美", password=PASSWORD, email="Mei@example.tw", email_verified_at=clock.now(),
        phone="+886912345678", phone_verified_at=clock.now(),
    )  # fmt: skip


def ask(address: str = "mei@example.tw", client: Client | None = None) -> Any:
    answer = (client or Client()).post("/password/forgotten/", {"address": address})
    perform_waiting()
    return answer


def link() -> str:
    return next(letter for letter in reversed(SENT) if letter.notice == "identity.reset").context["path"]


def enters(password: str, name: str = "mei") -> bool:
    return Client().post("/sign-in/", {"username": name, "password": password}).headers.get("Location") == "/account/"


def test_a_letter_sets_a_password_once_ends_every_session_and_signs_nobody_in(mei: User) -> None:
    at_home, client = Client(), Client()
    at_home.post("/sign-in/", {"username": "mei", "password": PASSWORD})
    assert "信裡有設定新密碼的連結" in ask().content.decode()
    assert client.get(link()).status_code == 200
    weak = client.post(link(), {"new_password": "password12", "repeated": "password12"})
    assert weak.status_code == 422 and AddressProof.objects.resets().count() == 1
    assert client.post(link(), SET).headers["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session and at_home.get("/account/").status_code == 302
    assert client.get(link()).status_code == 410 and client.post(link(), SET).status_code == 410
    assert enters(NEW) and not enters(PASSWORD)
    told = [(letter.notice, letter.to) for letter in SENT if letter.notice != "identity.device"]
    assert told == [
        ("identity.reset", "Mei@example.tw"),
        ("identity.password", "Mei@example.tw"),
        ("identity.password", "+886912345678"),
    ]
    assert list(mei.events.order_by("pk").values_list("verb", flat=True)) == ["reset_asked", "password_changed"]


def test_whether_an_address_is_known_is_not_told_and_costs_no_other_work(mei: User) -> None:
    person("typed", email="typed@example.tw")
    seen = {}
    for address in ("mei@example.tw", "nobody@example.tw", "typed@example.tw"):
        with CaptureQueriesContext(connection) as captured:
            answer = Client().post("/password/forgotten/", {"address": address})
        seen[address] = (answer.status_code, answer.content.decode().replace(address, ""), len(captured))
    assert len(set(seen.values())) == 1
    perform_waiting()
    assert [letter.to for letter in SENT] == ["Mei@example.tw"]
    stored = str(list(AddressProof.objects.values_list("token", "email_digest")))
    assert link().split("/")[3] not in stored and "mei" not in stored.lower()


def test_a_link_ends_with_time_with_the_password_with_the_address_and_with_the_account(mei: User) -> None:
    ask()
    first = link()
    with time_machine.travel(clock.now() + timedelta(minutes=30, seconds=1)):
        assert Client().get(first).status_code == 410
    for change in ({"email": "new@example.tw"}, {"is_active": False}, {"email_verified_at": None}):
        before = {field: getattr(mei, field) for field in change}
        User.objects.filter(pk=mei.pk).update(**change)
        assert Client().post(first, SET).status_code == 410, change
        User.objects.filter(pk=mei.pk).update(**before)
    ask()
    assert Client().post(link(), SET).status_code == 302
    assert Client().post(first, {"new_password": PASSWORD, "repeated": PASSWORD}).status_code == 410
    assert Client().get(first.replace("/password/reset/", "/confirm-address/")).status_code == 410


def test_nobodys_mailbox_is_filled(mei: User) -> None:
    for _ in range(6):
        assert ask().status_code == 200
    assert len(SENT) == 3


def test_a_second_factor_is_asked_for_from_then_on_and_none_is_taken_away(mei: User) -> None:
    Totp.objects.create(user=mei, secret=new_totp_secret(), last_step=0)
    ask()
    Client().post(link(), SET)
    mei.refresh_from_db()
    assert mei.always_second and Totp.objects.filter(user=mei).exists()
    client = Client()
    answer = client.post("/sign-in/", {"username": "mei", "password": NEW})
    assert answer.headers["Location"] == "/sign-in/second/" and client.get("/account/").status_code == 302
    client.post("/sign-in/again/recovery/", {"code": new_recovery_codes(mei)[0]})
    assert client.get("/account/").status_code == 200


def test_a_code_on_the_telephone_does_the_same_in_the_browser_that_asked(mei: User, settings: Any) -> None:
    settings.SMS_URL = "https://gateway.example/"
    client = Client()
    assert ask("0912-345-678", client).headers["Location"] == "/password/forgotten/code/"
    (text,) = SENT
    assert (text.notice, text.to, text.channel) == ("identity.code", "+886912345678", "sms")
    said = {"code": text.context["code"], **SET}
    assert Client().post("/password/forgotten/code/", said).status_code == 422  # a stranger who read it
    wrong = client.post("/password/forgotten/code/", said | {"code": "000000" if said["code"] != "000000" else "1"})
    assert wrong.status_code == 422 and "驗證碼不正確" in wrong.content.decode() and not enters(NEW)
    assert client.post("/password/forgotten/code/", said).headers["Location"] == "/sign-in/"
    assert enters(NEW, "0912345678")
    unknown, known = ask("0987654321"), ask("0912345678")
    assert (unknown.status_code, unknown.headers["Location"]) == (known.status_code, known.headers["Location"])


def test_without_a_gateway_numbers_are_refused_and_the_form_keeps_what_was_typed(mei: User, settings: Any) -> None:
    settings.SMS_URL, settings.DEMO = "", False
    answer = ask("0912345678")
    assert (
        answer.status_code == 422 and "沒有簡訊" in answer.content.decode() and "0912345678" in answer.content.decode()
    )
    assert (
        "請輸入電子郵件（例如" in ask("mei").content.decode()
        and "請輸入電子郵件或手機號碼。" in ask("").content.decode()
    )
    assert Client().get("/password/forgotten/code/").status_code == 404 and not SENT


def test_the_job_may_run_twice(mei: User) -> None:
    sealed, key = encrypt("+886912345678"), "7b0fb4b5-0000-4000-8000-000000000001"
    for _ in range(2):
        send_reset(sealed, key, "192.0.2.1")
    assert len(SENT) == 1
