"""The pages on which people prove who they are say for which system."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.test import Client as Browser

from singlesignon.actions.authorizing import bound_for
from singlesignon.models import AuthorizationRequest


def test_the_sign_in_page_names_the_system_and_its_agency(city, relying) -> None:
    system = relying()
    browser = Browser()
    address = system.ask(browser)["Location"]
    assert urlsplit(address).path == "/sign-in/"
    page = browser.get(address).content.decode()
    assert f"您要進入：<b>{system.system.name}</b>（{system.system.agency.name}）" in page
    # Wrong input keeps it, and so does the way to an account of one's own.
    next_ = browser.get(address).context["next"]
    again = browser.post("/sign-in/", {"username": "nobody", "password": "wrong", "next": next_})
    assert again.status_code == 422 and "您要進入" in again.content.decode()
    assert "您要進入" in browser.get("/register/", {"next": next_}).content.decode()


def test_so_does_the_page_that_asks_for_more(city, relying, visitor) -> None:
    system = relying(level=2)
    address = system.ask(visitor)["Location"]
    assert urlsplit(address).path == "/sign-in/again/"
    assert system.system.name in visitor.get(address).content.decode()


def test_what_is_no_request_that_waits_names_nobody(city, relying) -> None:
    system = relying()
    browser = Browser()
    next_ = browser.get(system.ask(browser)["Location"]).context["next"]
    assert bound_for(next_) == system.system
    for address in ("/", "/openid/resume/oar_unknown/", "/openid/resume/a%00b/", "//else.example/", "/%", "http://["):
        assert bound_for(address) is None, address
    AuthorizationRequest.objects.update(refused_at="2022-01-01T00:00:00Z")
    assert bound_for(next_) is None
