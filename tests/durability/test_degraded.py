"""With the job worker, the mail server or the map away, reports are taken; what waits is done when they are back.

On a real city hall: its own database, web server and worker, and a mail server on loopback. A full disk for uploads is
in servicerequests/tests/test_storm.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Page, Route, expect

from cases.models import Case
from cases.registry import kind
from messages.testing import SmtpServer
from servicerequests.tests.walking import Walker
from tests.durability.conftest import CityHall
from tests.durability.test_kill import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc"),
]


def file_reports(hall: CityHall, addresses: list[str]) -> None:
    """Walk through the whole report for each reporter."""
    for address in addresses:
        walker = Walker(Browser(hall.port))  # type: ignore[arg-type]
        walker.report(kind("street_light"), contact={"email": address})
        assert walker.status == 200 and "/report/sent/" in walker.address


def one(hall: CityHall, statement: str) -> int:
    with psycopg.connect(hall.server.url()) as database:
        return database.execute(statement).fetchone()[0]


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.2)


LETTERS = "SELECT count(*) FROM citymessages_message WHERE state = 'queued'"
CASES = "SELECT count(*) FROM cases_case"
COUNTED = (
    "SELECT coalesce(sum(value), 0)::int FROM figures_observation"
    " WHERE figure = 'servicerequests.requests' AND grain = 'day' AND by = ''"
)


def test_without_a_job_worker_reports_are_filed_and_all_follows_when_it_is_back(
    city_hall: CityHall, mail: SmtpServer
) -> None:
    worker = city_hall.supervisors.pop("work")
    worker.terminate()
    worker.wait(40)
    reporters = [f"worker-away-{n}@example.com" for n in range(3)]
    file_reports(city_hall, reporters)
    assert one(city_hall, CASES) == 3 and one(city_hall, LETTERS) == 3
    assert one(city_hall, "SELECT count(*) FROM figures_touched") >= 3
    assert not mail.mails and one(city_hall, COUNTED) == 0
    city_hall.start("work")
    until(lambda: len(mail.mails) == 3)
    assert sorted(recipient for each in mail.mails for recipient in each.recipients) == sorted(reporters)
    until(lambda: one(city_hall, COUNTED) == 3)
    assert one(city_hall, LETTERS) == 0


def test_without_a_mail_server_reports_are_filed_and_letters_wait(city_hall: CityHall, mail: SmtpServer) -> None:
    mail.stop()
    try:
        file_reports(city_hall, ["mail-away@example.com"])
        until(lambda: one(city_hall, f"{LETTERS} AND attempts > 0") == 1)
        assert one(city_hall, CASES) == 1
    finally:
        mail.start()
    # The next attempt is a minute away: bring it near, as time does.
    with psycopg.connect(city_hall.server.url()) as database:
        database.execute("UPDATE citymessages_message SET due_at = now() - interval '2 minutes'")
    until(lambda: len(mail.mails) == 1)
    assert mail.mails[0].recipients == ["mail-away@example.com"]


@pytest.mark.parametrize("java_script", [True, False], ids=["with scripts", "without"])
@pytest.mark.django_db(transaction=True)
def test_without_the_map_a_report_is_filed_by_its_address(
    live_server, city, open_page: Callable[..., Page], java_script: bool
) -> None:
    refused: list[str] = []

    def away(route: Route) -> None:
        """Neither tiles nor the door of geography answer."""
        refused.append(route.request.url)
        route.abort()

    page = open_page(java_script_enabled=java_script)
    page.route(lambda address: "/geo/" in address or "wmts" in address, away)
    page.goto("/report/street_light/")
    page.locator("#id_description").fill("巷口的路燈不亮")
    page.get_by_label("不亮", exact=True).check()
    page.get_by_role("button", name="繼續").click()
    expect(page.get_by_role("heading", name="在哪裡？")).to_be_visible()
    page.get_by_label("地址或路口").fill("苓雅區三多三路 215 號")
    page.get_by_role("button", name="繼續").click()
    expect(page.get_by_role("heading", name="有照片嗎？")).to_be_visible()
    page.get_by_role("button", name="繼續").click()
    page.get_by_label("電子郵件").fill("a@example.com")
    page.get_by_role("button", name="繼續").click()
    page.get_by_role("button", name="送出").click()
    page.wait_for_url("**/report/sent/**")
    case = Case.objects.get()
    assert case.district and case.district.name == "苓雅區" and case.lon is None
    assert bool(refused) == java_script, "the map was asked for, and did not answer"
    assert urlsplit(page.url).path.startswith("/report/sent/")
