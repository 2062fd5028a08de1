from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date
from itertools import cycle
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.test import Client as Browser

from foundation import clock
from identity.models import User
from organisation.models import Agency
from singlesignon import claims, keys
from singlesignon.actions import register
from singlesignon.models import Client, RelyingSystem
from singlesignon.rules import challenge_of
from singlesignon.saml import metadata
from singlesignon.tests.saml import Provider
from singlesignon.tests.saml import metadata as saml_metadata

HOME = "https://venue.example/callback"
VERIFIER = "v" * 50


# Making a key takes a tenth of a second: the tests take turns with a few.
_PRIVATE = cycle([generate_private_key(public_exponent=65537, key_size=keys.BITS) for _ in range(5)])


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Each test has a database of its own, so also keys and names of its own."""
    monkeypatch.setattr(keys, "generate_private_key", lambda **_size: next(_PRIVATE))
    keys.forget()
    claims._salt.cache_clear()
    yield
    keys.forget()
    claims._salt.cache_clear()


class Relying:
    """A relying system as its programmers see it: a client, a secret, and the ways to ask."""

    def __init__(self, system: RelyingSystem, client: Client, secret: str) -> None:
        self.system, self.client, self.secret = system, client, secret

    def request(self, **differs: Any) -> dict[str, str]:
        """The parameters of a sign-in request; None takes one out."""
        given = {
            "client_id": self.client.pk, "response_type": "code", "redirect_uri": HOME, "scope": "openid",
            "state": "s1", "nonce": "n1", "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256",
        } | differs  # fmt: skip
        return {name: value for name, value in given.items() if value is not None}

    def ask(self, visitor: Browser, **differs: Any) -> Any:
        return visitor.get("/openid/authorize/", self.request(**differs))

    def answer(self, response: Any) -> dict[str, str]:
        """What the system learns from the browser's return."""
        assert response.status_code == 302, response.content.decode()[:400]
        parts = urlsplit(response["Location"])
        assert response["Location"].startswith(HOME), response["Location"]
        return dict(parse_qsl(parts.query))

    def code(self, visitor: Browser, **differs: Any) -> str:
        return self.answer(self.ask(visitor, **differs))["code"]

    def post(self, path: str, *, basic: bool = True, **given: Any) -> Any:
        visitor = Browser()
        headers = {}
        if basic and self.secret:
            pair = base64.b64encode(f"{self.client.pk}:{self.secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
            given.setdefault("client_id", self.client.pk)
        body = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in given.items() if value is not None)
        return visitor.post(f"/openid/{path}/", body, "application/x-www-form-urlencoded", headers=headers)

    def redeem(self, code: str, **differs: Any) -> Any:
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": HOME, "code_verifier": VERIFIER}
        return self.post("token", **given | differs)

    def tokens(self, visitor: Browser, **differs: Any) -> dict[str, Any]:
        answer = self.redeem(self.code(visitor, **differs))
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture
def manager(staff: Callable[..., User]) -> User:
    return staff("system_manager", agency=Agency.objects.first().code, name="趙資訊")


@pytest.fixture
def reviewer(staff: Callable[..., User]) -> User:
    return staff("system_administrator", name="蔡管理")


@pytest.fixture
def relying(manager: User, reviewer: User) -> Callable[..., Relying]:
    """``relying(scopes=[...])``: a system that went the whole way of the register and is live."""

    def make(**differs: Any) -> Relying:
        kind = differs.pop("kind", "web")
        uris = differs.pop("redirect_uris", [HOME])
        addresses = {
            name: differs.pop(name)
            for name in ("post_logout_redirect_uris", "backchannel_logout_uri", "pushed_only")
            if name in differs
        }
        terms = {
            "name": f"場地租借 {RelyingSystem.objects.count()}", "name_en": "Venues", "purpose": "線上租借場地",
            "kind": kind,
            "homepage": "https://venue.example/", "scopes": ["openid", "profile", "email", "agency", "offline_access"],
            "grants": list(register.GRANTS_OF[kind]), "level": 1, "contact": "王工程師",
            "contact_email": "wang@venue.example", "contract": "高市研資字第1號", "contract_until": date(2030, 12, 31),
        } | differs  # fmt: skip
        system = register.apply(manager, Agency.objects.first(), terms, uris)
        for who, verb in ((reviewer, "accept"), (manager, "ask"), (reviewer, "release")):
            system = register.perform(who, system, verb, "測試通過")
        client = system.clients.get(environment="live")
        register.change_client(manager, client, {"redirect_uris": uris, **addresses})
        client.refresh_from_db()
        secret = register.issue_secret(manager, client) if kind not in ("native", "saml") else ""
        return Relying(system, client, secret)

    return make


@pytest.fixture
def speaking(relying: Callable[..., Relying], manager: User) -> Callable[..., Provider]:
    """``speaking(scopes=[...])``: a live system that speaks SAML 2.0, described by its library."""

    def make(*, signs: bool = True, **differs: Any) -> Provider:
        made = relying(kind="saml", redirect_uris=[], **differs)
        described = metadata.read(saml_metadata(signs=signs), live=True, now=clock.now())
        register.describe(manager, made.client, described)
        return Provider(made.system, Client.objects.get(pk=made.client.pk))

    return make


@pytest.fixture
def citizen(staff: Callable[..., User]) -> User:
    return staff("citizen", name="林小港")


@pytest.fixture
def visitor(citizen: User) -> Browser:
    """A browser in which the citizen signed in with a password just now."""
    return browser_of(citizen)


def browser_of(user: User) -> Browser:
    """A browser in which somebody signed in with a password just now."""
    if not user.has_usable_password():
        user.set_password("a-long-enough-password")
        user.save(update_fields=["password"])
    found = Browser()
    answer = found.post("/sign-in/", {"username": user.username, "password": "a-long-enough-password"})
    assert answer.status_code == 302
    return found


def decoded(token: str, relying: Relying) -> dict[str, Any]:
    """An ID token as a system reads it: by the published keys alone."""
    keys = jwt.PyJWKSet.from_dict(Browser().get("/openid/keys/").json())
    key = next(key for key in keys.keys if key.key_id == jwt.get_unverified_header(token)["kid"])
    return jwt.decode(token, key, algorithms=["RS256"], audience=relying.client.pk, issuer="http://localhost:8000")


def agreed(relying: Relying, visitor: Browser, **differs: Any) -> dict[str, str]:
    """The answer to a request whose person agrees on the way."""
    response = relying.ask(visitor, **differs)
    assert response.status_code == 302 and "/openid/consent/" in response["Location"], response["Location"]
    token = response["Location"].split("/")[-2]
    on = visitor.post(response["Location"], {"agree": "1"})
    assert on["Location"] == f"/openid/resume/{token}/"
    page = visitor.get(on["Location"])
    return relying.answer(visitor.get(page.context["onward"]))


def userinfo(token: str, method: str = "get", **how: Any) -> Any:
    how.setdefault("headers", {"Authorization": f"Bearer {token}"})
    return getattr(Browser(), method)("/openid/userinfo/", **how)
