"""The look in a real browser: accessible, within the content policy, never too wide; and what each script does."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from PIL import Image
from playwright.sync_api import Page, expect

from foundation.pages.look import FRAMES
from foundation.tests import outbox_urls
from tests.browser import DESKTOP, PHONE, WIDE

pytestmark = [pytest.mark.urls("foundation.tests.outbox_urls"), pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def _demo(settings: Any) -> Iterator[None]:
    settings.DEMO = True
    templates = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**templates, "DIRS": [Path(__file__).parent / "templates"]}]
    outbox_urls.POSTS.clear()
    outbox_urls.REFUSE.clear()
    with translation.override("zh-hant"):
        yield


def fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{page.url} is too wide"


# Every page of the look


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")], ids=["phone", "desktop"])
def test_every_part_is_accessible_and_fits(
    live_server: Any, open_page: OpenPage, axe: Callable[[Page], None], width: dict[str, int], scheme: str
) -> None:
    page = open_page(viewport=width, color_scheme=scheme)
    for address in ("/look/", *(f"/look/{name}/" for name in FRAMES)):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        fits(page)
        axe(page)


def test_every_page_fits_a_wide_screen_and_english_on_a_narrow_one(live_server: Any, open_page: OpenPage) -> None:
    wide, narrow = open_page(viewport=WIDE), open_page(viewport=PHONE)
    narrow.goto("/language/en/")
    for name in FRAMES:
        for page in (wide, narrow):
            page.goto(f"/look/{name}/")
            fits(page)


def test_pages_come_under_a_policy_that_allows_nothing_inline(client: Client) -> None:
    policy = client.get("/look/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy


def test_htmx_writes_no_style_and_evaluates_nothing(live_server: Any, page: Page) -> None:
    page.goto("/look/desk/")
    assert page.evaluate("[htmx.config.includeIndicatorStyles, htmx.config.allowEval]") == [False, False]


@pytest.mark.parametrize("options", [{"forced_colors": "active"}, {"contrast": "more"}], ids=["forced", "contrast"])
def test_forced_colours_keep_every_bar_in_sight(live_server: Any, open_page: OpenPage, options: dict[str, str]) -> None:
    page = open_page(**options)
    page.goto("/look/")
    for bar in page.locator(".promise-bar").all():
        assert bar.bounding_box()["height"] >= 8
    if options.get("forced_colors"):
        assert page.locator(".promise-bar").first.evaluate("bar => getComputedStyle(bar).borderTopWidth") == "1px"


def test_printing_drops_the_frame_and_keeps_the_bars(live_server: Any, page: Page) -> None:
    page.goto("/look/track/")
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".foot")).to_be_hidden()
    expect(page.locator(".promise-bar").first).to_be_visible()


def test_at_most_three_stylesheets_a_page(live_server: Any, page: Page) -> None:
    for name in FRAMES:
        page.goto(f"/look/{name}/")
        assert page.locator("link[rel=stylesheet]").count() <= 3, name


def test_the_menu_of_a_phone_opens_without_a_script(live_server: Any, open_page: OpenPage) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/look/home/")
    link = page.get_by_role("link", name="查進度")
    expect(link).to_be_hidden()
    page.locator(".nav-phone > summary").click()
    expect(link).to_be_visible()


def test_without_a_script_there_is_no_empty_map_and_the_table_opens(
    live_server: Any, page_without_javascript: Page
) -> None:
    page = page_without_javascript
    page.goto("/look/board/")
    expect(page.locator(".map")).to_be_hidden()
    expect(page.locator("svg.picture").first).to_be_visible()  # charts need no script
    page.get_by_text("看表格").click()
    expect(page.get_by_role("cell", name="10,112")).to_be_visible()


def test_the_first_tab_offers_to_skip_to_the_content(live_server: Any, page: Page) -> None:
    page.goto("/look/home/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到主要內容")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


# Forms


def test_the_error_summary_has_the_focus_and_leads_to_the_box(live_server: Any, page: Page) -> None:
    page.goto("/look/question-wrong/")
    expect(page).to_have_title(re.compile("^錯誤："))
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator(".error-summary a").click()
    expect(page.locator("#id_place")).to_be_focused()


def test_characters_left_are_counted(live_server: Any, page: Page) -> None:
    page.goto("/look/")
    box = page.locator("form[aria-label=空白表單] [data-count]")
    box.locator("textarea").fill("坑洞\n很深")
    expect(box.locator(".count")).to_have_text("還可以寫 494 個字")
    box.locator("textarea").fill("坑" * 503)
    expect(box.locator(".count")).to_have_text("多了 3 個字")


def test_photos_are_shown_made_smaller_and_taken_out_again(live_server: Any, page: Page, tmp_path: Path) -> None:
    big, small = tmp_path / "big.jpg", tmp_path / "small.png"
    Image.effect_noise((3000, 2000), 90).convert("RGB").save(big, quality=95)
    Image.new("RGB", (40, 30), "teal").save(small)
    page.goto("/look/")
    form = page.locator("form[aria-label=空白表單]")
    box, chosen = form.locator("input[type=file]"), form.locator(".files-chosen li")
    box.set_input_files(big)
    expect(chosen).to_have_count(1)
    expect(form.locator("[data-files]")).not_to_have_attribute("aria-busy", "true")
    width, height, length = box.evaluate(
        """async input => {
            const photo = await createImageBitmap(input.files[0]);
            return [photo.width, photo.height, input.files[0].size];
        }"""
    )
    assert (width, height) == (2048, 1365) and length < big.stat().st_size
    box.set_input_files(small)  # choosing again adds
    expect(chosen).to_have_count(2)
    expect(chosen.nth(1).locator("img")).to_have_js_property("naturalWidth", 40)
    chosen.nth(0).get_by_role("button", name="移除 big.jpg").click()
    expect(chosen).to_have_count(1)
    assert box.evaluate("input => [...input.files].map(file => file.name)") == ["small.png"]
    box.set_input_files([big, small, small])  # at most three
    expect(chosen).to_have_count(3)


# The desk by keyboard


def test_the_desk_by_keyboard(live_server: Any, page: Page) -> None:
    page.goto("/look/desk/")
    rows = page.locator("[data-row] a")
    page.keyboard.press("j")  # from the case that is shown, the second
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("/")
    search = page.get_by_label("搜尋案件")
    expect(search).to_be_focused()
    page.keyboard.type("jk?n/")
    expect(search).to_have_value("jk?n/")
    page.keyboard.press("Escape")
    expect(search).not_to_be_focused()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("#new$"))
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="鍵盤操作")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("派工")).to_be_visible()  # the page's own key, D
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_single_keys_can_be_switched_off(live_server: Any, page: Page) -> None:
    page.goto("/look/desk/")
    page.keyboard.press("?")
    page.get_by_label("單鍵操作開著").uncheck()
    page.get_by_role("dialog").get_by_role("button", name="關閉").click()
    page.keyboard.press("?")
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_label("搜尋案件")).not_to_be_focused()
    page.reload()
    page.get_by_role("button", name="鍵盤操作說明").click()
    expect(page.get_by_label("單鍵操作開著")).not_to_be_checked()


# Maps and charts


def test_a_place_is_picked_by_pointer_by_keys_and_by_position(live_server: Any, open_page: OpenPage) -> None:
    page = open_page(permissions=["geolocation"], geolocation={"longitude": 120.3, "latitude": 22.6})
    page.goto("/look/")
    frame = page.locator("[data-map=pick]")
    expect(frame).to_have_attribute("data-ready", "")
    lon, lat = page.locator("#lon"), page.locator("#lat")
    frame.click(position={"x": 200, "y": 150})
    first = float(lon.input_value()), float(lat.input_value())
    assert 120.2 < first[0] < 120.5 and 22.5 < first[1] < 22.8
    expect(page.locator("[data-map-words]")).to_contain_text("已選位置：22.")
    pin = frame.locator(".map-pin")
    pin.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert float(lon.input_value()) > first[0] and float(lat.input_value()) > first[1]
    page.get_by_role("button", name="用我現在的位置").click()
    expect(lon).to_have_value("120.300000")
    expect(lat).to_have_value("22.600000")
    lon.evaluate("input => input.value = ''")
    page.get_by_role("button", name="把圖釘放在地圖中央").click()
    expect(lon).not_to_have_value("")


def test_no_position_is_said_in_words(live_server: Any, page: Page) -> None:
    page.goto("/look/")
    expect(page.locator("[data-map=pick]")).to_have_attribute("data-ready", "")
    page.get_by_role("button", name="用我現在的位置").click()
    expect(page.locator("[data-map-words]")).to_contain_text("找不到您的位置")
    expect(page.locator("#lon")).to_have_value("")


def test_areas_have_a_legend_that_matches_their_numbers(live_server: Any, page: Page) -> None:
    page.goto("/look/board/")
    legend = page.locator("#area-legend li")
    expect(legend).to_have_count(5)
    expect(legend.first).to_contain_text("1–148 件")
    expect(legend.last).to_contain_text("2,369–2,997 件")


def test_points_open_with_their_words(live_server: Any, page: Page) -> None:
    page.goto("/look/")
    frame = page.locator("[data-map=points]")
    expect(frame).to_have_attribute("data-ready", "")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    found = page.evaluate(
        """([x, y, width, height]) => {
            const canvas = document.querySelector('[data-map=points] canvas').getContext('2d');
            const late = [179, 38, 30], ratio = canvas.canvas.width / canvas.canvas.getBoundingClientRect().width;
            const all = canvas.getImageData(0, 0, canvas.canvas.width, canvas.canvas.height);
            for (let i = 0; i < all.data.length; i += 4)
                if (late.every((part, at) => Math.abs(all.data[i + at] - part) < 3)) {
                    const frame = canvas.canvas.getBoundingClientRect();
                    const at = i / 4;
                    return [frame.x + (at % all.width) / ratio + 1, frame.y + Math.floor(at / all.width) / ratio + 2];
                }
        }""",
        [box["x"], box["y"], box["width"], box["height"]],
    )
    page.mouse.click(*found)
    expect(frame.locator(".leaflet-popup-content")).to_contain_text("中山四路 2 號")


# The crew without a net


def at_the_form(phone: Page) -> None:
    """The crew's form, with its service worker in place."""
    phone.goto("/crew/form/")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")


