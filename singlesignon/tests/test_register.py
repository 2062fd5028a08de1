"""The register: an agency adds a system without a developer's help, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser

from foundation import clock
from identity.models import User
from messages.models import Message
from organisation.models import Agency
from singlesignon.actions import housekeeping, register
from singlesignon.actions.register import Conflict
from singlesignon.models import Authentication, ClientSecret, RelyingSystem, SigningKey, SystemEvent, Token
from singlesignon.states import LIFE
from singlesignon.tests.conftest import Relying

pytestmark = pytest.mark.django_db

FORM = {
    "name": "場地租借", "name_en": "Venue hire", "kind": "web", "homepage": "https://venue.example/",
    "purpose": "線上租借：需要姓名寄送通知。", "scopes": ["profile"], "level": "1", "contact": "王工程師",
    "contact_email": "wang@venue.example", "contract": "高市研資字第1號", "contract_until": "2030-12-31",
    "redirect_uris": "https://test.venue.example/cb\nhttp://localhost:3000/cb",
}  # fmt: skip


@pytest.fixture
def as_() -> Callable[[User], Browser]:
    def as_(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user)
        return browser

    return as_


def test_from_application_to_live(manager: User, reviewer: User, as_: Any) -> None:
    agency, office = as_(manager), as_(reviewer)
    answer = agency.post("/relying-systems/new/", FORM | {"agency": Agency.objects.first().pk})
    system = RelyingSystem.objects.get()
    assert answer["Location"] == f"/relying-systems/{system.pk}/"
    assert (system.state, system.scopes) == ("applied", ["openid", "profile"])
    at = f"/relying-systems/{system.pk}/verb"
    assert agency.post(f"{at}/accept/").status_code == 403, "nobody reviews their own"
    office.post(f"{at}/accept/")
    shown = agency.post(f"/relying-systems/{system.pk}/sandbox/secret/")
    _client, secret = shown.context["shown"]
    assert (
        secret in shown.content.decode() and secret not in agency.get(f"/relying-systems/{system.pk}/").content.decode()
    )
    empty = agency.post(f"{at}/ask/", {"text": ""})
    assert empty.status_code == 422 and "請填寫「測試結果」" in empty.content.decode()
    agency.post(f"{at}/ask/", {"text": "7 月 1 日測過登入與登出。"})
    office.post(f"{at}/release/")
    system.refresh_from_db()
    assert system.state == "live" and system.live_at
    wrong = agency.post(f"/relying-systems/{system.pk}/live/", {"redirect_uris": "http://localhost:3000/cb"})
    assert (
        wrong.status_code == 422
        and "要用 https" in wrong.content.decode()
        and "localhost:3000" in wrong.content.decode()
    )
    agency.post(f"/relying-systems/{system.pk}/live/", {"redirect_uris": "https://venue.example/cb"})
    assert system.clients.get(environment="live").redirect_uris == ["https://venue.example/cb"]
    verbs = list(SystemEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["apply", "accept", "secret", "ask", "release", "change"]


def test_a_wrong_form_names_what_is_wrong_and_keeps_what_was_typed(manager: User, as_: Any) -> None:
    answer = as_(manager).post("/relying-systems/new/", FORM | {"redirect_uris": "ftp://x", "name": "", "agency": "0"})
    page = answer.content.decode()
    assert answer.status_code == 422 and not RelyingSystem.objects.exists()
    assert "請填寫「系統名稱」" in page and "第 1 行 ftp://x" in page and "線上租借：需要姓名寄送通知。" in page
    past = as_(manager).post("/relying-systems/new/", FORM | {"contract_until": "2020-01-01"})
    assert "「契約期限」不能早於今天" in past.content.decode()


def test_an_agency_sees_its_own_systems_alone(relying: Any, staff: Any, as_: Any) -> None:
    venue = relying()
    stranger = as_(staff("system_manager", agency=Agency.objects.last().code))
    assert stranger.get(f"/relying-systems/{venue.system.pk}/").status_code == 404
    assert venue.system.name not in stranger.get("/relying-systems/").content.decode()
    assert stranger.post(f"/relying-systems/{venue.system.pk}/live/secret/").status_code == 404
    guard = as_(staff("security_officer"))
    assert venue.system.name in guard.get("/relying-systems/").content.decode()
    assert guard.post(f"/relying-systems/{venue.system.pk}/change/", FORM).status_code == 403
    assert guard.post(f"/relying-systems/{venue.system.pk}/verb/suspend/", {"text": "異常"}).status_code == 302


def test_a_secret_is_replaced_without_a_gap(relying: Any, manager: User) -> None:
    venue = relying()

    def works(secret: str) -> bool:
        answer = Relying(venue.system, venue.client, secret).post("token", grant_type="client_credentials")
        return answer.status_code == 200

    fresh = register.issue_secret(manager, venue.client)
    assert works(venue.secret) and works(fresh)
    with time_machine.travel(clock.now() + register.OVERLAP + timedelta(seconds=1), tick=False):
        assert not works(venue.secret) and works(fresh)
    assert register.end_old_secrets(manager, venue.client) == 1
    assert not works(venue.secret) and works(fresh)
    assert not ClientSecret.objects.filter(digest__contains=fresh).exists()
    app = relying(kind="native")
    with pytest.raises(Conflict):
        register.issue_secret(manager, app.client)


def test_every_move_keeps_to_the_life(relying: Any, manager: User, reviewer: User) -> None:
    venue = relying()
    for verb, transition in LIFE.transitions.items():
        if "live" not in transition.sources or verb == "change":
            with pytest.raises(Conflict):
                register.perform(reviewer, venue.system, verb)
    register.perform(manager, venue.system, "end", "停辦")
    with pytest.raises(Conflict):
        register.perform(reviewer, venue.system, "resume")


def test_the_record_and_the_log_only_grow(relying: Any, visitor: Browser) -> None:
    relying().tokens(visitor)
    for model in (SystemEvent, Authentication):
        for attempt in (lambda m=model: m.objects.all().delete(), lambda m=model: m.objects.update(**_same(m))):
            with pytest.raises(IntegrityError), transaction.atomic():
                attempt()


def _same(model: type) -> dict[str, Any]:
    return {"text": "x"} if model is SystemEvent else {"place": "x"}


def test_the_log_lies_in_its_months(relying: Any, visitor: Browser, staff: Any, as_: Any) -> None:
    venue = relying()
    venue.tokens(visitor)
    housekeeping.partitions(date(2022, 1, 1), date(2022, 3, 31))
    housekeeping.partitions(date(2022, 1, 1), date(2022, 3, 31))
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM singlesignon_authentication")
        assert cursor.fetchone() == (f"singlesignon_authentication_{clock.today():%Y%m}",)
        cursor.execute("SELECT to_regclass('singlesignon_authentication_202203')")
        assert cursor.fetchone()[0]
    page = as_(staff("security_officer")).get("/authentications/").content.decode()
    assert venue.system.name in page and "密碼" in page and "127.0.0.0/24" in page
    assert "請" in as_(staff("security_officer")).get("/authentications/?day=x").content.decode()


def test_what_ran_out_goes_at_night(relying: Any, visitor: Browser) -> None:
    relying().tokens(visitor)
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        housekeeping.tidy()
    assert not Token.objects.exists()


def test_who_answers_for_a_system_is_reminded_twice(relying: Any, manager: User) -> None:
    end = clock.today() + timedelta(days=60)
    relying(contract_until=end)
    assert housekeeping.remind(end - timedelta(days=61)) == 0
    assert housekeeping.remind(end - timedelta(days=60)) == 2, "the contact and who applied"
    assert housekeeping.remind(end - timedelta(days=59)) == housekeeping.remind(end - timedelta(days=15)) == 0
    assert housekeeping.remind(end - timedelta(days=13)) == 2, "also where the morning of the 14th was missed"
    assert housekeeping.remind(end - timedelta(days=1)) == 0
    assert {message.notice for message in Message.objects.all()} == {"singlesignon.contract"}


def test_keys_are_encrypted_at_rest(relying: Any, visitor: Browser) -> None:
    relying().tokens(visitor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pem FROM singlesignon_signingkey UNION ALL SELECT value FROM singlesignon_pairwisesalt")
        kept = [row[0] for row in cursor.fetchall()]
    assert len(kept) == 2 and all(value.startswith("g1.") for value in kept)
    assert SigningKey.objects.get().pem.startswith("-----BEGIN PRIVATE KEY")
