"""Every door times every role: what happens is what the door declares and what ROLES say.

Addresses come from the URL resolver and roles from the list, so a new app is tested here without a word. Which
*records* somebody sees behind an open door is for the apps' own tests.
"""

from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, resolve

from config import urls
from identity.doors import Door, door, opens_with
from identity.factories import person
from identity.models import User
from identity.permissions import PUBLIC, ROLES
from identity.sessions import SessionStore
from organisation.models import Agency, Membership, Unit
from tests.doors.addresses import Address, addresses

ANONYMOUS = "anonymous"
# The foundation stands below the doors and cannot wear one. Its pages know nobody and no records: open to everyone.
EXEMPT = {
    "accessibility/": "the statement on accessibility",
    "healthz": "asked by machines whether the city hall stands",
    "language/<str:code>/": "changes the language of the reader's own browser",
    "look/": "samples of the page parts, and only in a demo",
    "look/<str:name>/": "a whole page of samples",
    "look/districts.geojson": "a map of samples",
    "offline/": "what a phone shows without a net",
    "service-worker.js": "what makes it show that",
}

OPEN, SIGN_IN, REFUSED = "open", "sign in", "refused"


@pytest.fixture
def people(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The keys of the sessions of one person for each role, and of nobody.

    What refuses them says so without words: of 10,000 answers most are that, and the page of it is looked at elsewhere.
    """
    settings.CITYHALL_RATE_LIMIT_FACTOR = 1_000_000
    for status in (403, 404):
        monkeypatch.setattr(urls, f"handler{status}", partial(wordless, status), raising=False)
    unit = Unit.objects.create(
        code="roads", name="道路科", agency=Agency.objects.create(code="public-works", name="工務局")
    )
    people = {ANONYMOUS: ""}
    for code in ROLES:
        user = person(f"the-{code}")
        if code != "citizen":
            Membership.objects.create(user=user, role=code, unit=unit, since=date(2020, 1, 1))
        people[code] = session_of(user)
    return people


def wordless(status: int, request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(status=status)


def session_of(user: User) -> str:
    """The key of a session of somebody who has signed in: that alone, as signing in costs ten statements."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def expected(opening: Door, role: str, method: str) -> str:
    asked = opening.asks(method)
    if asked in PUBLIC:
        return OPEN
    if role == ANONYMOUS:
        return SIGN_IN
    return OPEN if ROLES[role].may(asked) or ROLES["citizen"].may(asked) else REFUSED


def outcome(client: Client, address: Address, method: str) -> str:
    try:
        answer = client.generic(method, address.path)
    except Exception as error:
        error.add_note(f"{method} {address.path}")
        raise
    assert answer.status_code < 500, f"{method} {address.path} answers {answer.status_code}"
    if answer.status_code == 403:
        return REFUSED
    location = urlsplit(answer.headers.get("Location", ""))
    return SIGN_IN if location.path == "/sign-in/" and location.query.startswith("next=") else OPEN


def breaches(address: Address, people: dict[str, str]) -> list[str]:
    """What happens at an address otherwise than its door declares, one line each. It leaves the database as it was."""
    opening = opens_with(address.view)
    if opening is None and address.route not in EXEMPT:
        return [f"{address.route} has no door"]
    opening = opening or Door("public:pages:read", "public:pages:read")
    found = []
    for role, session in people.items():
        with transaction.atomic():
            browser = Client()
            if session:
                browser.cookies[settings.SESSION_COOKIE_NAME] = session
            for method in ("GET", "POST"):
                happened, declared = outcome(browser, address, method), expected(opening, role, method)
                if happened != declared:
                    found.append(f"{method} {address.path} as {role}: {happened}, declared {opening}: {declared}")
            transaction.set_rollback(True)
    return found


def test_each_door_opens_to_whom_it_says(people: dict[str, str]) -> None:
    """All in one test, as making the people costs as much as an address does."""
    shadowed = [address.route for address in addresses() if resolve(address.path).func is not address.view]
    assert not shadowed, f"other routes stand before {shadowed}"
    found = [line for address in addresses() for line in breaches(address, people)]
    assert not found, "\n".join(found)


def test_addresses_have_names_of_their_own() -> None:
    names = [address.name for address in addresses()]
    assert all(names), [address.route for address in addresses() if not address.name]
    assert len(names) == len(set(names))


def test_exemptions_are_still_needed() -> None:
    without = {address.route for address in addresses() if opens_with(address.view) is None}
    assert set(EXEMPT) <= without


# The matrix itself, on planted breaches.


def _page(request: HttpRequest, number: int = 0) -> HttpResponse:
    return HttpResponse("page")


def _lying(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page")


_lying.door = Door("unit:cases:read", "unit:cases:close")  # type: ignore[attr-defined]


class planted:
    """A URLconf with one right door and each way to go wrong, beside the sign-in page that refusals lead to."""

    urlpatterns = (
        path("", include("identity.urls")),
        path("right/", door("unit:cases:read", post="unit:cases:close")(_page), name="right"),
        path("open/", _page, name="open"),
        path("lying/", _lying, name="lying"),
        path("inside/<int:number>/", _page, name="inside"),
    )


def test_a_view_without_a_door_and_a_door_that_lies_are_found(people: dict[str, str], settings: Any) -> None:
    settings.ROOT_URLCONF = planted
    here = [address for address in addresses(planted) if address.name in {"right", "open", "lying", "inside"}]
    found = {address.name: breaches(address, people) for address in here}
    assert found["right"] == []
    assert found["open"] == ["open/ has no door"] and found["inside"] == ["inside/<int:number>/ has no door"]
    # Anonymous and every role that may not, at each method; the others are let in by both.
    may = [role for role in ROLES.values() if role.may("unit:cases:read")]
    may_close = [role for role in ROLES.values() if role.may("unit:cases:close")]
    assert len(found["lying"]) == 2 * len(people) - len(may) - len(may_close)
    assert any("as anonymous" in line for line in found["lying"])
