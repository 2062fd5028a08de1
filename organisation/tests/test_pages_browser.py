"""The organisation's pages in a browser: sound by axe, narrow and wide, in both languages, and without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Page, expect

from foundation.clock import today
from identity.models import User
from organisation.actions import declare_closure
from organisation.calendar import is_official_working_day
from organisation.models import Agency, CalendarOverride, Membership
from tests.browser import DESKTOP, PHONE

NAMAXIA, LINGYA = "64000380", "64000080"


@pytest.fixture
def cast(transactional_db: None, staff: Any) -> dict[str, User]:
    """A controller, an administrator and an officer; a closure to come, and one that was withdrawn."""
    cast = {
        "controller": staff("controller", "rdec-evaluation", name="李研考"),
        "keeper": staff("system_administrator", name="蔡管理"),
        "officer": staff("case_officer", "pwb-roads", name="林佳蓉"),
    }
    Membership.objects.create(
        user=cast["officer"], role="agency_head", agency=Agency.objects.get(code="pwb"), since=today(), until=today()
    )
    day = next_working_day()
    declare_closure(cast["controller"], day, [NAMAXIA, LINGYA], "closed", "豪雨停止上班", "市府公告")
    declare_closure(cast["controller"], today(), None, "morning_closed", "颱風停止上班", "市府公告")
    declare_closure(cast["controller"], today(), None, "closed", "颱風停止上班", "市府公告更正")
    return cast


def next_working_day() -> Any:
    day = today() + timedelta(days=1)
    while not is_official_working_day(day):
        day += timedelta(days=1)
    return day


def enter(page: Page, user: User, address: str) -> None:
    """Sign somebody in without the form, which has tests of its own."""
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])


@pytest.mark.parametrize(
    ("viewport", "scheme", "language"),
    [(PHONE, "dark", "en"), (DESKTOP, "light", "zh-hant")],
    ids=["phone", "desktop"],
)
def test_every_page_is_sound(
    viewport: Any, scheme: Any, language: str, cast: dict[str, User], open_page: Callable[..., Page], axe: Any,
    live_server: Any,
) -> None:  # fmt: skip
    page = open_page(viewport=viewport, color_scheme=scheme)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])

    def sound(address: str = "") -> None:
        if address:
            page.goto(address)
        page.wait_for_load_state()
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], page.url

    sound("/calendar/")
    page.locator("details.more summary").click()
    sound()
    sound("/calendar/2022/")
    sound("/agencies/")
    page.locator("details summary").nth(1).click()
    sound()
    sound("/agencies/?q=nothing-of-the-kind")
    enter(page, cast["controller"], live_server.url)
    sound("/calendar/")
    sound("/calendar/closures/new/")
    page.locator("button[value=check]").click()
    expect(page.locator(".error-summary")).to_be_focused()
    sound()
    page.locator("input[name=kind][value=closed]").check()
    page.locator("#id_day").fill(f"{next_working_day()}")
    page.locator("#id_reason").fill("颱風停止上班")
    page.locator("#id_source").fill("市府公告")
    page.locator("button[value=check]").click()
    sound()
    row = CalendarOverride.objects.in_force().get(district=NAMAXIA)
    sound(f"/calendar/closures/{row.pk}/revocation/")
    enter(page, cast["keeper"], live_server.url)
    sound(f"/people/{cast['keeper'].pk}/roles/")
    sound(f"/people/{cast['officer'].pk}/roles/")
    page.locator("main form button").click()
    sound()
    page.locator("a[href$='/dismissal/']").first.click()
    sound()


def test_a_closure_is_declared_and_withdrawn_without_a_script(
    cast: dict[str, User], page_without_javascript: Page, live_server: Any
) -> None:
    page = page_without_javascript
    enter(page, cast["controller"], live_server.url)
    page.goto("/calendar/")
    page.get_by_role("link", name="宣告停班").click()
    page.get_by_label("日期").fill(f"{next_working_day()}")
    page.get_by_label("下午停止上班").check()
    page.get_by_label("部分行政區", exact=True).check()
    page.get_by_label("旗山區").check()
    page.get_by_label("理由").fill("淹水停止上班")
    page.get_by_label("依據").fill("旗山區公所公告")
    page.get_by_role("button", name="繼續").click()
    page.get_by_role("button", name="回去修改").click()
    expect(page.get_by_label("旗山區")).to_be_checked()
    page.get_by_label("杉林區").check()
    page.get_by_role("button", name="繼續").click()
    page.get_by_role("button", name="宣告").click()
    row = page.locator(".closures tr", has_text="淹水停止上班")
    expect(row).to_contain_text("旗山區、杉林區")
    assert CalendarOverride.objects.in_force().filter(reason="淹水停止上班").count() == 2
    row.get_by_role("link").click()
    page.get_by_label("旗山區").uncheck()
    page.get_by_label("撤回的理由").fill("杉林區未淹水")
    page.get_by_role("button", name="撤回宣告").click()
    expect(page.locator(".closures tr", has_text="淹水停止上班")).not_to_contain_text("杉林區")
    assert [each.district.name for each in CalendarOverride.objects.in_force().filter(reason="淹水停止上班")] == [
        "旗山區"
    ]


def test_an_administrator_appoints_and_dismisses_without_a_script(
    cast: dict[str, User], page_without_javascript: Page, live_server: Any
) -> None:
    page, officer = page_without_javascript, cast["officer"]
    enter(page, cast["keeper"], live_server.url)
    page.goto(f"/people/{officer.pk}/")
    page.get_by_role("link", name="任職與權限").click()
    page.get_by_label("單位主管").check()
    page.get_by_label("任職處").select_option("unit:pwb-lights")
    page.get_by_label("職稱").select_option("科長")
    page.get_by_role("button", name="任職").click()
    present = page.locator("section[aria-labelledby=present]")
    expect(present).to_contain_text("單位主管")
    expect(present).to_contain_text("工務局 養護工程處路燈維護科，科長")
    present.locator("li", has_text="承辦人員").get_by_role("link").click()
    page.get_by_label("最後一天").fill(f"{today() - timedelta(days=1)}")
    page.get_by_role("button", name="結束任職").click()
    expect(page.locator("section[aria-labelledby=past]")).to_contain_text("承辦人員")
    expect(present).not_to_contain_text("承辦人員")
