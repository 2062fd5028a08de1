"""The first complete line: a citizen's report is filed, dispatched, done, told, rated, counted and printed.

One journey through every layer of the house, by the pages alone; once with scripts, once without.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from cases.models import Case
from dashboard.actions import load_boards
from figures import actions as figures
from foundation import jobs
from foundation.clock import today
from identity.models import User
from messages.models import Message
from messages.testing import SmtpServer
from servicerequests.tests.walking import IN_LINGYA, picture
from tests.browser import DESKTOP, PHONE
from tests.journeys.conftest import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CITIZEN = "wang@example.com"
CREW = "養護工程處道路一隊"
DONE = "已用冷料填補並壓實，恢復通行。"


def photo(colour: str, name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": picture(colour).read()}


@dataclass
class Line:
    """The journey's people with their browsers. ``script`` is whether these run scripts."""

    open_page: Callable[..., Page]
    mail: SmtpServer
    script: bool
    number: str = ""
    code: str = ""
    _pages: dict[str, Page] = field(default_factory=dict)

    def page(self, who: str, **options: Any) -> Page:
        """Somebody's browser, opened when they first come."""
        if who not in self._pages:
            self._pages[who] = self.open_page(java_script_enabled=self.script, **options)
        return self._pages[who]

    @property
    def citizen(self) -> Page:
        lon, lat = IN_LINGYA
        here = {"geolocation": {"longitude": lon, "latitude": lat}, "permissions": ["geolocation"]}
        return self.page("citizen", viewport=PHONE, has_touch=True, is_mobile=True, **here)

    @property
    def officer(self) -> Page:
        return self.page("officer", viewport=DESKTOP)

    @property
    def crew(self) -> Page:
        return self.page("crew", viewport=PHONE, has_touch=True, is_mobile=True)

    @property
    def stranger(self) -> Page:
        return self.page("stranger", viewport=DESKTOP)

    def sign_in(self, page: Page, user: User, arrives: str) -> None:
        page.goto("/sign-in/")
        page.get_by_label("帳號").fill(user.username)
        page.get_by_label("密碼").fill(PASSWORD)
        page.get_by_role("button", name="登入", exact=True).click()
        page.wait_for_url(f"**{arrives}")

    def letter(self, *told: str) -> Any:
        """The newest letter, after the jobs that wait were done; ``told`` are the notices of all letters so far."""
        jobs.perform_waiting()
        assert list(Message.objects.order_by("pk").values_list("notice", "state")) == [
            (f"servicerequests.{notice}", "sent") for notice in told
        ]
        mails = self.mail.mails
        assert len(mails) == len(told) and all(mail.recipients == [CITIZEN] for mail in mails)
        assert self.number in mails[-1].subject
        return mails[-1]

    def link_in(self, letter: Any) -> str:
        """The address that a letter leads to."""
        return re.search(r"https?://\S+/track/\S+", letter.text)[0]

    # -- The stations ------------------------------------------------------------------------------------------------

    def a_citizen_reports_a_hole_in_the_road(self) -> None:
        page = self.citizen
        page.goto("/")
        page.get_by_label("描述問題").fill("馬路上有一個大洞，機車差點摔倒")
        page.get_by_role("button", name="下一步").click()
        page.locator(".kinds-found").get_by_role("button", name="路面坑洞").click()
        expect(page.get_by_label("還有什麼要讓我們知道的")).to_have_value("馬路上有一個大洞，機車差點摔倒")
        page.get_by_label("車輪大小").check()
        page.get_by_role("button", name="繼續").click()
        if self.script:
            expect(page.locator("[data-map][data-ready]")).to_be_visible()
            page.get_by_role("button", name="用我現在的位置").click()
            expect(page.locator("#id_point")).to_have_value("22.620800, 120.312000")
        page.get_by_label("地址或路口").fill("苓雅區四維三路 2 號前")
        page.get_by_role("button", name="繼續").click()
        page.locator("#id_photos").set_input_files([photo("gray", "hole.jpg")])
        page.get_by_role("button", name="加入照片").click()
        expect(page.locator(".photos-kept img")).to_have_count(1)
        page.get_by_role("button", name="繼續").click()
        page.get_by_label("電子郵件").fill(CITIZEN)
        page.get_by_role("button", name="繼續").click()
        expect(page.get_by_role("heading", name="送出前再看一次")).to_be_visible()
        expect(page.locator(".answers")).to_contain_text("苓雅區四維三路 2 號前")
        page.get_by_role("button", name="送出通報").click()
        expect(page.get_by_role("heading", name="已收到您的通報")).to_be_visible()
        self.number, self.code = page.locator(".panel-code").all_inner_texts()
        assert re.fullmatch(rf"D{today().year - 1911}-\d{{7}}", self.number)
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", self.code)
        expect(page.locator("svg.qr")).to_be_visible()
        expect(page.get_by_text("期限 4 小時")).to_be_visible()

    def the_city_writes_that_it_has_it(self) -> None:
        letter = self.letter("received")
        assert self.code.replace("-", "") in self.link_in(letter)

    def the_officer_finds_it_on_the_desk_and_sends_a_crew(self, officer: User) -> None:
        page = self.officer
        self.sign_in(page, officer, "/desk/")
        row = page.locator("[data-row]")
        expect(row).to_have_count(1)
        expect(row).to_contain_text(self.number)
        if self.script:
            page.keyboard.press("j")
            expect(page.locator("#pane")).to_contain_text("馬路上有一個大洞")
            page.keyboard.press("Enter")
        else:
            row.get_by_role("link", name="路面坑洞").click()
        expect(page.get_by_role("heading", name=f"路面坑洞 {self.number}")).to_be_visible()
        expect(page.locator(".photos img")).to_have_count(1)
        assert CITIZEN not in page.content()
        page.get_by_role("button", name="顯示聯絡方式").click()
        expect(page.locator("#contact")).to_contain_text(CITIZEN)
        page.get_by_role("link", name="派工", exact=True).click()
        page.get_by_label("外勤隊").select_option(label=CREW)
        page.get_by_label("交辦事項").fill("請帶冷料與交通錐。")
        page.get_by_role("button", name="派工").click()
        expect(page.get_by_role("status")).to_contain_text(self.number)
        self.letter("received", "dispatched")

    def the_crew_goes_there_and_mends_it(self, member: User) -> None:
        page = self.crew
        self.sign_in(page, member, "/crew/")
        expect(page.get_by_role("heading", name="路面坑洞")).to_be_visible()
        page.get_by_role("link", name="路面坑洞").click()
        expect(page.get_by_text("請帶冷料與交通錐。")).to_be_visible()
        page.get_by_role("button", name="接案，出發").click()
        expect(page.get_by_role("status").first).to_contain_text("已接案")
        page.get_by_role("button", name="我到了").click()
        page.get_by_role("link", name="施作前照片").click()
        page.get_by_label("施作前照片").set_input_files([photo("black", "before.jpg")])
        page.get_by_role("button", name="送出照片").click()
        expect(page.get_by_text("照片已收到")).to_be_visible()
        page.get_by_role("link", name="回報完成").click()
        page.get_by_label("處理情形").fill(DONE)
        page.get_by_role("button", name="送出完成回報").click()
        expect(page.locator(".error-summary")).to_contain_text("請附一張完工後的照片")  # nothing is lost
        expect(page.get_by_label("處理情形")).to_have_value(DONE)
        page.get_by_label("完工後照片").set_input_files([photo("white", "after.jpg")])
        page.get_by_role("button", name="送出完成回報").click()
        expect(page.get_by_text("已回報完成，辛苦了。")).to_be_visible()
        expect(page.get_by_text("目前沒有派工")).to_be_visible()
        assert DONE in self.letter("received", "dispatched", "done").text

    def the_officer_closes_it(self) -> None:
        page = self.officer
        page.goto("/desk/?list=done")
        page.locator("[data-row]").get_by_role("link", name="路面坑洞").click()
        expect(page.locator(".timeline")).to_contain_text(DONE)
        expect(page.locator(".photos img")).to_have_count(3)
        page.get_by_role("link", name="結案", exact=True).click()
        page.get_by_role("button", name="結案").click()
        expect(page.get_by_role("status")).to_contain_text(self.number)
        page.goto("/desk/")
        expect(page.get_by_text("這裡沒有案件")).to_be_visible()

    def the_citizen_reads_what_was_done_and_rates_it(self) -> None:
        letter = self.letter("received", "dispatched", "done", "closed")
        page = self.citizen
        page.goto(self.link_in(letter))
        expect(page.get_by_role("heading", name="路面坑洞")).to_be_visible()
        expect(page.locator(".answer")).to_contain_text(DONE)
        for told in ("受理", "派工", "外勤人員已出發", "外勤人員到場", "處理完成", "結案"):
            expect(page.locator(".timeline")).to_contain_text(told)
        expect(page.locator(".photo-group")).to_have_count(3)  # reported, before, after
        page.get_by_label("5 分，很滿意").check()
        page.get_by_label("想對我們說的話").fill("很快就補好了，謝謝。")
        page.get_by_role("button", name="送出評分").click()
        expect(page.get_by_role("heading", name="您給了 5 分")).to_be_visible()

    def everybody_sees_that_it_was_done_and_nothing_of_who_reported(self) -> None:
        page = self.stranger
        page.goto("/")
        expect(page.locator(".lines").get_by_role("link", name="苓雅區 路面坑洞")).to_be_visible()
        page.get_by_label("案件編號").fill(self.number)
        page.get_by_role("button", name="查詢").click()
        expect(page.get_by_text("已結案").first).to_be_visible()
        expect(page.locator(".timeline")).to_contain_text("處理完成")
        for private in (CITIZEN, "機車差點摔倒", DONE, "很快就補好了"):
            assert private not in page.content()

    def the_board_counts_it(self) -> None:
        figures.drain()
        load_boards()
        page = self.stranger
        page.goto("/dashboard/requests/")
        received = page.locator(".stat", has_text="受理案件")
        expect(received.locator(".figure-number")).to_have_text("1")
        on_time = page.locator(".stat", has_text="期限內完成率")
        expect(on_time.locator(".figure-number")).to_have_text("100.0")
        row = page.locator("section", has_text="各行政區統計").locator("tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("苓雅區")

    def the_report_prints_it_and_leads_back_to_it(self) -> None:
        page, year = self.stranger, today().year - 1911
        address = f"/annual-report/{year}/5/"
        page.goto(address)
        expect(page.get_by_text("件及派工案件 1 件")).to_be_visible()
        page.locator(".report p").locator(
            f'a[href="/figures/servicerequests.dispatches/{today().year}/"]'
        ).first.click()
        expect(page.get_by_role("heading", name="派工案件").first).to_be_visible()
        expect(page.get_by_text("期間內由各管道受理的派工通報案件").first).to_be_visible()
        page.locator('a[href*="/records/"]').first.click()
        page.get_by_role("link", name=self.number).click()
        page.wait_for_url(f"**/track/{self.number}/")
        answer = page.request.get(address.rstrip("/") + ".pdf")
        assert answer.status == 200 and answer.headers["content-type"] == "application/pdf"
        pages = PdfReader(io.BytesIO(answer.body())).pages
        text = re.sub(r"\s+", "", "".join(each.extract_text() for each in pages))
        assert "處理民眾陳情案0件及派工案件1件" in text


@pytest.mark.parametrize("script", [True, False], ids=["with-scripts", "without-scripts"])
def test_the_whole_line(
    script: bool,
    city_hall: Any,
    account: Callable[..., User],
    open_page: Callable[..., Page],
    smtp_server: SmtpServer,
    settings: Any,
    tmp_path: Any,
) -> None:
    settings.VAR_DIR = tmp_path
    officer, member = (
        account("case_officer", "pwb-roads", name="林佳蓉"),
        account("crew", "pwb-road-crew-1", name="王小組"),
    )
    line = Line(open_page, smtp_server, script)
    line.a_citizen_reports_a_hole_in_the_road()
    line.the_city_writes_that_it_has_it()
    line.the_officer_finds_it_on_the_desk_and_sends_a_crew(officer)
    line.the_crew_goes_there_and_mends_it(member)
    line.the_officer_closes_it()
    line.the_citizen_reads_what_was_done_and_rates_it()
    line.everybody_sees_that_it_was_done_and_nothing_of_who_reported()
    line.the_board_counts_it()
    line.the_report_prints_it_and_leads_back_to_it()
    case = Case.objects.get()
    assert (case.state, case.on_time, case.rating, case.outcome) == ("closed", True, 5, "fixed")
    assert (case.lat is not None) is script  # where there is no map the address is enough
