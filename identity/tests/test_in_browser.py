"""The pages of accounts as people meet them: found sound by axe, at each width and in both languages."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from identity.actions import disclose
from identity.models import User
from tests.browser import DESKTOP, PHONE


@pytest.fixture
def cast(holder: Callable[..., User], settings: Any, transactional_db: None) -> dict[str, User]:
    """Demo accounts, and something for each list to show."""
    settings.DEMO = True
    roles = ("auditor", "case_officer", "crew", "system_administrator")
    cast = {
        role: holder(role, username=role, name="王小明", email=f"{role}@example.tw", is_demo=True) for role in roles
    }
    for number in range(60):
        disclose(
            cast["case_officer"], "case", f"D111-{number:07}", ["name", "phone"], "回電確認地點", client="192.0.2.1"
        )
    disclose(cast["system_administrator"], "user", cast["auditor"].pk, ["name", "email"], "帳號管理")
    return cast


@pytest.mark.parametrize(("viewport", "language"), [(PHONE, "zh-hant"), (DESKTOP, "en")], ids=["phone", "desktop"])
def test_every_page_of_accounts(
    viewport: Any, language: str, cast: dict[str, User], open_page: Callable[..., Page], axe: Any, live_server: Any
) -> None:
    page = open_page(viewport=viewport)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])

    def sound(address: str = "") -> None:
        if address:
            page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], page.url

    def play(role: str) -> None:
        page.goto("/sign-in/")
        page.locator(f"form:has(input[value={role}]) button").click()

    sound("/sign-in/")
    page.locator("form:has(input[type=password]) button").click()
    assert page.locator(".error-summary").is_visible()
    sound()
    play("auditor")
    for address in ("/account/", "/account/password/", "/disclosures/", "/people/"):  # the last one refuses
        sound(address)
    play("case_officer")
    for address in ("/account/disclosures/", "/sign-out/"):
        sound(address)
    play("system_administrator")
    for address in ("/people/", "/people/new/", f"/people/{cast['crew'].pk}/"):
        sound(address)
    page.locator("form[action$='/link/'] button").click()
    sound()
    link = page.locator("code").inner_text()
    sound(link)
    sound(link.replace("/set-password/", "/set-password/9"))


def test_a_stranger_plays_a_role_and_another_without_javascript(
    cast: dict[str, User], page_without_javascript: Page, live_server: Any
) -> None:
    page = page_without_javascript
    page.goto("/disclosures/")
    assert "/sign-in/" in page.url
    page.locator("form:has(input[value=auditor]) button").click()
    assert page.url == f"{live_server.url}/disclosures/"
    assert page.locator("tbody tr").count() == 50
    page.goto("/people/")
    page.locator(".empty a", has_text="用別的帳號登入").click()
    page.locator("form:has(input[value=system_administrator]) button").click()
    assert page.url == f"{live_server.url}/people/"
