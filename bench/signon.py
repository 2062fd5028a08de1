"""Single sign-on: sign-ins of people who have a session, tokens of programs, introspection; and all with a full log."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from http.cookies import SimpleCookie
from itertools import cycle, repeat
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from bench import program, traffic
from bench.ground import Size
from bench.server import web
from bench.table import Row
from identity.models import User
from organisation.models import Agency
from singlesignon.actions import housekeeping, register
from singlesignon.rules import challenge_of

FLOWS, TOKENS, INTROSPECTIONS = 250, 800, 1200  # a second
CONNECTIONS, PEOPLE = 8, 32
LINES, TIMES_SLOWER = 5_000_000, 1.2
BACK, VERIFIER = "https://venue.example/cb", "v" * 64
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Provider:
    """What the load needs to know of a provider: addresses, how its clients say who they are, people with sessions.

    ``authorize`` is the whole request of a sign-in; ``program`` is how the client says it that asks for tokens of its
    own, where that is another one.
    """

    authorize: str
    token: str
    introspection: str
    basic: str
    cookies: list[str]
    program: str = ""
    cookie_name: str = settings.SESSION_COOKIE_NAME


def measure(size: Size) -> list[Row]:
    """The three rates with an empty log, and once more with five million lines in it."""
    client, basic, provider = ours()
    rows = []
    statements = statements_of_a_flow(client, basic, provider.cookies[0])
    with web(os.environ) as port:
        before = rates(port, provider, size.seconds)
        fill(LINES if size.seconds > 1 else 5_000)
        after = rates(port, provider, size.seconds)
    spent = cpu(client, basic, provider.cookies[0], 20 if size.seconds < 1 else 300)
    names = ("sign-ins with PKCE, session present", "tokens by client credentials", "introspections")
    for name, budget, first, second, each in zip(
        names, (FLOWS, TOKENS, INTROSPECTIONS), before, after, spent, strict=True
    ):
        rows.append(Row(f"{name}, {CONNECTIONS} connections", first.rate, "/s", budget, True))
        rows.append(Row("… p50 / p95", first.p(0.5), "ms", None, False, "p95", first.p(0.5) / first.p(0.95)))
        rows.append(Row("… CPU of the program", each, "ms"))
        rows.append(Row(f"… times slower with {LINES:,} lines in the log", first.rate / second.rate, "×", TIMES_SLOWER))
    return [Row("SQL statements of a sign-in, from request to tokens", statements, ""), *rows, password()]


def ours() -> tuple[str, str, Provider]:
    """A client of ours, how it says who it is, and our provider."""
    client, secret = relying()
    basic, cookies = basic_of(client, secret), [session_of(number) for number in range(PEOPLE)]
    return client, basic, Provider(address(client), "/openid/token/", "/openid/introspection/", basic, cookies)


def basic_of(client: str, secret: str) -> str:
    """The header by which a client says who it is (RFC 6749, 2.3.1)."""
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


def relying() -> tuple[str, str]:
    """A live system with a secret: its client and that."""
    admin = User.objects.get(username="admin")
    terms = {
        "name": "bench", "name_en": "bench", "purpose": "bench", "kind": "web", "homepage": "https://venue.example/",
        "scopes": ["openid", "profile", "introspect"], "grants": list(register.GRANTS_OF["web"]), "level": 1,
        "contact": "bench", "contact_email": "bench@cityhall.example", "contract": "-",
        "contract_until": date(2099, 1, 1),
    }  # fmt: skip
    system = register.apply(admin, Agency.objects.first(), terms, [])  # type: ignore[arg-type]
    for verb in ("accept", "ask", "release"):
        system = register.perform(admin, system, verb)
    client = system.clients.get(environment="live")
    register.change_client(admin, client, {"redirect_uris": [BACK]})
    return client.pk, register.issue_secret(admin, client)


def session_of(number: int) -> str:
    """The cookie of a person who signed in a moment ago."""
    user, _new = User.objects.get_or_create(username=f"bench{number}", defaults={"name": f"市民{number}"})
    user.set_password("a-long-enough-password")
    user.save()
    browser = Browser(HTTP_HOST="localhost")
    browser.post("/sign-in/", {"username": user.username, "password": "a-long-enough-password"})
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def address(client: str, path: str = "/openid/authorize/") -> str:
    """The request of a sign-in."""
    asked = {
        "client_id": client, "response_type": "code", "redirect_uri": BACK, "scope": "openid", "state": "s",
        "nonce": "n", "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{path}?{urlencode(asked)}"


def exchange(code: str) -> dict[str, str]:
    """The form that turns a code into tokens."""
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}


def rates(port: int, provider: Provider, seconds: float) -> list[traffic.Traffic]:
    """Sign-ins, tokens and introspections, one after the other; each answer is looked at."""
    flows(port, provider, min(2.0, seconds))
    found = [flows(port, provider, seconds)]
    token = post(provider.token, {"grant_type": "client_credentials"}, provider.program or provider.basic)
    with traffic.Connection(port) as one:
        _status, body = one.exchange(token)
    look = post(provider.introspection, {"token": json.loads(body)["access_token"]}, provider.basic)
    with traffic.Connection(port) as one:
        assert b'"active": true' in one.exchange(look)[1]
    for wanted in (token, look):
        traffic.drive(port, repeat(wanted), CONNECTIONS, min(1.0, seconds))
        driven = traffic.drive(port, repeat(wanted), CONNECTIONS, seconds)
        if set(driven.statuses) != {200}:
            raise RuntimeError(f"not every request was answered: {dict(driven.statuses)}")
        found.append(driven)
    return found


def post(path: str, form: dict[str, str], basic: str) -> bytes:
    """A program's request as it goes over the wire."""
    head, _sep, body = traffic.request("POST", path, form=form).partition(b"\r\n\r\n")
    return head + f"\r\nAuthorization: {basic}\r\n\r\n".encode() + body


