"""Reporting and tracking in a real browser: on a phone with a script, and without one; axe on every page."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from cases.actions.files import attach
from cases.models import Attachment, Case, Contact
from servicerequests.tests.office import act, done, link
from servicerequests.tests.walking import IN_LINGYA, picture
from tests.browser import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def on_a_phone(open_page: Callable[..., Page], live_server: Any, city: None) -> Page:
    """A phone that knows where it is."""
    lon, lat = IN_LINGYA
    return open_page(
        viewport=PHONE, has_touch=True, is_mobile=True,
        geolocation={"longitude": lon, "latitude": lat}, permissions=["geolocation"],
    )  # fmt: skip


def big_photo(at: tuple[float, float]) -> dict[str, Any]:
    """A photo as phones take them: larger than what is sent, so the page makes it smaller."""
    small = Image.open(picture(at=at))
    image = Image.new("RGB", (4000, 3000), "#667")
    drawing = ImageDraw.Draw(image)
    for x in range(0, 4000, 8):  # so that it is heavy
        drawing.line((x, 0, 4000 - x, 3000), fill=(x % 256, x * 7 % 256, x * 13 % 256), width=2)
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=92, exif=small.getexif())
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def test_from_the_hole_in_the_road_to_its_number_on_a_phone(on_a_phone: Page, axe: Callable[[Page], None]) -> None:
    page = on_a_phone
    page.goto("/report/")
    axe(page)
    page.get_by_label("用自己的話說說看").fill("馬路上有一個大洞")
    page.get_by_role("button", name="下一步").click()
    axe(page)
    page.locator(".kinds-found").get_by_role("button", name="路面坑洞").click()
    axe(page)
    page.get_by_role("button", name="繼續").click()
    expect(page.get_by_role("alert")).to_be_focused()
    axe(page)
    page.get_by_label("車輪大小").check()
    page.get_by_role("button", name="繼續").click()
    axe(page)
    expect(page.locator("[data-map][data-ready]")).to_be_visible()
    page.get_by_role("button", name="用我現在的位置").click()
    expect(page.locator("#id_point")).to_have_value("22.620800, 120.312000")
    page.get_by_role("button", name="繼續").click()
    axe(page)
    page.locator("#id_photos").set_input_files([big_photo(IN_LINGYA)])
    expect(page.locator(".files-chosen li")).to_have_count(1)
    expect(page.locator("[data-files]")).not_to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="繼續").click()
    axe(page)
    page.get_by_label("電子郵件").fill("wang@example.com")
    page.get_by_role("button", name="繼續").click()
    axe(page)
    page.get_by_role("button", name="送出通報").click()
    expect(page.get_by_role("heading", name="已收到您的通報")).to_be_visible()
    axe(page)
    case = Case.objects.get()
    assert str(case.number) in page.locator(".panel").inner_text()
    assert (case.lon, case.lat) == pytest.approx(IN_LINGYA)
    assert Contact.objects.get().email == "wang@example.com"
    photo = Attachment.objects.get(case=case)
    assert photo.size < 2_500_000  # made smaller before it was sent
    page.get_by_role("link", name="看進度").click()
    expect(page.get_by_role("heading", name="路面坑洞")).to_be_visible()
    axe(page)
    picture_shown = page.locator(".photos img").first
    assert picture_shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_a_photo_made_smaller_still_offers_its_place(on_a_phone: Page, axe: Callable[[Page], None]) -> None:
    page = on_a_phone
    page.goto("/report/pothole/")
    page.get_by_label("車輪大小").check()
    page.get_by_role("button", name="繼續").click()
    page.get_by_label("地址或路口").fill("苓雅區三多三路")
    page.get_by_role("button", name="繼續").click()
    page.locator("#id_photos").set_input_files([big_photo(IN_LINGYA)])
    expect(page.locator("[data-position]")).to_have_value(re.compile(r"22\.620\d+, 120\.31\d+"))
    expect(page.locator("[data-files]")).not_to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="繼續").click()
    expect(page.get_by_text("照片記錄了拍攝位置，在苓雅區")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="用照片的位置").click()
    page.get_by_role("button", name="繼續").click()
    page.get_by_role("button", name="繼續").click()
    assert "地圖座標 22.620" in page.locator(".answers").inner_text()


def test_the_other_language_takes_along_what_was_typed(on_a_phone: Page) -> None:
    page = on_a_phone
    page.goto("/report/pothole/")
    page.get_by_label("車輪大小").check()
    page.locator("#id_description").fill("在公車站前面")
    page.get_by_text("選單").click()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="What is the problem?")).to_be_visible()
    expect(page.locator("#id_description")).to_have_value("在公車站前面")
    expect(page.get_by_label("The size of a wheel")).to_be_checked()
    expect(page.locator(".error-summary")).to_have_count(0)


def test_the_browsers_back_button_leads_to_what_was_typed(on_a_phone: Page) -> None:
    page = on_a_phone
    page.goto("/report/pothole/")
    page.get_by_label("車輪大小").check()
    page.get_by_role("button", name="繼續").click()
    page.get_by_label("地址或路口").fill("苓雅區三多三路")
    page.get_by_role("button", name="繼續").click()
    expect(page.get_by_role("heading", name="有照片嗎？")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="在哪裡？")).to_be_visible()
    expect(page.get_by_label("地址或路口")).to_have_value("苓雅區三多三路")


def test_a_map_click_and_the_text_box_agree(on_a_phone: Page) -> None:
    page = on_a_phone
    page.goto("/report/pothole/")
    page.get_by_label("車輪大小").check()
    page.get_by_role("button", name="繼續").click()
    page.locator("[data-map][data-ready]").click(position={"x": 150, "y": 160})
    assert re.fullmatch(r"2\d\.\d{6}, 12\d\.\d{6}", page.locator("#id_point").input_value())
    page.get_by_text("用地圖座標").click()
    page.locator("#id_point").fill("22.6208, 120.3120")
    page.locator("#id_point").blur()
    expect(page.locator("[data-map-words]")).to_contain_text("22.620800, 120.312000")


def test_without_a_script_everything_is_there(
    open_page: Callable[..., Page], live_server: Any, city: None, axe: Callable[[Page], None]
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/report/")
    page.get_by_role("link", name="路燈不亮").click()
    page.get_by_label("忽明忽滅").check()
    page.get_by_role("button", name="繼續").click()
    expect(page.locator("[data-map]")).to_be_hidden()
    page.get_by_label("地址或路口").fill("中正四路 211 號")
    page.get_by_label("行政區").select_option(label="前金區")
    page.get_by_role("button", name="繼續").click()
    page.locator("#id_photos").set_input_files(
        [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture().read()}]
    )
    page.get_by_role("button", name="加入照片").click()
    expect(page.locator(".photos-kept img")).to_have_count(1)
    page.get_by_role("button", name="繼續").click()
    page.get_by_role("button", name="繼續").click()
    page.get_by_role("button", name="送出通報").click()
    expect(page.get_by_role("heading", name="已收到您的通報")).to_be_visible()
    assert str(Case.objects.get().district) == "前金區"


def test_pages_of_tracking_have_no_barriers(
    page: Page, live_server: Any, city: None, axe: Callable[[Page], None]
) -> None:
    page.goto("/track/")
    axe(page)
    page.goto("/track/D111-0000000/")
    expect(page.get_by_role("heading", name="找不到這件案件")).to_be_visible()
    axe(page)


def test_the_page_of_a_case_has_no_barriers_in_any_state(
    page: Page, live_server: Any, filed: Callable[..., Case], axe: Callable[[Page], None]
) -> None:
    case = filed()
    attach(case, None, picture(), phase="report", by_citizen=True)
    page.goto(f"/track/{case.number}/")
    axe(page)
    act(case, "take")
    act(case, "ask", text="請問是哪一個車道？")
    page.goto(link(case))
    page.get_by_role("button", name="送出補充").click()
    expect(page.get_by_role("alert")).to_be_focused()
    axe(page)
    page.get_by_label("您的補充").fill("慢車道")
    page.get_by_role("button", name="送出補充").click()
    expect(page.get_by_text("已收到您的補充")).to_be_visible()
    done(case)
    page.goto(link(case))
    page.get_by_text("沒有處理好，要求重新處理").click()
    axe(page)
    page.get_by_label("4 分，滿意").check()
    page.get_by_role("button", name="送出評分").click()
    expect(page.get_by_role("heading", name="您給了 4 分")).to_be_visible()
    axe(page)


def test_no_page_is_wider_than_a_phone(
    open_page: Callable[..., Page], live_server: Any, filed: Callable[..., Case]
) -> None:
    page = open_page(viewport=PHONE)
    case = filed(description="長" * 400 + "x" * 200, address="三多三路" * 20)
    for address in ("/report/", "/report/petition/", "/track/", f"/track/{case.number}/", link(case)):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
