"""Covering a photo in a real browser: drawn by pointer, moved by keys, and typed where there is no script."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from cases.actions.files import attach
from cases.models import Attachment, Redaction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("live_server")]


@pytest.fixture
def photo(report: Callable[..., Any]) -> Attachment:
    kept = io.BytesIO()
    Image.new("RGB", (800, 600), "#777").save(kept, "JPEG")
    file = SimpleUploadedFile("hole.jpg", kept.getvalue(), content_type="image/jpeg")
    return attach(report(), None, file, phase="report", by_citizen=True)


@pytest.fixture
def enter(photo: Attachment, staff: Callable[..., Any], live_server: Any) -> Callable[[Page], None]:
    """An officer opens the photo."""

    def enter(page: Page) -> None:
        client = Client()
        client.force_login(staff("case_officer", unit="pwb-roads"))
        name = django_settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page.goto(f"/desk/redaction/photos/{photo.token}/")

    return enter


def test_drawn_by_pointer_moved_by_keys_and_sent(page: Page, enter: Callable, axe: Callable[[Page], None]) -> None:
    enter(page)
    box = page.locator(".cover svg").bounding_box()
    x, y, tenth = box["x"], box["y"], (box["width"] / 10, box["height"] / 10)
    page.mouse.move(x + tenth[0], y + tenth[1])
    page.mouse.down()
    page.mouse.move(x + 3 * tenth[0], y + 3 * tenth[1], steps=4)
    page.mouse.up()
    rect = page.locator(".cover rect")
    expect(rect).to_be_focused()
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    axe(page)
    page.get_by_role("button", name="遮蔽並公開這張照片").click()
    page.wait_for_url("**/redaction/")
    (mark,) = Redaction.objects.in_force().get().marks
    assert mark["what"] == "hand"
    drawn = {"x": 110, "y": 110, "width": 210, "height": 200}
    assert all(abs(mark[name] - value) <= 3 for name, value in drawn.items()), mark


def test_deleted_by_key_and_more_rows_than_were_there(page: Page, enter: Callable) -> None:
    enter(page)
    box = page.locator(".cover svg").bounding_box()
    for n in range(3):
        page.mouse.move(box["x"] + 20 + 90 * n, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 80 + 90 * n, box["y"] + 80, steps=3)
        page.mouse.up()
    expect(page.locator(".cover rect")).to_have_count(3)
    page.keyboard.press("Delete")
    expect(page.locator(".cover rect")).to_have_count(2)
    page.get_by_role("button", name="遮蔽並公開這張照片").click()
    page.wait_for_url("**/redaction/")
    assert len(Redaction.objects.in_force().get().marks) == 2


def test_typed_without_a_script(page_without_javascript: Page, enter: Callable) -> None:
    page = page_without_javascript
    enter(page)
    for name, value in {"x": "10", "y": "20", "width": "30", "height": "40.5"}.items():
        page.locator(f"[name={name}]").first.fill(value)
    page.get_by_role("button", name="遮蔽並公開這張照片").click()
    page.wait_for_url("**/redaction/")
    assert Redaction.objects.get().marks == [{"x": 100, "y": 200, "width": 300, "height": 405, "what": "hand"}]
