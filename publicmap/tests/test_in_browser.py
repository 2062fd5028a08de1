"""The map in a real browser: cells drawn and opened, the address kept, the list narrowed; and without any script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cases.models import Case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("live_server")]


@pytest.fixture(autouse=True)
def cases(report: Callable[..., Case], settings: Any) -> list[Case]:
    settings.CITYHALL_RATE_LIMIT_FACTOR = 1_000_000
    here = [report(lon=120.3121 + n / 50_000) for n in range(3)]
    return [*here, report("street_light", lon=120.35, lat=22.65)]


def ready(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("[data-public-map][data-ready]")


def test_cells_are_drawn_and_opened(page: Page, cases: list[Case], axe: Callable[[Page], None]) -> None:
    ready(page, "/map/#19/22.62050/120.31212")
    expect(page.locator(".map-cell").first).to_be_visible()
    titles = [each.get_attribute("title") for each in page.locator(".map-cell").all()]
    assert sum(int(re.match(r"\d+", title)[0]) for title in titles) == 3
    page.locator(".map-cell").first.click()
    link = page.locator(".leaflet-popup .map-cases a").first
    expect(link).to_contain_text("路面坑洞")
    assert re.fullmatch(r"/track/[A-Z0-9-]+/", link.get_attribute("href"))
    page.keyboard.press("Escape")
    axe(page)


def test_a_bubble_leads_nearer_and_the_address_remembers(page: Page) -> None:
    ready(page, "/map/?days=all#10/22.63000/120.33000")
    bubble = page.locator(".map-cell").first
    expect(bubble).to_be_visible()
    bubble.click()
    page.wait_for_function("location.hash.startsWith('#12/')")
    assert "days=all" in page.url
    where = page.url.partition("#")[2]
    ready(page, f"/map/?days=all#{where}")
    assert page.url.endswith(where)


def test_the_list_narrows_to_what_is_in_sight(page: Page, cases: list[Case]) -> None:
    ready(page, "/map/#16/22.65000/120.35000")
    page.get_by_role("link", name="只列出地圖範圍內的").click()
    page.wait_for_url(re.compile("box="))
    expect(page.locator("#summary")).to_contain_text("共 1 件")
    expect(page.get_by_role("link", name=re.compile("路燈"))).to_have_count(1)
    page.get_by_role("link", name="改列全市").click()
    expect(page.locator("#summary")).to_contain_text("共 4 件")


def test_by_keyboard_past_the_map_to_the_list(page: Page) -> None:
    ready(page, "/map/")
    skip = page.get_by_role("link", name="跳過地圖，看清單")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "list"


def test_without_scripts_it_is_the_same_list(page_without_javascript: Page, cases: list[Case]) -> None:
    page = page_without_javascript
    page.goto("/map/")
    expect(page.locator("[data-public-map]")).not_to_be_visible()
    page.get_by_label("種類").select_option("street_light")
    page.get_by_role("button", name="篩選").click()
    assert re.findall(r'href="/track/([A-Z0-9-]+)/"', page.content()) == [str(cases[3].number)]


def test_nothing_for_axe_to_find_at_any_width(page_at_each_width: Page, axe: Callable[[Page], None]) -> None:
    page = page_at_each_width
    for address in ("/map/", "/map/?box=120.3,22.6,120.4,22.7&days=all", "/map/subscriptions/"):
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_while_a_place_is_chosen_what_is_there_appears(page: Page, cases: list[Case]) -> None:
    page.goto("/report/pothole/")
    page.get_by_label("手掌大小").check()
    page.get_by_role("button", name="繼續").click()
    page.get_by_text("用地圖座標").click()
    page.get_by_label("地圖座標").fill("22.6205, 120.3121")
    shown = page.locator("[data-near]")
    expect(shown).to_be_visible()
    expect(shown).to_contain_text(str(cases[0].number))
    page.get_by_label("地圖座標").fill("22.7, 120.4")
    expect(shown).to_be_hidden()
