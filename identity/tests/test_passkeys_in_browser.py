"""Passkeys, with an authenticator that Chromium plays (CDP): added, signed in with, renamed and removed."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from identity.actions import PasskeyRefused, use_passkey
from identity.factories import person
from identity.models import AccountEvent, Passkey, SignInAttempt
from tests.browser import PHONE

PASSWORD = "a harbour at dawn"


@pytest.mark.slow
def test_a_passkey_is_added_signs_in_by_itself_and_is_removed(
    open_page: Callable[..., Page], axe: Callable[[Page], None], live_server: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    mei = person("mei", name="林美", password=PASSWORD)
    page = open_page(viewport=PHONE)
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**key, "isUserVerified": True, "automaticPresenceSimulation": False}
    device = chrome.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def touch(yes: bool = True) -> None:
        chrome.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": device, "enabled": yes})

    page.goto("/sign-in/")
    page.fill("input[name=username]", "mei")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="登入", exact=True).click()
    page.goto("/account/passkeys/new/")
    axe(page)
    page.get_by_role("button", name="建立通行密鑰").click()
    expect(page.locator(".error-summary")).to_contain_text("請幫這個通行密鑰取個名稱")
    page.get_by_label("名稱").fill("我的手機")
    touch()
    page.get_by_role("button", name="建立通行密鑰").click()
    expect(page.locator(".banner-success")).to_contain_text("已經新增通行密鑰")
    axe(page)
    assert AccountEvent.objects.filter(user=mei, verb="factor_added", detail="passkey 我的手機").exists()

    for address in ("/account/totp/", "/account/recovery-codes/", "/account/data/deletion/"):
        page.goto(address)  # what asks for a fresh proof first is looked at here
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address

    touch(False)
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="登出").click()
    expect(page.locator(".banner-success")).to_contain_text("您已經登出")
    page.goto("/sign-in/?next=/account/security/")
    touch()  # the browser offers it in the box for the name; the person's touch is all that is needed
    page.wait_for_url("**/account/security/")
    expect(page.get_by_role("main")).to_contain_text("我的手機")
    assert SignInAttempt.objects.filter(user=mei, method="passkey", outcome="succeeded").count() == 1

    touch(False)
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="登出").click()
    expect(page.locator(".banner-success")).to_contain_text("您已經登出")
    page.get_by_role("button", name="用通行密鑰登入").click()
    touch()
    page.wait_for_url("**/account/")
    passkey = Passkey.objects.get()
    assert passkey.counter > 1 and passkey.used_at

    # A copied key: its counter stays behind, and it is refused.
    Passkey.objects.update(counter=1000)
    page.goto("/sign-in/again/?level=2&next=/account/security/")
    page.get_by_role("link", name="使用").first.click()
    page.get_by_role("button", name="使用通行密鑰").click()
    expect(page.get_by_role("alert").first).to_contain_text("這個通行密鑰無法使用")
    axe(page)
    Passkey.objects.update(counter=0)
    page.get_by_role("button", name="使用通行密鑰").click()
    page.wait_for_url("**/account/security/")

    page.get_by_role("link", name="管理 我的手機").click()
    axe(page)
    page.get_by_label("名稱").fill("舊手機")
    page.get_by_role("button", name="儲存").click()
    expect(page.get_by_role("main")).to_contain_text("舊手機")
    page.get_by_role("link", name="管理 舊手機").click()
    page.get_by_role("button", name="移除通行密鑰").click()
    expect(page.locator(".banner-success")).to_contain_text("已經移除通行密鑰「舊手機」")
    assert not Passkey.objects.exists()


@pytest.mark.parametrize(
    "answer", [{}, {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}, {"rawId": 7}]
)
def test_a_broken_answer_is_refused(answer: dict[str, Any], db: None) -> None:
    with pytest.raises(PasskeyRefused):
        use_passkey({"challenge": "AA", "user_verification": "required"}, answer)