def flows(port: int, provider: Provider, seconds: float) -> traffic.Traffic:
    """Whole sign-ins: the browser's request with its session, the code out of the answer, the system's exchange."""
    stop = time.perf_counter() + seconds

    def sign_in(line: traffic.Connection, number: int) -> Iterator[tuple[int, float]]:
        for cookie in cycle(provider.cookies[number::CONNECTIONS]):
            if time.perf_counter() >= stop:
                return
            asked = traffic.request("GET", provider.authorize, cookies={provider.cookie_name: cookie})
            began = time.perf_counter()
            head = line.headers(asked)
            code = head.split(b"code=", 1)[1].split(b"&", 1)[0].decode()
            status, body = line.exchange(post(provider.token, exchange(code), provider.basic))
            if status != 200 or b"id_token" not in body:
                raise RuntimeError(f"{status}: {body!r}")
            yield status, time.perf_counter() - began

    return traffic.together(port, CONNECTIONS, sign_in)


def statements_of_a_flow(client: str, basic: str, cookie: str) -> int:
    """SQL statements from the browser's request to the tokens, with everything warm."""
    browser = Browser(HTTP_HOST="localhost")
    browser.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: cookie})
    for _time in range(2):
        with CaptureQueriesContext(connection) as captured:
            code = parse_qs(urlsplit(browser.get(address(client))["Location"]).query)["code"][0]
            answer = browser.post(
                "/openid/token/", urlencode(exchange(code)), FORM["Content-Type"], headers={"Authorization": basic}
            )
    if answer.status_code != 200:
        raise RuntimeError(answer.content.decode())
    return len(captured)


def cpu(client: str, basic: str, cookie: str, times: int) -> list[float]:
    """Milliseconds of the program's CPU for a sign-in (both requests), a token and an introspection."""
    made = RequestFactory(HTTP_HOST="localhost")
    codes: list[str] = []

    def posts(path: str, forms: Iterator[dict[str, str]]) -> Iterator[Any]:
        for form in forms:
            yield made.post(path, urlencode(form), FORM["Content-Type"], headers={"Authorization": basic})

    asked = (
        made.get(address(client), headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}) for _ in repeat(0)
    )
    entered = program.cpu(
        asked, times, heads=lambda head: codes.append(re.findall("code=([^&]+)", str(head))[0]), good="302"
    )
    redeemed = program.cpu(posts("/openid/token/", map(exchange, codes)), times)
    given = program.cpu(posts("/openid/token/", repeat({"grant_type": "client_credentials"})), times)
    answer = Browser().post(
        "/openid/token/", "grant_type=client_credentials", FORM["Content-Type"],
        headers={"Authorization": basic, "Host": "localhost"},
    )  # fmt: skip
    looked = program.cpu(posts("/openid/introspection/", repeat({"token": answer.json()["access_token"]})), times)
    return [entered + redeemed, given, looked]


def fill(lines: int) -> None:
    """A log of some years, written by the database itself."""
    housekeeping.partitions(date(2024, 1, 1), date(2026, 12, 31))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO singlesignon_authentication (at, system_id, environment, user_id, methods, level, place)"
            " SELECT timestamptz '2024-01-01 00:00+08' + make_interval(secs => n * 18.0), (SELECT min(id) FROM"
            " singlesignon_relyingsystem), 'live', 1 + n %% 90000, '{password}', 1, '203.0.113.0/24'"
            " FROM generate_series(1, %s) AS n",
            [lines],
        )
        cursor.execute("ANALYZE singlesignon_authentication")


def password() -> Row:
    """What a password costs: argon2 with the parameters of ``config/hashers.py``."""
    user = User.objects.get(username="bench0")
    user.check_password("a-long-enough-password")
    began = time.process_time()
    for _time in range(5):
        user.check_password("a-long-enough-password")
    return Row("a password's argon2, of CPU (50 to 100)", (time.process_time() - began) / 5 * 1000, "ms", 100)
