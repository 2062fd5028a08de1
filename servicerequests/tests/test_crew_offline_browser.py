"""The crew's phone with the net cut: work is kept, sent once and in order, and nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Error, Page, expect

from cases.actions.performing import perform
from cases.models import Attachment, Case, CaseEvent
from identity.models import User
from organisation import directory
from servicerequests.models import Job, MaterialUse
from servicerequests.tests.walking import picture

pytestmark = pytest.mark.django_db(transaction=True)

CREW, OTHER_CREW = "pwb-road-crew-1", "pwb-road-crew-2"


@pytest.fixture
def officer(staff: Callable[..., User]) -> User:
    return staff("unit_head", "pwb-roads", name="陳科長")


@pytest.fixture
def sent(report: Callable[..., Case], officer: User) -> Callable[..., Job]:
    def sent(**facts: Any) -> Job:
        case = report("pothole", **facts)
        perform(officer, case.pk, "dispatch", crew=directory.unit(CREW))
        return Job.objects.get(case=case, ended_at=None)

    return sent


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "after.jpg"
    path.write_bytes(picture("black").read())
    return path


def signed_in(page: Page, user: User) -> Page:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": base_of(page)}])
    return page


def base_of(page: Page) -> str:
    page.goto("/healthz")
    return page.url.removesuffix("healthz")


@pytest.fixture
def me(staff: Callable[..., User]) -> User:
    return staff("crew", CREW, name="王小組")


@pytest.fixture
def ready(live_server: Any, phone: Page, me: User) -> Callable[[], Page]:
    """``ready()``: the phone of a member of the crew who has looked at today's jobs with a net."""

    def ready() -> Page:
        signed_in(phone, me).goto("/crew/")
        phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
        phone.reload()
        phone.wait_for_function("() => document.documentElement.dataset.kept")
        return phone

    return ready


def bar(page: Page):
    return page.locator("[data-outbox]")


def until_left(page: Page, number: int) -> None:
    """Wait until so many posts are left in the phone."""
    for _i in range(100):
        with suppress(Error):  # the page comes anew when something was sent
            if page.evaluate("outbox.all().then(posts => posts.length)") == number:
                return
        page.wait_for_timeout(100)
    raise AssertionError(f"never {number} posts")


def verbs_of(job: Job) -> list[str]:
    return [event.verb for event in CaseEvent.objects.filter(case=job.case_id).told()][2:]


def finish(page: Page, job: Job, photo: Path, words: str = "已補平") -> None:
    page.goto(f"/crew/jobs/{job.pk}/finish/")
    page.get_by_label("處理情形").fill(words)
    page.get_by_label("冷拌瀝青（包）").fill("3")
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.locator(".files-chosen li")).to_have_count(1)
    page.wait_for_function("() => !document.querySelector('[data-files][aria-busy]')")
    page.get_by_role("button", name="送出完成回報").click()
    page.wait_for_url("**/crew/")


def whole_job(page: Page, job: Job, photo: Path) -> None:
    """Accept, arrive and finish, each with the one big button."""
    page.goto(f"/crew/jobs/{job.pk}/")
    for verb in ("接案，出發", "我到了"):
        with page.expect_navigation():  # what is kept is shown at once, and then the page comes anew
            page.get_by_role("button", name=verb).click()
    expect(page.get_by_role("link", name="回報完成")).to_be_visible()
    finish(page, job, photo)


