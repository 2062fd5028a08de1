"""RP-Initiated Logout and Back-Channel Logout: the cases of the OpenID Foundation's suite, by their names there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import time_machine
from django.test import Client as Browser

from foundation import clock
from identity.actions import change_password
from identity.models import User
from singlesignon.actions.logout import EVENT, NotTaken, logout_token, tell
from singlesignon.models import LogoutNotice, SignOn
from singlesignon.tests.conftest import agreed, browser_of, decoded, userinfo

pytestmark = pytest.mark.django_db

# RP-Initiated Logout

AFTER = "https://venue.example/goodbye"


def _leave(visitor: Browser, **given: str) -> Any:
    return visitor.get("/openid/logout/", given)


def test_oidcc_rp_initiated_logout(relying: Any, visitor: Browser) -> None:
    venue = relying(post_logout_redirect_uris=[AFTER])
    token = venue.tokens(visitor)["id_token"]
    answer = _leave(visitor, id_token_hint=token, post_logout_redirect_uri=AFTER, state="bye")
    assert answer["Location"] == f"{AFTER}?state=bye"
    assert venue.answer(venue.ask(visitor, prompt="none"))["error"] == "login_required"


def test_oidcc_rp_initiated_logout_no_state(relying: Any, visitor: Browser) -> None:
    venue = relying(post_logout_redirect_uris=[AFTER])
    token = venue.tokens(visitor)["id_token"]
    assert _leave(visitor, id_token_hint=token, post_logout_redirect_uri=AFTER)["Location"] == AFTER


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(relying: Any, visitor: Browser) -> None:
    token = relying().tokens(visitor)["id_token"]
    answer = _leave(visitor, id_token_hint=token)
    assert answer.status_code == 200 and "您已經登出" in answer.content.decode()


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(relying: Any, visitor: Browser) -> None:
    venue = relying(post_logout_redirect_uris=[AFTER])
    token = venue.tokens(visitor)["id_token"]
    answer = _leave(visitor, id_token_hint=token, post_logout_redirect_uri="https://evil.example/")
    assert answer.status_code == 400 and "Location" not in answer


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(relying: Any, visitor: Browser) -> None:
    venue = relying(post_logout_redirect_uris=[AFTER])
    token = venue.tokens(visitor)["id_token"]
    assert _leave(visitor, id_token_hint=token, post_logout_redirect_uri=f"{AFTER}?foo=bar").status_code == 400


def test_oidcc_rp_initiated_logout_no_id_token_hint(relying: Any, visitor: Browser) -> None:
    """Anyone can put a link into a page: the person is asked, and nothing ends by reading."""
    venue = relying(post_logout_redirect_uris=[AFTER])
    venue.tokens(visitor)
    given = {"client_id": venue.client.pk, "post_logout_redirect_uri": AFTER, "state": "bye"}
    asked = _leave(visitor, **given)
    assert asked.status_code == 200 and "要登出嗎" in asked.content.decode()
    assert "code" in venue.answer(venue.ask(visitor, prompt="none")), "still signed in"
    done = visitor.post("/openid/logout/", given | {"confirmed": "1"})
    assert f"{AFTER}?state=bye" in done.content.decode()
    assert venue.answer(venue.ask(visitor, prompt="none"))["error"] == "login_required"


def test_oidcc_rp_initiated_logout_modified_id_token_hint(relying: Any, visitor: Browser) -> None:
    venue = relying(post_logout_redirect_uris=[AFTER])
    token = venue.tokens(visitor)["id_token"]
    head, _body, signature = token.split(".")
    forged = ".".join((head, jwt.encode({"aud": venue.client.pk, "sub": "x"}, "k" * 32).split(".")[1], signature))
    assert "要登出嗎" in _leave(visitor, id_token_hint=forged).content.decode()


def test_oidcc_rp_initiated_logout_only_state(relying: Any, visitor: Browser) -> None:
    relying().tokens(visitor)
    assert "要登出嗎" in _leave(visitor, state="bye").content.decode()


def test_a_strangers_form_signs_nobody_out(relying: Any, citizen: User) -> None:
    careful = Browser(enforce_csrf_checks=True)
    careful.force_login(citizen)
    assert careful.post("/openid/logout/", {"confirmed": "1"}).status_code == 403
    assert careful.get("/account/").status_code == 200


# Back-Channel Logout


class _Taker(BaseHTTPRequestHandler):
    """A system's address for word of sign-outs, on loopback."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        server: Any = self.server
        server.got.append((self.headers["Content-Type"], parse_qs(body)))
        self.send_response(server.status)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@pytest.fixture
