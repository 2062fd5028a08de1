"""What programs call: tokens of their own, introspection, revocation, pushed requests, devices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from foundation import clock
from identity.models import User
from singlesignon.actions import register
from singlesignon.models import Authentication, DeviceAuthorization, Token
from singlesignon.tests.conftest import HOME, Relying, agreed, browser_of, userinfo

pytestmark = pytest.mark.django_db


def service(relying: Any) -> Relying:
    return relying(kind="service", scopes=["introspect"], redirect_uris=[])


def test_a_program_gets_a_token_of_its_own(relying: Any) -> None:
    gateway = service(relying)
    answer = gateway.post("token", grant_type="client_credentials")
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    tokens = answer.json()
    assert tokens.keys() == {"access_token", "token_type", "expires_in", "scope"} and tokens["scope"] == "introspect"
    assert userinfo(tokens["access_token"]).status_code == 401, "nobody is behind it"
    told = gateway.post("introspection", token=tokens["access_token"]).json()
    assert told["active"] and told["client_id"] == gateway.client.pk and "sub" not in told


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"grant_type": "password", "username": "x", "password": "y"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": None}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "openid"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "basic": False, "client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "basic": False}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_secret": "twice"}, 400, "invalid_request"),
    ],
)
def test_what_is_refused_says_why(relying: Any, change: dict[str, Any], status: int, error: str) -> None:
    answer = relying().post("token", **change)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert status != 401 or answer["WWW-Authenticate"].startswith("Basic")
    assert not Token.objects.exists()


def test_only_a_form_by_post_is_read(relying: Any) -> None:
    assert Browser().get("/openid/token/").status_code == 405
    json = Browser().post("/openid/token/", {"grant_type": "client_credentials"}, "application/json")
    assert (json.status_code, json.json()["error"]) == (400, "invalid_request")
    twice = Browser().post("/openid/token/", "grant_type=a&grant_type=b", "application/x-www-form-urlencoded")
    assert "more than once" in twice.json()["error_description"]


def test_who_guesses_at_secrets_is_slowed_down(relying: Any) -> None:
    venue = relying()
    answers = [venue.post("token", basic=False, grant_type="client_credentials", client_secret="x") for _ in range(32)]
    assert [answer.status_code for answer in answers[-2:]] == [429, 429] and answers[-1]["Retry-After"]
    assert venue.post("token", grant_type="client_credentials").status_code == 200, "who knows it is not held up"


def test_introspection_and_tokens_take_few_statements(relying: Any) -> None:
    gateway = service(relying)
    with CaptureQueriesContext(connection) as captured:
        token = gateway.post("token", grant_type="client_credentials").json()["access_token"]
    assert len(captured) == 2, "the client with its secret, the token"
    with CaptureQueriesContext(connection) as captured:
        assert gateway.post("introspection", token=token).json()["active"]
    assert len(captured) == 1, "asker and token in one"


def test_who_may_look_into_a_token(relying: Any, visitor: Browser) -> None:
    venue, other, gateway = relying(), relying(), service(relying)
    token = venue.tokens(visitor)["access_token"]
    own = venue.post("introspection", token=token).json()
    assert own["active"] and own["acr"] == "1" and own["sub"]
    assert gateway.post("introspection", token=token).json() == own, "a gateway that was let, with the owner's name"
    assert other.post("introspection", token=token).json() == {"active": False}
    app = relying(kind="native")
    assert app.post("introspection", token=token).status_code == 401


def test_a_token_ends_when_it_is_revoked_runs_out_or_its_person_or_system_goes(
    relying: Any, visitor: Browser, citizen: User, reviewer: User
) -> None:
    venue, other, gateway = relying(), relying(), service(relying)

    def active(token: str) -> bool:
        return gateway.post("introspection", token=token).json()["active"]

    token = venue.tokens(visitor)["access_token"]
    assert other.post("revocation", token=token).status_code == 200 and active(token), "another's is left alone"
    assert venue.post("revocation", token=token).status_code == 200 and not active(token)
    assert venue.post("revocation", token="unknown").status_code == 200
    token = venue.tokens(visitor)["access_token"]
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        assert not active(token)
    User.objects.filter(pk=citizen.pk).update(is_active=False)
    assert not active(token)
    User.objects.filter(pk=citizen.pk).update(is_active=True)
    assert active(token)
    register.perform(reviewer, venue.system, "suspend", "外洩")
    assert not active(token)
    assert venue.post("token", grant_type="client_credentials").json()["error"] == "invalid_client"
    assert venue.ask(visitor).status_code == 400
    register.perform(reviewer, venue.system, "resume", "已修補")
    assert not active(token), "what was given before is gone"
    assert "code" in venue.answer(venue.ask(visitor))


def test_revoking_a_refresh_token_ends_its_family(relying: Any, visitor: Browser) -> None:
    venue = relying()
    tokens = venue.redeem(agreed(venue, visitor, scope="openid offline_access")["code"]).json()
    venue.post("revocation", token=tokens["refresh_token"])
    assert userinfo(tokens["access_token"]).status_code == 401


def test_consent_taken_back_ends_all(relying: Any, visitor: Browser) -> None:
    venue = relying()
    tokens = venue.redeem(agreed(venue, visitor, scope="openid profile offline_access")["code"]).json()
    page = visitor.get("/account/systems/")
    ((consent, words),) = page.context["consents"]
    assert [str(word) for word in words][:1] == ["姓名與慣用語言"]
    visitor.post(f"/account/systems/{consent.pk}/withdrawal/")
    again = venue.post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again.json()["error"] == "invalid_grant" and userinfo(tokens["access_token"]).status_code == 401
    assert "/openid/consent/" in venue.ask(visitor, scope="openid profile")["Location"]


def test_a_refresh_token_in_use_ends_half_a_year_after_the_proof(relying: Any, visitor: Browser) -> None:
    venue = relying()
    tokens = venue.redeem(agreed(venue, visitor, scope="openid offline_access")["code"]).json()
    began = clock.now()
    for days in range(25, 200, 25):
        with time_machine.travel(began + timedelta(days=days), tick=False):
            answer = venue.post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
            assert (answer.status_code == 200) == (days < 180), days
            tokens = answer.json() if days < 180 else tokens


def test_fewer_scopes_may_be_refreshed_never_more(relying: Any, visitor: Browser) -> None:
    venue = relying()
    tokens = venue.redeem(agreed(venue, visitor, scope="openid profile email offline_access")["code"]).json()
    fewer = venue.post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"], scope="openid email")
    assert set(userinfo(fewer.json()["access_token"]).json()) == {"sub", "email", "email_verified"}
    more = venue.post(
        "token", grant_type="refresh_token", refresh_token=fewer.json()["refresh_token"], scope="openid agency"
    )
    assert more.json()["error"] == "invalid_scope"


def test_a_pushed_request_is_weighed_before_anyone_sees_it(relying: Any, visitor: Browser) -> None:
    venue, other = relying(pushed_only=True), relying()
    assert venue.answer(venue.ask(visitor))["error"] == "invalid_request", "this system must push"
    wrong = venue.post("pushed", **venue.request(redirect_uri="https://evil.example/"))
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_request")
    pushed = venue.post("pushed", **venue.request())
    assert pushed.status_code == 201 and pushed.json()["expires_in"] == 90
    uri = pushed.json()["request_uri"]
    given = {"client_id": venue.client.pk, "request_uri": uri}
    assert visitor.get("/openid/authorize/", given | {"client_id": other.client.pk}).status_code == 400
    answer = venue.answer(visitor.get("/openid/authorize/", given | {"scope": "openid email"}))
    assert venue.redeem(answer["code"]).json()["scope"] == "openid", "what was pushed counts, not what was added"
    assert visitor.get("/openid/authorize/", given).status_code == 400, "good once"
    late = venue.post("pushed", **venue.request()).json()["request_uri"]
    with time_machine.travel(clock.now() + timedelta(seconds=91), tick=False):
        assert visitor.get("/openid/authorize/", {"client_id": venue.client.pk, "request_uri": late}).status_code == 400


def test_a_device_waits_for_a_person(relying: Any, visitor: Browser) -> None:
    kiosk = relying(kind="native")
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    begun = kiosk.post("device-authorization", scope="openid profile").json()
    assert begun["verification_uri"] == "http://localhost:8000/device/" and begun["interval"] == 5

    def poll() -> Any:
        return kiosk.post("token", grant_type=grant, device_code=begun["device_code"])

    with time_machine.travel(clock.now(), tick=False) as at:
        assert poll().json()["error"] == "authorization_pending"
        assert poll().json()["error"] == "slow_down"
        assert DeviceAuthorization.objects.get().interval == 10
        at.shift(timedelta(seconds=11))
        assert visitor.post("/device/", {"code": "XXXX-XXXX"}).status_code == 422
        page = visitor.post("/device/", {"code": begun["user_code"].lower().replace("-", " ")})
        assert page.context["system"] == kiosk.system and "outcome" not in page.context
        assert poll().json()["error"] == "authorization_pending", "looking at it lets nothing in"
        assert visitor.post("/device/", {"code": begun["user_code"], "agree": "1"}).context["outcome"] == "in"
        at.shift(timedelta(seconds=11))
        tokens = poll().json()
        assert userinfo(tokens["access_token"]).json()["name"] == "林小港"
        assert poll().json()["error"] == "invalid_grant"
        assert visitor.post("/device/", {"code": begun["user_code"], "agree": "1"}).status_code == 422


def test_a_device_that_is_refused_or_forgotten(relying: Any, visitor: Browser) -> None:
    kiosk = relying(kind="native")
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    begun = kiosk.post("device-authorization", scope="openid").json()
    visitor.post("/device/", {"code": begun["user_code"], "refuse": "1"})
    assert kiosk.post("token", grant_type=grant, device_code=begun["device_code"]).json()["error"] == "access_denied"
    begun = kiosk.post("device-authorization", scope="openid").json()
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        late = kiosk.post("token", grant_type=grant, device_code=begun["device_code"])
        assert late.json()["error"] == "expired_token"
    assert relying().post("device-authorization", scope="openid").json()["error"] == "unauthorized_client"


def test_a_system_under_test_lets_in_its_own_agency_alone(
    relying: Any, visitor: Browser, manager: User, reviewer: User
) -> None:
    venue = relying()
    sandbox = venue.system.clients.get(environment="sandbox")
    trying = Relying(venue.system, sandbox, register.issue_secret(manager, sandbox))
    answer = trying.answer(trying.ask(visitor))
    assert answer["error"] == "access_denied"
    assert [entry.error for entry in Authentication.objects.filter(environment="sandbox")] == ["access_denied"]
    assert "code" in trying.answer(trying.ask(browser_of(manager)))
    assert HOME in sandbox.redirect_uris
