"""Clients written by others complete the flow against the running server."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as house

from identity.models import User
from singlesignon.actions.authorizing import agree, facts, held, hold
from singlesignon.actions.logout import tell
from singlesignon.models import LogoutNotice
from singlesignon.rules import wish
from singlesignon.tests.conftest import HOME, Relying, browser_of

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = Path(__file__).parent / "clients"
LIBRARY = ROOT / "tests/vendor/openid-client/node_modules/openid-client/build/index.js"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def issuer(live_server: Any, settings: Any) -> str:
    """The server's address, which is the issuer."""
    settings.PUBLIC_URL = live_server.url
    return live_server.url


@pytest.fixture
def cookie(citizen: User) -> str:
    """The session of the citizen's browser."""
    morsel = browser_of(citizen).cookies[house.SESSION_COOKIE_NAME]
    return f"{house.SESSION_COOKIE_NAME}={morsel.value}"


def consented(relying: Relying, citizen: User, scope: str) -> None:
    """The person has agreed before."""
    asked = relying.request(scope=scope, redirect_uri=relying.client.redirect_uris[0])
    request = held(hold(relying.client, asked))
    assert request
    agree(citizen, request, wish(asked, facts(relying.client)))


def test_authlib_in_the_flask_example(
    issuer: str, cookie: str, relying: Any, citizen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example that agencies begin from: signs in, asks for level 3, and is signed out by the back channel."""
    venue = relying(
        redirect_uris=["https://venue.example/callback"],
        post_logout_redirect_uris=["https://venue.example/"],
        backchannel_logout_uri="https://venue.example/backchannel-logout",
    )
    consented(venue, citizen, "openid profile agency")
    for name, value in {"ISSUER": issuer, "CLIENT_ID": venue.client.pk, "CLIENT_SECRET": venue.secret}.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("flask_example", ROOT / "examples/flask/app.py")
    assert spec and spec.loader
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    site = example.app.test_client()
    at = {"base_url": "https://venue.example/"}

    def through_the_city_hall(address: str) -> Any:
        back = requests.get(address, headers={"Cookie": cookie}, allow_redirects=False, timeout=10).headers["Location"]
        assert back.startswith("https://venue.example/callback?"), back
        return site.get(back.removeprefix("https://venue.example"), **at)

    assert through_the_city_hall(site.get("/login", **at).headers["Location"]).status_code == 302
    assert "林小港，第 1 級" in site.get("/", **at).text
    raised = site.get("/contract", **at).headers["Location"]
    asks = requests.get(raised, headers={"Cookie": cookie}, allow_redirects=False, timeout=10).headers["Location"]
    assert asks.startswith("/sign-in/again/") and asks.endswith("level=3")
    end = site.get("/logout", **at).headers["Location"]
    gone = requests.get(end, headers={"Cookie": cookie}, allow_redirects=False, timeout=10)
    assert gone.headers["Location"] == "https://venue.example/"
    notice = LogoutNotice.objects.select_related("sign_on__client__system").get()
    sent: list[dict[str, str]] = []

    class Taken:
        status_code = 200

    def keep(_method: str, _address: str, *, data: dict[str, str], **_how: Any) -> Taken:
        sent.append(data)
        return Taken()

    monkeypatch.setattr("singlesignon.actions.logout.outbound.request", keep)
    tell(notice)
    assert site.post("/backchannel-logout", data={"logout_token": "x.y.z"}, **at).status_code == 400
    assert site.post("/backchannel-logout", data=sent[0], **at).status_code == 200
    assert str(notice.sign_on_id) in example.signed_out


def test_mozilla_django_oidc(issuer: str, cookie: str, relying: Any, citizen: User) -> None:
    venue = relying(redirect_uris=["https://venue.example/oidc/callback/"])
    consented(venue, citizen, "openid email")
    done = subprocess.run(
        [sys.executable, CLIENTS / "mozilla.py", issuer, venue.client.pk, venue.secret, cookie],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == {"landed": "/who", "email": citizen.email}


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")
def test_openid_client_of_npm(issuer: str, cookie: str, relying: Any, citizen: User) -> None:
    venue = relying()
    done = subprocess.run(
        ["node", CLIENTS / "openid_client.mjs", issuer, venue.client.pk, venue.secret, HOME, cookie, LIBRARY],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert (told["acr"], told["active"], told["after"]) == ("1", True, False) and len(told["sub"]) == 32