def taker() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Taker)
    server.got, server.status = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_oidcc_backchannel_rp_initiated_logout(relying: Any, visitor: Browser, taker: Any) -> None:
    address = f"http://127.0.0.1:{taker.server_port}/out"
    venue, other = relying(backchannel_logout_uri=address), relying(backchannel_logout_uri=address)
    claims = decoded(venue.tokens(visitor)["id_token"], venue)
    token = other.tokens(visitor)["id_token"]
    _leave(visitor, id_token_hint=token)
    assert LogoutNotice.objects.count() == 2, "every system of the session, not only the one that asked"
    for notice in LogoutNotice.objects.select_related("sign_on__client__system"):
        tell(notice)
    told = {}
    for kind, form in taker.got:
        assert kind == "application/x-www-form-urlencoded"
        (text,) = form["logout_token"]
        assert jwt.get_unverified_header(text)["typ"] == "logout+jwt"
        audience = jwt.decode(text, options={"verify_signature": False})["aud"]
        told[audience] = decoded(text, venue if audience == venue.client.pk else other)
    mine = told[venue.client.pk]
    assert (mine["sub"], mine["sid"], mine["events"]) == (claims["sub"], claims["sid"], {EVENT: {}})
    assert "nonce" not in mine and mine["jti"] and mine["exp"] - mine["iat"] <= 120


def test_word_of_a_sign_out_is_no_hint(relying: Any, visitor: Browser) -> None:
    """Signed by us, for the same system and person, and still no ID token."""
    venue = relying()
    venue.tokens(visitor)
    word = logout_token(SignOn.objects.select_related("client__system").get())
    assert "要登出嗎" in _leave(visitor, id_token_hint=word).content.decode()
    assert venue.answer(venue.ask(visitor, id_token_hint=word))["error"] == "invalid_request"


def test_word_that_is_not_taken_is_brought_again(relying: Any, visitor: Browser, taker: Any) -> None:
    venue = relying(backchannel_logout_uri=f"http://127.0.0.1:{taker.server_port}/out")
    _leave(visitor, id_token_hint=venue.tokens(visitor)["id_token"])
    notice = LogoutNotice.objects.select_related("sign_on__client__system").get()
    taker.status = 503
    with pytest.raises(NotTaken):
        tell(notice)
    assert (notice.tries, notice.last_error, notice.delivered_at) == (1, "HTTP 503", None)
    taker.status = 200
    tell(notice)
    assert notice.tries == 2 and notice.delivered_at


def test_any_end_of_a_session_is_told(relying: Any, visitor: Browser, citizen: User) -> None:
    venue = relying(backchannel_logout_uri="https://venue.example/out")
    tokens = venue.tokens(visitor)
    visitor.post("/sign-out/")
    assert LogoutNotice.objects.count() == 1
    assert userinfo(tokens["access_token"]).status_code == 401
    with time_machine.travel(clock.now() + timedelta(seconds=2)):
        again = browser_of(citizen)
        venue.tokens(again)
        change_password(citizen, "another-long-password")
    assert LogoutNotice.objects.count() == 2, "a new password ends the other sessions"


def test_the_end_of_a_session_leaves_what_was_agreed_to_for_later(relying: Any, visitor: Browser) -> None:
    venue = relying()
    tokens = venue.redeem(agreed(venue, visitor, scope="openid offline_access")["code"]).json()
    visitor.post("/sign-out/")
    again = venue.post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again.status_code == 200, json.dumps(again.json())


def test_word_is_not_brought_into_the_city_s_own_network(relying: Any, visitor: Browser, taker: Any, settings) -> None:
    settings.OUTBOUND_NETWORKS = []
    venue = relying(backchannel_logout_uri=f"http://127.0.0.1:{taker.server_port}/out")
    _leave(visitor, id_token_hint=venue.tokens(visitor)["id_token"])
    notice = LogoutNotice.objects.select_related("sign_on__client__system").get()
    with pytest.raises(NotTaken):
        tell(notice)
    assert (notice.last_error, notice.delivered_at) == ("Inward", None)
