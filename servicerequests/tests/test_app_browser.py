"""The one-stop app with the net cut: a report is kept with its photo and sent later through the flow, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cases.models import Attachment, Case
from servicerequests.tests.walking import IN_LINGYA, picture
from tests.browser import PHONE

pytestmark = pytest.mark.django_db(transaction=True)

INSTALLED = """const told = window.matchMedia.bind(window);
window.matchMedia = (query) => (query === "(display-mode: standalone)" ? { matches: true } : told(query));"""


@pytest.fixture
def phone(live_server: Any, city: None, open_page: Callable[..., Page]) -> Page:
    """The phone of somebody at the corner who has opened the installed app once with a net."""
    page = open_page(
        viewport=PHONE, has_touch=True, is_mobile=True, permissions=["geolocation"],
        geolocation={"longitude": IN_LINGYA[0], "latitude": IN_LINGYA[1]},
    )  # fmt: skip
    page.context.add_init_script(INSTALLED)
    page.goto("/app/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("() => document.documentElement.dataset.kept")
    return page


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "hole.jpg"
    path.write_bytes(picture("gray").read())
    return path


def begun(page: Page, photo: Path | None) -> None:
    """A report written without a net."""
    page.context.set_offline(True)
    page.goto("/app/")
    page.get_by_role("button", name="我要通報").click()
    page.wait_for_url("**/app/draft/")
    page.get_by_label("要通報什麼").select_option(label="路面坑洞")
    page.get_by_label("發生了什麼事").fill("輪子陷下去了")
    page.get_by_role("button", name="記下我現在的位置").click()
    expect(page.get_by_text("已記下您現在的位置。")).to_be_visible()
    if photo:
        page.locator("input[type=file]").set_input_files(photo)
        page.wait_for_function("() => !document.querySelector('[data-files][aria-busy]')")
    page.get_by_role("button", name="存在這支手機").click()
    page.wait_for_url("**/app/")
    expect(page.locator("[data-drafts]")).to_contain_text("路面坑洞")


def sent_on(page: Page) -> str:
    """Through the flow from the kept draft to the confirmation; returns the number."""
    page.get_by_role("link", name="打開並送出").click()
    expect(page.get_by_label("發生了什麼事")).to_have_value("輪子陷下去了")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("一個輪子大小").or_(page.locator("input[name=f_size]").first).first.check()
    for _step in range(8):
        page.wait_for_load_state()
        if page.locator("input[name=email]").count():
            page.locator("input[name=email]").fill("a@example.com")
        send = page.get_by_role("button", name="送出")
        if send.count():
            send.first.click()
            break
        page.locator("button[name=go][value=next]").first.click()
    page.wait_for_url("**/report/sent/**")
    return page.locator("[data-sent]").get_attribute("data-number")


def test_a_report_begun_without_a_net_is_sent_later_once(phone: Page, photo: Path, axe: Callable[[Page], None]) -> None:
    begun(phone, photo)
    axe(phone)
    context = phone.context
    phone.close()  # the tab is gone; what was written is not
    again = context.new_page()
    again.goto("/app/")
    expect(again.locator("[data-drafts]")).to_contain_text("1 張照片")
    context.set_offline(False)
    copy = context.new_page()  # a second tab with the same draft, sent after the first
    copy.goto("/app/")
    copy.get_by_role("link", name="打開並送出").click()
    expect(copy.get_by_label("發生了什麼事")).to_have_value("輪子陷下去了")
    number = sent_on(again)
    case = Case.objects.get()
    assert str(case.number) == number and case.channel == "app" and case.lat == pytest.approx(IN_LINGYA[1], abs=1e-5)
    assert Attachment.objects.get().case_id == case.pk
    again.get_by_role("button", name="記在這支手機").click()
    again.goto("/app/")
    expect(again.locator("[data-drafts]")).to_be_hidden()
    expect(again.locator("[data-kept-cases]")).to_contain_text(number)
    again.locator("[data-kept-cases] a").click()
    expect(again.get_by_role("heading", level=1)).to_contain_text("路面坑洞")
    copy.goto("/app/draft/")
    assert Case.objects.count() == 1


def test_what_the_city_hall_refuses_stays_in_the_phone(phone: Page, tmp_path: Path) -> None:
    bad = tmp_path / "no-picture.jpg"
    bad.write_bytes(b"this is no picture")
    begun(phone, bad)
    phone.context.set_offline(False)
    phone.get_by_role("link", name="打開並送出").click()
    expect(phone.get_by_label("發生了什麼事")).to_have_value("輪子陷下去了")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_role("heading", name="有地方需要修正")).to_be_visible()
    phone.goto("/app/")
    expect(phone.locator("[data-drafts]")).to_contain_text("路面坑洞")
    assert not Case.objects.exists()


def test_a_case_nearby_is_followed_on_the_phone(
    phone: Page, filed: Callable[..., Case], axe: Callable[[Page], None]
) -> None:
    case = filed()
    phone.goto("/app/nearby/")
    phone.get_by_role("button", name="找我附近的").click()
    phone.get_by_role("button", name="關注").click()
    expect(phone.get_by_text("已關注")).to_be_visible()
    axe(phone)
    phone.goto("/app/")
    expect(phone.locator("[data-kept-cases]")).to_contain_text(str(case.number))
    axe(phone)


def test_an_open_browser_page_is_not_the_app(live_server: Any, city: None, open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=PHONE)
    page.goto("/app/")
    page.get_by_role("button", name="我要通報").click()
    expect(page.get_by_role("heading", name="哪裡不對勁？")).to_be_visible()
    assert page.locator("input[name=app]").count() == 0


def test_without_a_script_the_app_is_pages(live_server: Any, city: None, page_without_javascript: Page) -> None:
    page = page_without_javascript
    page.goto("/app/draft/")
    page.get_by_label("要通報什麼").select_option(label="路面坑洞")
    page.get_by_label("發生了什麼事").fill("輪子陷下去了")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator("textarea[name=description]").input_value() == "輪子陷下去了"
