"""The person's rights: a copy of what is kept of them, and the end of their account."""

import json
from collections.abc import Callable

import pyotp
import pytest
from django.test import Client

from foundation import clock
from identity.actions import add_totp, disclose, new_recovery_codes, new_totp_secret
from identity.factories import person
from identity.models import AccountEvent, KnownDevice, RecoveryCode, Session, SignInAttempt, User
from identity.registry import parts

pytestmark = pytest.mark.django_db
PASSWORD = "a harbour at dawn"


@pytest.fixture
def mei(db: None) -> User:
    return person("mei", name="林美", password=PASSWORD, email="mei@example.tw", email_verified_at=clock.now())


def signed_in() -> Client:
    client = Client()
    client.post("/sign-in/", {"username": "mei", "password": PASSWORD})
    return client


def test_the_copy_holds_every_part_of_mine_and_nothing_of_others(mei: User, holder: Callable[..., User]) -> None:
    keeper, other = holder("system_administrator", name="陳管理"), person("other", name="別人")
    disclose(keeper, "user", mei.pk, ["email"], "帳號管理")
    disclose(keeper, "user", other.pk, ["email"], "別人的事")
    client = signed_in()
    page = client.get("/account/data/").content.decode()
    assert all(str(part.label) in page for part in parts())
    answer = client.post("/account/data/")
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    data = json.loads(answer.content)
    assert set(data) == {"at", *(part.code for part in parts())} >= {"cases", "consents", "authentications"}
    assert (data["account"]["name"], data["account"]["email"]) == ("林美", "mei@example.tw")
    assert [entry["purpose"] for entry in data["disclosures"]] == ["帳號管理"]
    assert [entry["outcome"] for entry in data["sign_ins"]] == ["succeeded"] and len(data["sessions"]) == 1
    assert "別人" not in answer.content.decode() and "argon2" not in answer.content.decode()
    assert AccountEvent.objects.filter(user=mei, verb="exported").count() == 1


def test_a_deleted_account_holds_nobody(mei: User) -> None:
    client, elsewhere = signed_in(), signed_in()
    new_recovery_codes(mei)
    assert client.post("/account/data/deletion/").headers["Location"] == "/sign-in/"
    mei.refresh_from_db()
    assert mei.username.startswith("gone-") and not mei.is_active and not mei.has_usable_password()
    assert (mei.email, mei.email_verified_at) == ("", None) and "美" not in mei.name
    for model in (SignInAttempt, KnownDevice, RecoveryCode, Session):
        assert not model.objects.filter(user=mei).exists(), model  # type: ignore[attr-defined]
    assert elsewhere.get("/account/").status_code == 302 and signed_in().get("/account/").status_code == 302
    assert AccountEvent.objects.filter(user=mei, verb="erased").exists()
    person("mei")  # the name is free again


def test_a_copy_and_an_end_are_for_who_just_proved_it(mei: User, as_: Callable[..., Client]) -> None:
    client = as_(mei)  # a session that knows no proof
    for address in ("/account/data/", "/account/data/deletion/"):
        assert client.post(address).headers["Location"].startswith("/sign-in/again/?level=1&next=%2Faccount%2Fdata")
    secret = new_totp_secret()
    add_totp(mei, secret, pyotp.TOTP(secret).now())
    assert signed_in().post("/account/data/deletion/").headers["Location"].startswith("/sign-in/again/?level=2")
    mei.refresh_from_db()
    assert mei.is_active and not AccountEvent.objects.filter(verb__in=["exported", "erased"]).exists()


def test_staff_do_not_delete_themselves(as_: Callable[..., Client]) -> None:
    client = as_("case_officer")
    assert "您有職務" in client.get("/account/data/").content.decode()
    refused = client.post("/account/data/deletion/")
    assert refused.status_code == 409 and "離職後請洽系統管理員" in refused.content.decode()
    assert User.objects.get().is_active
