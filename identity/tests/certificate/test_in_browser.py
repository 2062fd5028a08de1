"""The whole way as a person on a phone walks it: the app (the simulator's page) is opened, signs, and comes back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from identity.citizen_certificate.simulator.service import Simulator
from identity.models import Certificate
from identity.tests.certificate.conftest import NUMBER
from tests.browser import PHONE


@pytest.mark.usefixtures("transactional_db")
def test_a_citizen_signs_in_with_the_phone_that_has_the_certificate(
    simulator: Simulator, open_page: Callable[..., Page], axe: Any, live_server: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    page = open_page(viewport=PHONE)
    page.goto("/sign-in/")
    page.get_by_role("link", name="以行動自然人憑證登入").click()
    page.get_by_label("身分證字號").fill(NUMBER)
    page.get_by_role("button", name="App 就在這支手機上").click()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="開啟「行動自然人憑證」App").click()
    expect(page.locator("pre")).to_contain_text(f"service={live_server.url}")
    page.get_by_role("button", name="同意 Approve").click()
    # Back, and on by itself.
    expect(page.get_by_role("heading", level=1)).to_have_text("您的身分已經確認，還沒有帳號")
    axe(page)
    page.get_by_role("button", name="開立帳號並登入").click()
    expect(page.locator(".banner-success")).to_contain_text("帳號已經開好")
    assert Certificate.objects.get().user.name