def test_a_whole_job_without_a_net_is_sent_in_order_once(sent, ready, photo, axe) -> None:
    job = sent(description="機車道上有一個洞")
    phone = ready()
    phone.context.set_offline(True)
    phone.goto("/crew/")
    expect(bar(phone)).to_contain_text("離線中")
    phone.get_by_role("link", name="路面坑洞").first.click()
    expect(phone.get_by_text("機車道上有一個洞")).to_be_visible()
    expect(phone.locator("[data-map=points]")).to_have_attribute("data-ready", "")
    whole_job(phone, job, photo)
    expect(bar(phone)).to_contain_text("3 件等待送出")
    expect(phone.locator("[data-job-waits]").first).to_contain_text("已記下，等網路送出")
    assert verbs_of(job) == []
    phone.goto("/crew/waiting/")
    expect(phone.locator("article.card")).to_have_count(3)
    expect(phone.get_by_text("已補平")).to_be_visible()
    axe(phone)
    phone.context.set_offline(False)
    expect(bar(phone)).to_be_hidden()
    expect(phone.get_by_text("都送出了。")).to_be_visible()
    assert verbs_of(job) == ["accept", "arrive", "finish"]
    assert Attachment.objects.get(case=job.case_id).phase == "after"
    use = MaterialUse.objects.get()
    assert (use.material, use.amount, use.job_id) == ("cold_mix", 3, job.pk)


def test_a_tab_that_is_killed_loses_nothing(sent, ready, photo) -> None:
    job = sent()
    phone = ready()
    context = phone.context
    context.set_offline(True)
    whole_job(phone, job, photo)
    expect(bar(phone)).to_contain_text("3 件等待送出")
    phone.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto("/crew/")
    expect(bar(again)).to_be_hidden()
    until_left(again, 0)
    assert verbs_of(job) == ["accept", "arrive", "finish"]


def test_the_worker_sends_when_no_page_of_the_crew_is_open(sent, ready) -> None:
    """Background Sync, as the browser fires it when the net is back; no page of the crew's is there to do it."""
    job = sent()
    phone = ready()
    context = phone.context
    workers = context.new_cdp_session(phone)
    registrations: list[dict] = []
    workers.on("ServiceWorker.workerRegistrationUpdated", lambda told: registrations.extend(told["registrations"]))
    workers.send("ServiceWorker.enable")
    phone.wait_for_timeout(300)
    context.set_offline(True)
    phone.goto(f"/crew/jobs/{job.pk}/")
    with phone.expect_navigation():  # the page comes anew, which would end the next one's coming
        phone.get_by_role("button", name="接案，出發").click()
    expect(bar(phone)).to_contain_text("1 件等待送出")
    origin = "/".join(phone.url.split("/")[:3])
    phone.goto("about:blank")
    context.set_offline(False)
    sync = {
        "origin": origin,
        "registrationId": registrations[0]["registrationId"],
        "tag": "outbox",
        "lastChance": False,
    }
    for _i in range(10):  # a browser asks again too when the worker says that some still wait
        workers.send("ServiceWorker.dispatchSyncEvent", sync)
        phone.wait_for_timeout(1000)
        if verbs_of(job):
            break
    assert verbs_of(job) == ["accept"]


def test_the_same_queue_sent_twice_is_done_once(sent, ready, photo) -> None:
    job = sent()
    phone = ready()
    phone.context.set_offline(True)
    whole_job(phone, job, photo)
    expect(bar(phone)).to_contain_text("3 件等待送出")
    phone.evaluate("outbox.all().then(posts => { window.copy = posts })")
    phone.context.set_offline(False)
    expect(bar(phone)).to_be_hidden()
    phone.wait_for_load_state()
    # What a phone would do whose answers were lost on the way back: everything once more.
    phone.context.set_offline(True)
    phone.goto("/crew/waiting/")
    assert verbs_of(job) == ["accept", "arrive", "finish"]
    events = CaseEvent.objects.filter(case=job.case_id).order_by("pk")
    keys = [event.data["key"] for event in events if "key" in event.data]
    phone.evaluate(
        """([pk, keys, person]) => Promise.all(["accept", "arrive", "finish"].map((verb, at) => outbox.put({
            url: `${location.origin}/crew/jobs/${pk}/${verb}/`, key: keys[at], group: `/crew/jobs/${pk}/`, label: verb,
            page: location.href, person, at: Date.now(),
            entries: [["idempotency_key", keys[at]], ["text", "又一次"], ["outcome", "fixed"],
                      ["photos", new File([new Uint8Array(3)], "x.txt")]].slice(0, verb === "finish" ? 3 : 1),
        })))""",
        [job.pk, keys, phone.locator("[data-outbox]").get_attribute("data-person")],
    )
    phone.reload()
    expect(bar(phone)).to_contain_text("3 件等待送出")
    phone.context.set_offline(False)
    expect(bar(phone)).to_be_hidden()
    assert verbs_of(job) == ["accept", "arrive", "finish"]
    assert Attachment.objects.filter(case=job.case_id).count() == 1


