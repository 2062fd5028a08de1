"""The pages of figures in a real browser: nothing for axe to find, no script error, charts drawn from their tables."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from figures import actions
from figures.registry import Period
from figures.tests.slips import GROUP, Slip
from foundation.clock import TAIPEI
from identity.factories import person
from organisation.models import Membership

PAGES = [
    "/figures/",
    "/figures/?q=沒有這種東西",
    "/figures/slips.received/?year=2022",
    "/figures/slips.on_time_share/2022/",
    "/figures/slips.received/2022/recount/",
    "/figures/slips.received/2022-08/?district=E",
    "/figures/slips.received/2022/records/",
    "/figures/slips.hours/2021/records/",
    "/figures/closing/",
]


@pytest.fixture(autouse=True)
def two_years(transactional_db: None, slips: type[Slip]) -> None:
    """Some slips of 2022, which is closed, and one that came to light afterwards."""
    for n in range(80):
        moment = datetime(2022, 1 + n % 12, 1 + n % 28, 9, tzinfo=TAIPEI)
        done = moment + timedelta(hours=n % 7)
        facts = {"kind": ["pothole", "light"][n % 2], "district": ["E", "W", None][n % 3]}
        Slip.objects.create(
            **facts,
            received_at=moment,
            received_on=moment.date(),
            due_at=moment + timedelta(hours=4),
            done_at=done,
            done_on=done.date(),
        )
    actions.rebuild()
    actions.freeze(Period.year(2022))
    moment = datetime(2022, 8, 5, 9, tzinfo=TAIPEI)
    Slip.objects.create(kind="light", district="E", received_at=moment, received_on=moment.date())
    actions.touch(GROUP, {moment.date()})
    actions.drain()


@pytest.mark.usefixtures("live_server")
def test_nothing_for_axe_to_find(page_at_each_width: Page, axe: Callable[[Page], None]) -> None:
    for address in PAGES:
        page_at_each_width.goto(address)
        axe(page_at_each_width)
        width = page_at_each_width.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, f"{address} is wider than the window by {width} px"


@pytest.mark.usefixtures("live_server")
def test_from_a_number_to_its_records(page: Page) -> None:
    page.goto("/figures/?year=2022")
    page.locator("a.figure[href='/figures/slips.received/2022/']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("受理")
    expect(page.locator("figure.chart svg.picture").first).to_be_visible()
    page.get_by_role("row", name="東區").get_by_title("這個數字怎麼算的").click()
    expect(page.get_by_text("行政區：東區")).to_be_visible()
    page.get_by_role("link", name="現在重新計算").click()
    expect(page.get_by_role("status")).to_contain_text("與儲存的數字相符")
    page.get_by_role("link", name="看每一筆紀錄").click()
    expect(page.get_by_text("共 28 筆紀錄")).to_be_visible()
    expect(page.get_by_text("更正：現為 28 件")).to_be_visible()
    page.get_by_role("link", name="不限「東區」").click()
    expect(page.get_by_text("共 81 筆紀錄")).to_be_visible()


def test_a_controller_closes_a_month(page: Page, live_server) -> None:
    controller = person("controller", name="研考員", password="pass word 1999")
    Membership.objects.create(user=controller, role="controller", since=date(2020, 1, 1))
    page.goto("/sign-in/?next=/figures/closing/")
    page.get_by_label("帳號").fill("controller")
    page.locator("input[type=password]").fill("pass word 1999")
    page.locator("main button").first.click()
    page.get_by_label("期間").fill("2023-13")
    page.get_by_role("button", name="結帳").click()
    expect(page.get_by_role("alert")).to_contain_text("例如 2022 或 2022-08")
    page.get_by_label("期間").fill("2023-01")
    page.get_by_label("我知道結帳之後不能撤銷").check()
    page.get_by_role("button", name="結帳").click()
    expect(page.get_by_role("status")).to_contain_text("民國 112 年 1 月已經結帳。")
    expect(page.get_by_role("row", name="民國 112 年 1 月")).to_contain_text("研考員")