def test_work_done_without_a_net_is_kept_and_sent_once(live_server: Any, phone: Page, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"x" * 5000)
    at_the_form(phone)
    bar = phone.locator("[data-outbox]")
    expect(bar).to_be_hidden()
    phone.context.set_offline(True)
    expect(bar).to_contain_text("離線中")
    phone.get_by_label("說明").fill("換燈泡")
    phone.get_by_label("照片").set_input_files(photo)
    phone.get_by_role("button", name="完成").click()
    expect(bar).to_contain_text("1 件等待送出")
    assert outbox_urls.POSTS == {}
    phone.get_by_label("說明").fill("換燈泡與線")
    phone.wait_for_timeout(3100)  # sooner it would be a slip of the hand
    phone.get_by_role("button", name="完成").click()  # the same form again: the same key
    phone.wait_for_function("() => !document.querySelector('form[aria-busy]')")
    expect(bar).to_contain_text("1 件等待送出")
    phone.context.set_offline(False)
    expect(bar).to_be_hidden()
    assert list(outbox_urls.POSTS.values()) == [("換燈泡與線", 5000)]


def test_with_a_net_the_form_goes_at_once(live_server: Any, phone: Page) -> None:
    phone.goto("/crew/form/")
    phone.get_by_label("說明").fill("換燈泡")
    phone.get_by_role("button", name="完成").click()
    expect(phone.get_by_role("heading", name="做好了")).to_be_visible()
    assert [word for word, _ in outbox_urls.POSTS.values()] == ["換燈泡"]


