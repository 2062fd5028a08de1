"""Pushes in a real Chromium: the page asks, the city hall encrypts, the service worker shows.

Headless Chromium reaches no push service of its own, so ``PushManager.subscribe`` hands out a subscription of the one
on loopback; what that has decrypted is put into the browser's real service worker by its debugger.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from foundation import jobs
from messages.models import Device, Watch
from messages.testing_phones import PushService, awake, push_service
from servicerequests.tests.office import done, link
from tests.browser import PHONE

__all__ = ["awake", "push_service"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("awake")]

SUBSCRIBED = """(() => {
  let known = null;
  PushManager.prototype.subscribe = async function ({ userVisibleOnly, applicationServerKey }) {
    if (!userVisibleOnly) throw new DOMException("silent pushes", "NotAllowedError");
    const unsubscribe = async () => ((known = null), true);
    const options = { applicationServerKey: applicationServerKey.buffer };
    known = { ...%s, options, unsubscribe, toJSON: () => (%s) };
    const raw = btoa(String.fromCharCode(...applicationServerKey));
    window.asked = raw.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    return known;
  };
  PushManager.prototype.getSubscription = async () => known;
})();"""

# The notices on the screen; waits five seconds for the first.
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/app/");
  for (let tries = 0; tries < 50; tries += 1) {
    const shown = await registration.getNotifications();
    if (shown.length) return shown.map(({ title, body, data }) => ({ title, body, url: data.url }));
    await new Promise((done) => setTimeout(done, 100));
  }
  return [];
}"""


@pytest.fixture
def browser_of(live_server: Any, open_page: Callable[..., Page], push_service: PushService) -> Callable[..., Page]:
    """``browser_of("granted")``: somebody's phone, with the push service of the tests behind it."""

    def browser_of(permission: str = "granted") -> Page:
        page = open_page(viewport=PHONE, permissions=["notifications"] if permission == "granted" else [])
        asked = json.dumps(push_service.subscribe())
        page.context.add_init_script(SUBSCRIBED % (asked, asked))
        return page

    return browser_of


def test_a_device_asks_hears_and_stops(browser_of, filed, push_service, axe, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    case, page = filed(), browser_of()
    page.goto(link(case))
    start = page.get_by_role("button", name="用這支裝置收通知")
    expect(start).to_be_visible()
    axe(page)
    start.click()
    expect(page.get_by_role("status").filter(has_text="這一件有進度時")).to_be_visible()
    assert page.evaluate("window.asked") == push_service.public_key
    assert Watch.objects.get().topic_id == case.pk
    done(case)
    jobs.perform_waiting()
    (got,) = [each for each in push_service.pushes if "已處理" in each.shown["title"]]

    shown = _into_the_browser(page, live_server.url, got.shown)
    assert shown == [{"title": got.shown["title"], "body": got.shown["body"], "url": live_server.url + link(case)}]

    page.reload()
    expect(page.get_by_role("status").filter(has_text="這一件有進度時")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_stops_is_forgotten(browser_of, filed, push_service):
    case, page = filed(), browser_of()
    page.goto(link(case))
    page.get_by_role("button", name="用這支裝置收通知").click()
    stop = page.get_by_role("button", name="這支裝置不再收通知")
    expect(stop).to_be_visible()
    assert Device.objects.count() == 1
    stop.click()
    expect(page.get_by_role("button", name="用這支裝置收通知")).to_be_visible()
    assert not Device.objects.exists()


def test_the_app_listens_for_all_that_the_phone_remembers(browser_of, filed, push_service, axe):
    one, other, page = filed(), filed(), browser_of()
    page.goto("/app/")
    kept = [{"number": str(case.number), "code": case.secret, "kind": "路面坑洞"} for case in (one, other)]
    page.evaluate("(kept) => localStorage.setItem('cityhall-kept', JSON.stringify(kept))", kept)
    page.goto("/app/notices/")
    page.get_by_role("button", name="用這支裝置收通知").click()
    expect(page.get_by_role("status").filter(has_text="記在這支手機的案件有進度時")).to_be_visible()
    axe(page)
    assert set(Watch.objects.values_list("topic_id", flat=True)) == {one.pk, other.pk}
    page.get_by_role("button", name="這支裝置不再收通知").click()
    expect(page.get_by_role("button", name="用這支裝置收通知")).to_be_visible()
    assert not Watch.objects.exists()


def test_where_the_browser_blocks_notices_the_page_says_what_to_do(browser_of, filed, push_service):
    page = browser_of("denied")
    page.context.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    page.goto(link(filed()))
    expect(page.get_by_text("您的瀏覽器封鎖了這個網站的通知")).to_be_visible()
    expect(page.get_by_role("button", name="用這支裝置收通知")).to_be_hidden()


def test_when_the_city_hall_does_not_take_it_the_page_says_so(browser_of, filed, push_service, settings):
    case, page = filed(), browser_of()
    page.goto(link(case))
    settings.PUSH_SERVICES = ["push.example"]
    page.get_by_role("button", name="用這支裝置收通知").click()
    expect(page.get_by_text("這次沒有設定成功")).to_be_visible()
    assert not Device.objects.exists()


def test_without_a_script_there_is_nothing_to_press(page_without_javascript, live_server, filed, push_service):
    page_without_javascript.goto(link(filed()))
    expect(page_without_javascript.get_by_role("button", name="用這支裝置收通知")).to_be_hidden()


def _into_the_browser(page: Page, origin: str, content: dict[str, Any]) -> list[dict[str, str]]:
    """Deliver a push to the page's real service worker, and what notices it shows then.

    A busy browser may drop what comes while its worker starts, as a push service would find out and send again: so does
    this. Notices of one tag replace each other, so that what came twice is still one.
    """
    assert content["tag"]
    debugger = page.context.new_cdp_session(page)
    found: list[str] = []
    debugger.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(each["registrationId"] for each in told["registrations"] if not each["isDeleted"]),
    )
    debugger.send("ServiceWorker.enable")
    for _ in range(100):
        if found:
            break
        page.wait_for_timeout(100)
    message = {"origin": origin, "registrationId": found[0], "data": json.dumps(content, ensure_ascii=False)}
    for _ in range(6):
        debugger.send("ServiceWorker.deliverPushMessage", message)
        if shown := page.evaluate(SHOWN):
            return shown
    return []
