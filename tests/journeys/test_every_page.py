"""Every page of the house, as everybody who may open it sees it: axe finds nothing, and nothing is wider than a phone.

The pages come from the URL resolver: a new one without a sample in world.py fails here. Mostly two people see the same
page with other words in it. So the browser opens each page once, and again for whoever sees an element (its place,
class and attributes) or an outline of headings that no page had before; and axe looks at those that have something
drawn which no page before had (tests/journeys/skeleton.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Page

from cases.models import Case
from identity.doors import opens_with
from identity.models import User
from identity.permissions import PUBLIC, ROLES
from tests.browser import PHONE
from tests.doors.addresses import addresses
from tests.journeys.skeleton import Axe, Skeleton
from tests.journeys.world import World, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WIDE = {"width": 1440, "height": 900}
# What a GET finds no page behind; each is asked for below and must answer so.
REDIRECTS = {"language", "track-verb", "sign-in-second", "sign-in-text"}
TAKE_POSTS = {
    "sign-in-demo", "person-link", "person-deactivation", "person-activation", "message-disclosure",
    "message-resending", "view-save", "view-remove", "case-contact", "report-send", "api-key-withdrawal",
    "model-trial", "model-in-force", "model-automatic",
    "redaction-change", "case-release",
    "routing-begin", "routing-removal", "routing-trial", "routing-entry", "routing-cancellation",
    "report-near", "following-stop", "following-push", "subscription-stop", "work-take",
    "mailbox-sender", "mailbox-filing", "mailbox-addition", "mailbox-taking", "mailbox-dismissal", "line-webhook",
    "storm-begin", "storm-end",
    "passkey-question", "passkey-question-again", "passkey-sign-in", "passkey-offer", "passkey-removal",
    "totp-removal", "always-second", "account-confirmation", "account-session-end", "account-sessions-end",
    "deputy-end",
    "account-other-code", "account-other-entrance", "account-other-end",
    "person-sessions-end", "recovery-confirmation", "account-phone-removal", "recovery-stop", "my-recovery-stop",
    "account-certificate-removal",
    "sms-receipts", "track-push", "report-preview", "board-screen", "chart-move", "chart-removal",
    "my-system-withdrawal", "relying-system-secret", "openid-token", "openid-introspection", "openid-revocation",
    "openid-pushed", "openid-device",
    "report-mailing", "report-photo-removal", "report-resending", "report-recipients-pack", "report-recipient-removal",
}  # fmt: skip
# Looked at by tests of their own: samples of the look (foundation), pictures of drafts and what the API has not got
# (servicerequests), those of a case that another unit is asked about (cases), waiting for a phone and what asks for a
# fresh proof first (identity), and what leads to another site (singlesignon).
ELSEWHERE = {
    "look", "look-districts", "look-frame", "report-photo", "open311-unknown", "mailbox-scan", "mailbox-file",
    "contribution-photo", "certificate-waiting", "certificate-account",
    "openid-authorize", "openid-resume", "openid-userinfo", "saml-sso", "saml-answer", "saml-slo",
    "totp", "recovery-codes", "passkey-new", "passkey", "account-deletion",
    "scim", "scim-root",
    "recovery-new", "account-phone", "account-email", "everybodys-sessions-end",
}  # fmt: skip
# The main pages in English too, with who looks at them.
IN_ENGLISH = {
    "anonymous": ("home", "report", "report-kind", "report-sent", "track", "track-case", "dashboard", "figures",
                  "figure-period", "annual-report", "annual-report-year", "annual-report-chapter", "sign-in",
                  "calendar", "agencies",
                  "map", "subscribe", "subscription", "follow", "following"),
    "unit_head": ("queue", "case", "case-verb", "workload"),
    "crew": ("crew", "crew-job", "crew-verb"),
}  # fmt: skip


@pytest.fixture
def world(
    city_hall: Any, report: Callable[..., Case], staff: Callable[..., User], settings: Any, tmp_path: Any
) -> World:
    settings.DEMO = True
    settings.VAR_DIR = tmp_path
    settings.FIDO_URL = settings.FIDO_SERVICE = settings.FIDO_FILES = "offered"  # and asked by nobody here
    return make_world(report, staff)


LOOKERS = ("anonymous", "citizen", "case_officer", "controller")
DOORS = {address.name: opens_with(address.view) for address in addresses()}


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def cookies(client: Client, url: str, language: str = "") -> Iterator[dict[str, str]]:
    """What a browser needs to be that client."""
    if django_settings.SESSION_COOKIE_NAME in client.cookies:
        yield {
            "name": django_settings.SESSION_COOKIE_NAME,
            "value": client.cookies[django_settings.SESSION_COOKIE_NAME].value,
            "url": url,
        }
    if language:
        yield {"name": django_settings.LANGUAGE_COOKIE_NAME, "value": language, "url": url}


def may_look(who: str, name: str) -> bool:
    """Whether a door opens to somebody. Behind the public ones some find more than others: these look for all."""
    opening = DOORS[name]
    if opening is None or opening.read in PUBLIC:
        return who in LOOKERS
    return who != "anonymous" and (ROLES[who].may(opening.read) or ROLES["citizen"].may(opening.read))


# Which element sticks out the most, as its tag and its classes, and what it says.
WIDEST = """() => {
  const out = [...document.querySelectorAll("body *")].map((e) => [e.getBoundingClientRect().right, e]);
  const [right, e] = out.filter(([r, e]) => e.children.length === 0).reduce((a, b) => (b[0] > a[0] ? b : a), [0, null]);
  return e && `${e.parentElement.outerHTML.slice(0, 300)} ends at ${Math.round(right)}`;
}"""


def faults(page: Page, address: str, axe: Axe, wide: bool = True) -> list[str]:
    """Everything that is wrong with a page on a phone and, with ``wide``, on a desk."""
    found = []
    page.set_viewport_size(WIDE if wide else PHONE)
    page.goto(address)
    if wide:
        found = axe.violations(page)
        page.set_viewport_size(PHONE)
    found += [f"at 360 px: {line}" for line in axe.violations(page)]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE["width"]:
        found.append(f"{address}: {width} px wide on a phone of {PHONE['width']}: {page.evaluate(WIDEST)}")
    return found


def test_every_address_is_sorted_and_what_is_said_to_be_no_page_is_none(world: World) -> None:
    names = {address.name for address in addresses()}
    sorted_out = set(world.pages) | set(world.data) | REDIRECTS | TAKE_POSTS | ELSEWHERE
    assert names - sorted_out == set(), "pages without a sample in tests/journeys/world.py"
    assert sorted_out - names == set(), "samples of pages that are no more"
    clients = [client_of(user) for user in world.people.values()]
    for name, address in world.data.items():
        answers = [client.get(address) for client in clients]
        good = [answer for answer in answers if answer.status_code == 200]
        assert good, name
        assert not [a for a in good if a["Content-Type"].startswith("text/html")], name
        for answer in good:
            if answer.streaming:
                b"".join(answer.streaming_content)
    for address in addresses():
        if address.name in TAKE_POSTS:
            assert {client.get(address.path).status_code for client in clients} <= {302, 403, 404, 405}, address.name
        if address.name in REDIRECTS:
            assert {client.get(address.path).status_code for client in clients} <= {302, 404}, address.name


def test_every_page_for_everybody_and_the_main_ones_in_english(
    world: World, open_page: Callable[..., Page], live_server: Any
) -> None:
    axe = Axe()
    found = [
        *for_everybody(world, open_page, live_server.url, axe),
        *in_english(world, open_page, live_server.url, axe),
    ]
    assert not found, "\n".join([f"{len(found)} faults; axe ran {axe.runs} times", *found])


def for_everybody(world: World, open_page: Callable[..., Page], url: str, axe: Axe) -> Iterator[str]:
    """The faults of every page, seen by everybody to whom it shows something that nobody before saw."""
    seen: set[tuple] = set()
    opened: set[str] = set()
    reached: set[str] = set()
    for who, user in world.people.items():
        client = client_of(user)
        page = open_page()
        page.context.add_cookies(list(cookies(client, url)))
        for name, samples in world.pages.items():
            for address in samples if may_look(who, name) else samples[:1]:
                answer = client.get(address)
                if answer.status_code == 302:
                    continue
                assert answer.status_code < 500, (who, address)
                reached |= {address} if answer.status_code != 403 else set()
                text = answer.content.decode()
                assert not re.search("<title>.*OpenCityHall.*</title>", text), (who, address, "has lost its city")
                skeleton = Skeleton(text)
                yield from (f"{who}: {name}: {address}: {line}" for line in skeleton.faults())
                kind = name if answer.status_code == 200 else str(answer.status_code)
                if kind in opened and skeleton.elements <= seen:
                    continue
                wide = kind not in opened  # the same page with a part more: on the phone, where there is least room
                seen |= skeleton.elements
                opened.add(kind)
                yield from (f"{who}: {name}: {line}" for line in faults(page, address, axe, wide))
        page.context.close()
    missed = {address for samples in world.pages.values() for address in samples} - reached
    yield from (f"{address}: nobody may open this sample" for address in sorted(missed))


def in_english(world: World, open_page: Callable[..., Page], url: str, axe: Axe) -> Iterator[str]:
    """The faults of the main pages in English."""
    for who, names in IN_ENGLISH.items():
        page = open_page()
        page.context.add_cookies(list(cookies(client_of(world.people[who]), url, "en")))
        for name in names:
            for address in world.pages[name][:2]:
                yield from (f"{who}: {name}: {line}" for line in faults(page, address, axe, wide=False))
                assert page.evaluate("document.documentElement.lang") == "en", address
