"""Signing in to an old system as a browser does it: cookies, policies and forms between two sites."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.conf import settings as house
from lxml import etree
from playwright.sync_api import Page

from identity.models import User
from singlesignon.actions import register
from singlesignon.models import Client
from singlesignon.saml.metadata import Described
from singlesignon.tests.conftest import browser_of
from singlesignon.tests.saml import Provider
from tests.browser import PHONE


class _Site(BaseHTTPRequestHandler):
    """The system's site: a page that asks by a form, and an address that takes the answer and leads on."""

    def do_GET(self) -> None:
        self._say(200, self.server.pages[self.path].encode())  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append({name: values[0] for name, values in parse_qs(body).items()})  # type: ignore[attr-defined]
        self._say(303, b"", ("Location", "/in"))

    def _say(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", "text/html"), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Any]:
    server = HTTPServer(("127.0.0.1", 0), _Site)
    server.got, server.pages = [], {"/in": "<title>in</title>You are in"}  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.django_db(transaction=True)
def test_a_form_of_another_site_brings_the_person_in_with_and_without_script(
    speaking: Any, manager: User, citizen: User, site: Any, open_page: Callable[..., Page], axe: Any, live_server: Any,
    settings: Any,
) -> None:  # fmt: skip
    settings.PUBLIC_URL = live_server.url
    home = f"http://127.0.0.1:{site.server_port}"
    venue: Provider = speaking(scopes=["openid"])
    described = Described(f"{home}/saml", [f"{home}/acs"], [0], "", "", [], False)
    register.describe(manager, Client.objects.get(pk=venue.client.pk), described)
    for number in ("1", "2"):
        asked = venue.request(
            f"_b{number}", issuer=described.entity_id, Destination=f"{live_server.url}/saml/sso/",
            AssertionConsumerServiceURL=described.redirect_uris[0],
        )  # fmt: skip
        message = base64.b64encode(asked.encode()).decode()
        site.pages[f"/{number}"] = (
            f'<title>x</title><form method="post" action="{live_server.url}/saml/sso/">'
            f'<input name="SAMLRequest" value="{message}"><input name="RelayState" value="r{number}">'
            "<button>Go</button>"
        )
    page = open_page(viewport=PHONE)
    session = browser_of(citizen).cookies[house.SESSION_COOKIE_NAME].value
    page.context.add_cookies([
        {"name": house.SESSION_COOKIE_NAME, "value": session, "url": live_server.url, "sameSite": "Lax"}
    ])  # fmt: skip

    page.goto(f"{home}/1")
    page.get_by_role("button", name="Go").click()
    page.wait_for_url(f"{home}/in")

    page.route("**/deliver*.js", lambda route: route.abort())
    page.goto(f"{home}/2")
    page.get_by_role("button", name="Go").click()
    page.wait_for_url("**/saml/answer/**")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("form[data-deliver] button").click()
    page.wait_for_url(f"{home}/in")

    answers = [etree.fromstring(base64.b64decode(given["SAMLResponse"])).get("InResponseTo") for given in site.got]
    assert answers == ["_b1", "_b2"]
    assert [given["RelayState"] for given in site.got] == ["r1", "r2"]