def test_a_job_that_was_given_to_others_is_not_overwritten(sent, ready, photo, officer) -> None:
    job, other = sent(), sent(description="另一個洞")
    phone = ready()
    phone.context.set_offline(True)
    whole_job(phone, job, photo)
    phone.goto(f"/crew/jobs/{other.pk}/")
    phone.get_by_role("button", name="接案，出發").click()
    expect(bar(phone)).to_contain_text("4 件等待送出")
    perform(officer, job.case_id, "dispatch", crew=directory.unit(OTHER_CREW))
    phone.context.set_offline(False)
    # One stuck, two behind it; the other job is not kept waiting.
    expect(bar(phone)).to_contain_text("1 件沒有送成")
    until_left(phone, 3)
    phone.goto(f"/crew/jobs/{job.pk}/")
    expect(phone.locator("[data-job-waits]").first).to_contain_text("還沒送成，等您決定：接案")
    assert verbs_of(other) == ["accept"] and verbs_of(job) == ["dispatch"]
    bar(phone).get_by_role("link", name="看看是哪些").click()
    first = phone.locator("article.card").first
    expect(first).to_contain_text("案件有變動")
    expect(first).to_contain_text("養護工程處道路二隊")
    expect(first).to_contain_text("已派工")
    expect(first.get_by_role("button", name="看過了，照樣送出")).to_be_hidden()
    expect(phone.locator("article.card").nth(2)).to_contain_text("等前一件先解決")
    # The crew throws the first two away and leaves what it did as a note.
    for _i in range(2):
        phone.locator("article.card").first.get_by_role("button", name="丟掉這一件").click()
        phone.locator("article.card").first.get_by_role("button", name="再按一次就丟掉").click()
    expect(phone.locator("article.card")).to_have_count(1)
    phone.reload()
    last = phone.locator("article.card").first
    expect(last).to_contain_text("案件有變動")
    expect(last).to_contain_text("已補平")
    last.get_by_role("button", name="改成留給承辦單位的紀錄").click()
    expect(phone.get_by_text("都送出了。")).to_be_visible()
    expect(bar(phone)).to_be_hidden(timeout=5_000)  # at once, and not when it looks anew half a minute later
    note = CaseEvent.objects.filter(case=job.case_id).told().last()
    assert note.verb == "comment" and "已補平" in note.text and not note.is_public
    assert note.actor_label == directory.unit(CREW).name
    case = Case.objects.get(pk=job.case_id)
    assert case.state == "dispatched" and Attachment.objects.get(case=case).phase == "other"


def test_what_a_colleague_changed_can_be_sent_all_the_same(sent, ready, staff) -> None:
    job = sent()
    phone = ready()
    phone.context.set_offline(True)
    phone.goto(f"/crew/jobs/{job.pk}/")
    phone.get_by_role("button", name="接案，出發").click()
    colleague = staff("crew", CREW, name="李小組")
    perform(colleague, job.case_id, "accept")
    phone.context.set_offline(False)
    expect(bar(phone)).to_contain_text("1 件沒有送成")
    job.refresh_from_db()
    assert job.accepted_by == colleague
    bar(phone).get_by_role("link", name="看看是哪些").click()
    phone.get_by_role("button", name="看過了，照樣送出").click()
    expect(phone.get_by_text("都送出了。")).to_be_visible()
    job.refresh_from_db()
    assert job.accepted_by != colleague and verbs_of(job) == ["accept", "accept"]


