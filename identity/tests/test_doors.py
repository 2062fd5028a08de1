from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from identity.doors import Door, door, opens_with, safe_address
from identity.models import User
from identity.permissions import ROLES

pytestmark = pytest.mark.django_db


@door("unit:cases:read", post="unit:cases:comment")
def desk(request: HttpRequest, number: int = 0) -> HttpResponse:
    """The desk."""
    return HttpResponse(f"case {number}")


@door("public:cases:file")
def report(request: HttpRequest) -> HttpResponse:
    return HttpResponse("report")


def ask(view: Any, user: User | AnonymousUser, method: str = "GET", path: str = "/desk/?page=2", **headers: Any) -> Any:
    request = RequestFactory().generic(method, path, headers=headers)
    request.user = user
    request.htmx = HtmxDetails(request)
    return view(request)


def test_a_door_can_be_read_and_hides_nothing_of_its_view() -> None:
    assert opens_with(desk) == Door("unit:cases:read", "unit:cases:comment")
    assert opens_with(report) == Door("public:cases:file", "public:cases:file")
    assert opens_with(desk.__wrapped__) is None
    assert (desk.__name__, desk.__doc__) == ("desk", "The desk.")


def test_a_door_with_an_unlisted_permission_cannot_be_built() -> None:
    for wrong in ({"permission": "unit:cases:burn"}, {"permission": "unit:cases:read", "post": "cases:read"}):
        with pytest.raises(ValueError, match="PERMISSIONS"):
            door(**wrong)


@pytest.mark.parametrize("code", sorted(ROLES))
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"])
def test_it_opens_to_who_holds_the_permission_at_that_scope_or_a_wider_one(code: str, method: str, holder: Any) -> None:
    asked = "unit:cases:read" if method in {"GET", "HEAD", "OPTIONS"} else "unit:cases:comment"
    user = holder(code)
    assert ask(desk, user, method).status_code == (200 if ROLES[code].may(asked) else 403)
    assert ask(report, user, method).status_code == 200


def test_who_closed_or_lost_the_account_is_out(holder: Any) -> None:
    officer = holder("case_officer")
    assert ask(desk, officer).status_code == 200
    officer.is_active = False
    assert ask(desk, officer).status_code == 403


def test_the_refusal_names_what_is_missing_and_whom_to_ask(holder: Any) -> None:
    page = ask(desk, holder("crew", name="陳阿海")).content.decode()
    assert "陳阿海" in page and "外勤人員" in page
    assert "話務人員、承辦人員、單位主管、機關首長、研考人員、稽核人員" in page and "編輯人員" not in page
    assert "系統管理員" in page and "unit:cases:read" in page


def test_anonymous_people_sign_in_and_come_back() -> None:
    nobody = AnonymousUser()
    assert ask(report, nobody).status_code == 200
    assert ask(desk, nobody).headers["Location"] == "/sign-in/?next=%2Fdesk%2F%3Fpage%3D2"
    # What was posted cannot be sent again by following a link: back to the page with the form.
    posted = ask(desk, nobody, "POST", Referer="http://testserver/desk/7/")
    assert posted.headers["Location"] == "/sign-in/?next=http%3A%2F%2Ftestserver%2Fdesk%2F7%2F"
    foreign = ask(desk, nobody, "POST", Referer="https://elsewhere.example/")
    assert foreign.headers["Location"] == "/sign-in/?next="


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/"}
    answer = ask(desk, AnonymousUser(), **headers)
    assert answer.status_code == 200 and answer.content == b""
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=http%3A%2F%2Ftestserver%2Fdesk%2F"


def test_pages_behind_a_door_leave_nothing_on_a_shared_machine(holder: Any) -> None:
    assert "no-store" in ask(desk, holder("unit_head")).headers["Cache-Control"]
    assert not ask(report, holder("unit_head")).has_header("Cache-Control")


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("/desk/?a=1&b=2", True),
        ("http://testserver/desk/", True),
        ("https://elsewhere.example/", False),
        ("//elsewhere.example/", False),
        ("/\\elsewhere.example", False),
        ("javascript:alert(1)", False),
        ("", False),
        (None, False),
    ],
)
def test_next_leads_nowhere_else(address: str | None, safe: bool) -> None:
    assert safe_address(RequestFactory().get("/"), address) == (address if safe else "")
