"""Cases of the OpenID Foundation's conformance suite, each by its name there, against this provider over HTTP.

Plans: Basic OP and PKCE here; RP-Initiated and Back-Channel Logout in test_conformance_logout.py. Left out is what the
provider does not offer and does not advertise: dynamic registration, implicit and hybrid flows, request objects, the
claims parameter, form post, session management, front-channel logout (docs/single-sign-on.md).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.test import Client as Browser

from foundation import clock
from identity.models import User
from singlesignon import keys
from singlesignon.tests.conftest import HOME, agreed, browser_of, decoded, userinfo

pytestmark = pytest.mark.django_db


# Basic OP


def test_oidcc_server(relying: Any, visitor: Browser) -> None:
    venue = relying()
    claims = decoded(venue.tokens(visitor)["id_token"], venue)
    assert {"iss", "sub", "aud", "exp", "iat", "auth_time"} <= claims.keys()
    assert claims["exp"] - claims["iat"] <= 600


def test_oidcc_response_type_missing(relying: Any, visitor: Browser) -> None:
    venue = relying()
    assert venue.answer(venue.ask(visitor, response_type=None))["error"] == "invalid_request"
    for other in ("token", "id_token", "code id_token", "none"):
        assert venue.answer(venue.ask(visitor, response_type=other))["error"] == "unsupported_response_type"


def test_oidcc_userinfo_get(relying: Any, visitor: Browser) -> None:
    assert userinfo(relying().tokens(visitor)["access_token"]).json()["sub"]


def test_oidcc_userinfo_post_header(relying: Any, visitor: Browser) -> None:
    assert userinfo(relying().tokens(visitor)["access_token"], "post").json()["sub"]


def test_oidcc_userinfo_post_body(relying: Any, visitor: Browser) -> None:
    token = relying().tokens(visitor)["access_token"]
    assert userinfo("", "post", headers={}, data={"access_token": token}).json()["sub"]
    assert userinfo("wrong").status_code == 401
    assert 'error="invalid_token"' in userinfo("wrong")["WWW-Authenticate"]


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(relying: Any, visitor: Browser) -> None:
    venue = relying()
    assert "nonce" not in decoded(venue.tokens(visitor, nonce=None)["id_token"], venue)


def test_oidcc_scope_profile(relying: Any, visitor: Browser, citizen: User) -> None:
    venue = relying()
    tokens = venue.redeem(agreed(venue, visitor, scope="openid profile")["code"]).json()
    info = userinfo(tokens["access_token"]).json()
    assert (info["name"], info["locale"]) == ("林小港", "zh-TW") and "email" not in info


def test_oidcc_scope_email(relying: Any, visitor: Browser, citizen: User) -> None:
    venue = relying()
    tokens = venue.redeem(agreed(venue, visitor, scope="openid email")["code"]).json()
    info = userinfo(tokens["access_token"]).json()
    assert (info["email"], info["email_verified"]) == (citizen.email, False) and "name" not in info


def test_oidcc_scope_phone(relying: Any, visitor: Browser, citizen: User) -> None:
    venue = relying(scopes=["openid", "phone"])
    tokens = venue.redeem(agreed(venue, visitor, scope="openid phone")["code"]).json()
    assert userinfo(tokens["access_token"]).json().keys() == {"sub"}  # none was shown to be theirs
    User.objects.filter(pk=citizen.pk).update(phone="+886912345678", phone_verified_at=clock.now())
    info = userinfo(tokens["access_token"]).json()
    assert (info["phone_number"], info["phone_number_verified"]) == ("+886912345678", True)


def test_oidcc_scope_all(relying: Any, staff: Any) -> None:
    venue, officer = relying(), staff("case_officer", _a_unit())
    tokens = venue.redeem(agreed(venue, browser_of(officer), scope="openid profile email agency")["code"]).json()
    info = userinfo(tokens["access_token"]).json()
    assert {"sub", "name", "locale", "email", "email_verified", "agencies"} == info.keys()
    assert info["agencies"][0]["unit"] == _a_unit() and info["agencies"][0]["role"] == "case_officer"


def _a_unit() -> str:
    from organisation.models import Unit

    return Unit.objects.filter(is_contractor=False).order_by("code").first().code


def test_oidcc_ensure_other_scope_order_succeeds(relying: Any, visitor: Browser) -> None:
    assert "code" in agreed(relying(), visitor, scope="email openid")


@pytest.mark.parametrize(
    "extra",
    [
        {"display": "page"},
        {"display": "popup"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"extra": "foobar"},
        {"login_hint": "buffy@example.com"},
    ],
    ids=[
        "oidcc-display-page", "oidcc-display-popup", "oidcc-ui-locales", "oidcc-claims-locales",
        "oidcc-ensure-request-with-unknown-parameter-succeeds", "oidcc-login-hint",
    ],
)  # fmt: skip
def test_what_means_nothing_here_is_ignored(relying: Any, visitor: Browser, extra: dict[str, str]) -> None:
    venue = relying()
    assert "code" in venue.answer(venue.ask(visitor, **extra))


def test_oidcc_prompt_login(relying: Any, visitor: Browser) -> None:
    venue = relying()
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        response = venue.ask(visitor, prompt="login")
        assert response["Location"].startswith("/sign-in/again/")
        back = response.wsgi_request.build_absolute_uri(response["Location"]).split("next=")[1]
        page = visitor.post(response["Location"], {"password": "a-long-enough-password", "next": _path(back)})
        onward = visitor.get(page["Location"]).context["onward"]
        claims = decoded(venue.redeem(venue.answer(visitor.get(onward))["code"]).json()["id_token"], venue)
        assert claims["auth_time"] == int(clock.now().timestamp()), "the sign-in that was asked for"


def _path(quoted: str) -> str:
    from urllib.parse import unquote

    return unquote(quoted)


def test_oidcc_prompt_none_not_logged_in(relying: Any) -> None:
    venue = relying()
    answer = venue.answer(venue.ask(Browser(), prompt="none"))
    assert (answer["error"], answer["state"]) == ("login_required", "s1") and "code" not in answer


def test_oidcc_prompt_none_logged_in(relying: Any, visitor: Browser) -> None:
    venue = relying()
    first = decoded(venue.tokens(visitor)["id_token"], venue)
    second = decoded(venue.tokens(visitor, prompt="none")["id_token"], venue)
    assert (first["sub"], first["auth_time"], first["sid"]) == (second["sub"], second["auth_time"], second["sid"])
    assert venue.answer(venue.ask(visitor, prompt="none", scope="openid email"))["error"] == "consent_required"
    assert venue.answer(venue.ask(visitor, prompt="none", acr_values="2"))["error"] == "interaction_required"
    assert venue.answer(venue.ask(visitor, prompt="none login"))["error"] == "invalid_request"


def test_oidcc_max_age_1(relying: Any, visitor: Browser) -> None:
    venue = relying()
    first = decoded(venue.tokens(visitor)["id_token"], venue)
    with time_machine.travel(clock.now() + timedelta(seconds=3), tick=False):
        response = venue.ask(visitor, max_age="1")
        assert response["Location"].startswith("/sign-in/again/")
        page = visitor.post(
            response["Location"],
            {"password": "a-long-enough-password", "next": _path(response["Location"].split("next=")[1])},
        )
        with time_machine.travel(clock.now() + timedelta(seconds=30), tick=False):
            # The person took half a minute to come back: what was asked for was done all the same.
            onward = visitor.get(page["Location"]).context["onward"]
            second = decoded(venue.redeem(venue.answer(visitor.get(onward))["code"]).json()["id_token"], venue)
    assert second["auth_time"] > first["auth_time"]


def test_oidcc_max_age_10000(relying: Any, visitor: Browser) -> None:
    venue = relying()
    first = decoded(venue.tokens(visitor)["id_token"], venue)
    second = decoded(venue.tokens(visitor, max_age="10000")["id_token"], venue)
    assert first["auth_time"] == second["auth_time"]
    assert venue.answer(venue.ask(visitor, max_age="soon"))["error"] == "invalid_request"


def test_oidcc_id_token_hint(relying: Any, visitor: Browser, staff: Any) -> None:
    venue = relying()
    token = venue.tokens(visitor)["id_token"]
    assert "code" in venue.answer(venue.ask(visitor, prompt="none", id_token_hint=token))
    other = browser_of(staff("citizen", name="別人"))
    assert venue.answer(venue.ask(other, prompt="none", id_token_hint=token))["error"] == "login_required"
    assert venue.answer(venue.ask(visitor, id_token_hint="x.y.z"))["error"] == "invalid_request"


def test_oidcc_ensure_request_with_acr_values_succeeds(relying: Any, visitor: Browser) -> None:
    venue = relying()
    assert decoded(venue.tokens(visitor, acr_values="1 2")["id_token"], venue)["acr"] == "1"
    assert venue.ask(visitor, acr_values="3")["Location"].endswith("level=3")


def test_oidcc_codereuse(relying: Any, visitor: Browser) -> None:
    venue = relying()
    code = venue.code(visitor)
    assert venue.redeem(code).status_code == 200
    assert venue.redeem(code).json()["error"] == "invalid_grant"


def test_oidcc_codereuse_30seconds(relying: Any, visitor: Browser) -> None:
    venue = relying()
    code = venue.code(visitor)
    tokens = venue.redeem(code).json()
    with time_machine.travel(clock.now() + timedelta(seconds=30), tick=False):
        assert venue.redeem(code).json()["error"] == "invalid_grant"
        assert userinfo(tokens["access_token"]).status_code == 401


def test_oidcc_ensure_registered_redirect_uri(relying: Any, visitor: Browser) -> None:
    answer = relying().ask(visitor, redirect_uri="https://venue.example/callback/other")
    assert answer.status_code == 400 and "Location" not in answer


def test_oidcc_ensure_redirect_uri_in_authorization_request(relying: Any, visitor: Browser) -> None:
    assert relying().ask(visitor, redirect_uri=None).status_code == 400


def test_oidcc_ensure_post_request_succeeds(relying: Any, visitor: Browser) -> None:
    """From a form of another site, which brings no cookie: the visitor is sent round once more and is known then."""
    venue = relying()
    posted = Browser().post("/openid/authorize/", venue.request())
    assert posted.status_code == 303
    assert "code" in venue.answer(visitor.get(posted["Location"]))


def test_oidcc_server_client_secret_post(relying: Any, visitor: Browser) -> None:
    venue = relying()
    answer = venue.redeem(venue.code(visitor), basic=False, client_secret=venue.secret)
    assert answer.status_code == 200


def test_oidcc_request_uri_unsigned_and_unsupported_request_object(relying: Any, visitor: Browser) -> None:
    venue = relying()
    assert venue.answer(venue.ask(visitor, request="eyJhbGciOiJub25lIn0.e30."))["error"] == "request_not_supported"
    assert venue.ask(visitor, request_uri="https://venue.example/request.jwt").status_code == 400


def test_oidcc_refresh_token(relying: Any, visitor: Browser) -> None:
    venue = relying()
    first = venue.redeem(agreed(venue, visitor, scope="openid offline_access")["code"]).json()
    second = venue.post("token", grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"] and second["access_token"] != first["access_token"]
    before, after = (decoded(each["id_token"], venue) for each in (first, second))
    assert all(before[name] == after[name] for name in ("iss", "sub", "aud", "auth_time", "sid"))
    assert (
        venue.post("token", grant_type="refresh_token", refresh_token=first["refresh_token"]).json()["error"]
        == "invalid_grant"
    )
    last = venue.post("token", grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert last.json()["error"] == "invalid_grant", "a copy gave itself away: the family has ended"


def test_oidcc_refresh_token_rp_key_rotation(relying: Any, visitor: Browser) -> None:
    """A key that takes over: the old is published on, the new before it signs; what both signed is good."""
    venue = relying()
    old = venue.tokens(visitor)["id_token"]
    with time_machine.travel(clock.now() + keys.LIFE + timedelta(hours=1), tick=False):
        assert keys.rotate()
        assert len(keys.published()) == 2
        keys.forget()
        fresh = browser_of(User.objects.get(name="林小港"))
        still_old = venue.tokens(fresh)["id_token"]
        assert jwt.get_unverified_header(still_old)["kid"] == jwt.get_unverified_header(old)["kid"]
    with time_machine.travel(clock.now() + keys.LIFE + keys.LEAD + timedelta(hours=2), tick=False):
        keys.forget()
        fresh = browser_of(User.objects.get(name="林小港"))
        new = venue.tokens(fresh)["id_token"]
        assert jwt.get_unverified_header(new)["kid"] != jwt.get_unverified_header(old)["kid"]
        assert keys.verified(old, venue.client.pk) and keys.verified(new, venue.client.pk)
    with time_machine.travel(clock.now() + keys.LIFE + keys.LEAD + keys.TAIL + timedelta(hours=3), tick=False):
        keys.rotate()
        assert len(keys.published()) == 1 and keys.verified(old, venue.client.pk) is None


def test_oidcc_discovery_says_what_is_true(relying: Any, client: Browser) -> None:
    told = client.get("/.well-known/openid-configuration").json()
    assert told["issuer"] == "http://localhost:8000" and told["response_types_supported"] == ["code"]
    for name, address in told.items():
        if name.endswith(("_endpoint", "_uri")):
            path = address.removeprefix(told["issuer"])
            assert client.options(path).status_code != 404, name
    assert "implicit" not in told["grant_types_supported"] and "registration_endpoint" not in told
    (key,) = client.get("/openid/keys/").json()["keys"]
    assert {"kty", "use", "alg", "kid", "n", "e"} == key.keys(), "and nothing of the private half"


# PKCE


def test_oidcc_pkce_is_asked_of_everyone(relying: Any, visitor: Browser) -> None:
    for kind in ("web", "native"):
        venue = relying(kind=kind)
        assert venue.answer(venue.ask(visitor, code_challenge=None))["error"] == "invalid_request"


def test_oidcc_pkce_plain_is_refused(relying: Any, visitor: Browser) -> None:
    venue = relying()
    assert venue.answer(venue.ask(visitor, code_challenge_method="plain"))["error"] == "invalid_request"
    assert venue.answer(venue.ask(visitor, code_challenge_method=None))["error"] == "invalid_request"
    assert venue.answer(venue.ask(visitor, code_challenge="short"))["error"] == "invalid_request"


def test_oidcc_pkce_public_client(relying: Any, visitor: Browser) -> None:
    app = relying(kind="native", redirect_uris=["http://127.0.0.1/callback", "tw.gov.kcg.app:/callback", HOME])
    response = app.ask(visitor, redirect_uri="http://127.0.0.1:53123/callback")
    code = response["Location"].split("code=")[1].split("&")[0]
    assert app.redeem(code, redirect_uri="http://127.0.0.1:53123/callback").status_code == 200
    assert app.redeem(app.code(visitor), client_secret="guess", basic=False).status_code == 401
    assert app.ask(visitor, redirect_uri="http://127.0.0.1:53123/elsewhere").status_code == 400
    assert app.ask(visitor, redirect_uri="tw.gov.kcg.app:/callback")["Location"].startswith(
        "tw.gov.kcg.app:/callback?code="
    )