def test_what_the_city_hall_refuses_stays_and_is_shown(live_server: Any, phone: Page) -> None:
    at_the_form(phone)
    phone.context.set_offline(True)
    phone.get_by_label("說明").fill("不行")
    phone.get_by_role("button", name="完成").click()
    bar = phone.locator("[data-outbox]")
    expect(bar).to_contain_text("1 件等待送出")
    outbox_urls.REFUSE.add("不行")
    phone.context.set_offline(False)
    expect(bar).to_contain_text("1 件沒有送成")
    expect(bar.get_by_role("link", name="看看是哪些")).to_have_attribute("href", "/crew/waiting/")
    phone.reload()
    expect(bar).to_contain_text("1 件沒有送成")
    kept = phone.evaluate(
        "outbox.all().then(posts => posts.map(post => [post.state, new Map(post.entries).get('word')]))"
    )
    assert kept == [["refused", "不行"]]


def test_the_crews_pages_open_without_a_net_until_they_sign_out(live_server: Any, phone: Page) -> None:
    at_the_form(phone)
    phone.goto("/crew/done/")  # now through the worker
    phone.wait_for_function("caches.open('crew-pages').then(pages => pages.keys()).then(keys => keys.length > 0)")
    phone.context.set_offline(True)
    phone.goto("/crew/done/")
    expect(phone.get_by_role("heading", name="做好了")).to_be_visible()
    phone.goto("/crew/never-seen/")
    expect(phone.get_by_role("heading", name="現在沒有網路")).to_be_visible()
    phone.context.set_offline(False)
    phone.goto("/crew/form/")
    phone.get_by_role("button", name="登出").click()
    phone.wait_for_url("**/accessibility/")
    assert phone.evaluate("caches.has('crew-pages')") is False