def test_what_was_refused_is_opened_mended_and_sent(sent, ready, photo) -> None:
    job = sent()
    phone = ready()
    phone.context.set_offline(True)
    phone.goto(f"/crew/jobs/{job.pk}/")
    for verb in ("接案，出發", "我到了"):
        with phone.expect_navigation():
            phone.get_by_role("button", name=verb).click()
    expect(phone.get_by_role("link", name="回報完成")).to_be_visible()
    phone.goto(f"/crew/jobs/{job.pk}/finish/")
    phone.get_by_label("處理情形").fill("忘了拍照")
    phone.get_by_role("button", name="送出完成回報").click()
    phone.wait_for_url("**/crew/")
    phone.context.set_offline(False)
    expect(bar(phone)).to_contain_text("1 件沒有送成")
    assert verbs_of(job) == ["accept", "arrive"]
    bar(phone).get_by_role("link", name="看看是哪些").click()
    expect(phone.get_by_text("請附一張完工後的照片")).to_be_visible()
    phone.get_by_role("link", name="打開修改").click()
    expect(phone.get_by_label("處理情形")).to_have_value("忘了拍照")
    phone.locator("input[type=file]").set_input_files(photo)
    phone.wait_for_function("() => !document.querySelector('[data-files][aria-busy]')")
    phone.get_by_role("button", name="送出完成回報").click()
    phone.wait_for_url("**/crew/")
    assert verbs_of(job) == ["accept", "arrive", "finish"]
    expect(bar(phone)).to_be_hidden()


def test_signing_out_asks_first_and_then_leaves_nothing(sent, ready) -> None:
    job = sent()
    phone = ready()
    phone.context.set_offline(True)
    phone.goto(f"/crew/jobs/{job.pk}/")
    phone.get_by_role("button", name="接案，出發").click()
    expect(phone.get_by_role("button", name="我到了")).to_be_visible()
    expect(bar(phone)).to_contain_text("1 件等待送出")
    phone.evaluate("outbox.flush = async () => 1")  # a net that is there and takes nothing
    phone.locator(".nav-person > summary").click()
    phone.get_by_role("button", name="登出").click()
    expect(phone.get_by_text("這支手機還有 1 件沒有送出")).to_be_visible()
    phone.evaluate("outbox.all().then(([{ id, ...post }]) => outbox.put(post))")  # another tab keeps one more
    phone.get_by_role("button", name="登出").click()
    expect(phone.get_by_text("這支手機還有 2 件沒有送出")).to_be_visible()
    phone.evaluate("outbox.all().then((posts) => outbox.drop(posts[1].id)).then(() => outbox.news.postMessage({}))")
    expect(phone.get_by_text("這支手機還有 1 件沒有送出")).to_be_visible()
    phone.context.set_offline(False)
    phone.get_by_role("button", name="登出").click()
    phone.wait_for_url(lambda url: "/crew/" not in url)
    assert phone.evaluate("caches.has('crew-pages')") is False
    left = """() => new Promise(done => {
        const request = indexedDB.open("cityhall-outbox");
        request.onupgradeneeded = () => { request.transaction.abort(); done(0); };
        request.onsuccess = () => {
            const count = request.result.transaction("posts").objectStore("posts").count();
            count.onsuccess = () => done(count.result);
        };
    })"""
    assert phone.evaluate(left) == 0


def test_only_todays_jobs_are_kept_and_what_has_ended_goes(sent, ready, officer, report) -> None:
    job = sent()
    phone = ready()
    names = "caches.open('crew-pages').then(c => c.keys()).then(all => all.map(one => new URL(one.url).pathname))"
    assert f"/crew/jobs/{job.pk}/finish/" in phone.evaluate(names)
    perform(officer, job.case_id, "merge", into=report())
    phone.reload()
    phone.wait_for_function("() => document.documentElement.dataset.kept === '0'")
    assert not [name for name in phone.evaluate(names) if name.startswith("/crew/jobs/")]
