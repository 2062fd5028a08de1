"""The pages of figures: what they show, to whom, and with how many statements."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from unittest.mock import patch

import pytest
import time_machine
from django.test import Client

from figures import actions
from figures.models import Freeze
from figures.registry import Period, registry
from figures.tests.slips import GROUP, Slip
from foundation.clock import TAIPEI
from identity.factories import person
from organisation.models import Membership

MOMENT = datetime(2022, 8, 5, 9, tzinfo=TAIPEI)


def file_slips(number: int, **facts: str) -> None:
    for _ in range(number):
        Slip.objects.create(
            **({"kind": "pothole", "district": "E"} | facts),
            received_at=MOMENT,
            received_on=MOMENT.date(),
            due_at=MOMENT,
            done_at=MOMENT,
            done_on=MOMENT.date(),
        )
    actions.touch(GROUP, {MOMENT.date()})
    actions.drain()


@pytest.fixture(autouse=True)
def summer(slips: None) -> Iterator[None]:
    with time_machine.travel(datetime(2023, 7, 1, 12, tzinfo=TAIPEI), tick=False):
        file_slips(1)
        yield


def text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return b"".join(response).decode() if response.streaming else response.content.decode()


PAGES = [
    "/figures/",
    "/figures/closing/",
    *(
        f"/figures/{code}/"
        for code in ("slips.received", "slips.hours", "slips.open", "slips.on_time_share", "slips.limit")
    ),
    "/figures/slips.received/?year=2023",
    *(f"/figures/slips.received/{period}/" for period in ("2022", "2022-08", "2022-08-05", "2023", "2024")),
    *(
        f"/figures/{code}/2022/"
        for code in ("slips.hours", "slips.open", "slips.on_time_share", "slips.per_month", "slips.limit")
    ),
    "/figures/slips.open/2023/",
    "/figures/slips.received/2022/?district=E",
    "/figures/slips.received/2022/?district=nowhere&kind=",
    "/figures/slips.received/2022/recount/",
    *(f"/figures/slips.{name}/2022/records/" for name in ("received", "hours", "late")),
    "/figures/slips.open/2023/records/",
    "/figures/slips.received/2022-08/records/?kind=pothole&page=7",
]


@pytest.mark.parametrize("address", PAGES)
def test_pages_open_and_ask_as_often_at_twenty_rows_as_at_one(
    client: Client, address: str, django_assert_max_num_queries
) -> None:
    def count() -> int:
        with django_assert_max_num_queries(14) as asked:
            text(client, address)
        return len(asked)

    text(client, address)  # what a process remembers (the directory) is read
    at_one = count()
    file_slips(19, district="W", kind="light")
    assert count() == at_one


@pytest.mark.parametrize(
    "address",
    [
        "/figures/slips.nothing/",
        "/figures/slips.received/2022-13/",
        "/figures/slips.received/2022-02-30/",
        "/figures/slips.received/1899/",
        "/figures/slips.received/?year=abc",
        "/figures/slips.received/?year=2022-08",
        "/figures/slips.open/2022-08-05/",
        "/figures/slips.per_month/2022-08/",
        "/figures/slips.on_time_share/2022/records/",
        "/figures/slips.open/2022-08-05/records/",
        "/figures/slips.limit/2022/records.csv",
    ],
)
def test_what_there_is_not_is_not_found(client: Client, address: str) -> None:
    text(client, address, 404)


def test_the_list_is_searched_by_name_and_definition(client: Client) -> None:
    found = text(client, "/figures/?q=期限內 比率")
    assert "期限內完成率" in found
    assert "處理時限" not in found
    assert "找不到符合的統計項目" in text(client, "/figures/?q=沒有這種東西")


def test_a_definition_says_where_the_number_comes_from(client: Client) -> None:
    page = text(client, "/figures/slips.on_time/?year=2022")
    assert "測試用。" in page
    assert "FROM &quot;figures_tests_slip&quot;" in page
    assert "/figures/slips.on_time_share/" in page  # what uses it
    assert "/figures/slips.on_time/2022-08/" in page
    share = text(client, "/figures/slips.on_time_share/")
    assert "分子除以分母" in share and "/figures/slips.done/" in share
    assert "SELECT" not in share


def test_a_value_leads_to_what_it_is_made_of(client: Client) -> None:
    page = text(client, "/figures/slips.received/2022/")
    assert "/figures/slips.received/2022-08/" in page
    assert "/figures/slips.received/2022/?district=E" in page
    assert "/figures/slips.received/2022/records/" in page
    narrowed = text(client, "/figures/slips.received/2022/?district=E")
    assert "行政區：東區" in narrowed
    assert "/figures/slips.received/2022/records/?district=E" in narrowed
    assert "/figures/slips.received/2022/?district=E&amp;kind=pothole" in narrowed
    assert "依行政區" not in narrowed


def test_the_recount_says_whether_it_agrees(client: Client) -> None:
    assert "與儲存的數字相符" in text(client, "/figures/slips.received/2022/recount/")
    Slip.objects.all().delete()
    assert "變動正等待更新" in text(client, "/figures/slips.received/2022/recount/")
    assert "與儲存的數字相符" not in text(client, "/figures/slips.received/2022/")


def test_corrections_stand_beside_the_number(client: Client) -> None:
    actions.freeze(Period.year(2022))
    file_slips(1)
    for address in ("/figures/?year=2022", "/figures/slips.received/?year=2022", "/figures/slips.received/2022/"):
        assert "更正：現為 2 件" in text(client, address)
    assert "紀錄變動" in text(client, "/figures/slips.received/2022/")
    closing = text(client, "/figures/closing/")
    assert "民國 111 年" in closing and "/figures/slips.received/2022/" in closing


def test_records_are_shown_in_the_declared_columns(client: Client) -> None:
    page = text(client, "/figures/slips.received/2022/records/")
    pk = Slip.objects.get().pk
    assert f'<a href="/slips/{pk}/">pothole</a>' in page
    assert "111/08/05" in page and "共 1 筆紀錄" in page
    file_slips(60)
    first, second = (text(client, f"/figures/slips.received/2022/records/?page={n}&kind=pothole") for n in (1, 2))
    assert (first.count("/slips/"), second.count("/slips/")) == (50, 11)
    assert "kind=pothole" in first.split('rel="next"')[1][:80]
    assert "這段期間沒有紀錄" in text(client, "/figures/slips.received/2021/records/")


def test_downloads(client: Client) -> None:
    file_slips(2, kind="=1+1", district="W")
    table = text(client, "/figures/slips.received/2022/table.csv").splitlines()
    assert table[0] == "\ufeff期間,分組,代碼,名稱,受理,單位,更正後"
    assert "2022,,,,3,件," in table
    assert "2022-08,期間,2022-08,民國 111 年 8 月,3,件," in table
    assert "2022,district,W,西區,2,件," in table
    assert "2022,kind,'=1+1,'=1+1,2,件," in table  # not a formula for whoever opens it
    records = text(client, "/figures/slips.received/2022/records.csv?district=W").splitlines()
    assert records == ["\ufeff種類,受理日期", "'=1+1,2022-08-05", "'=1+1,2022-08-05"]
    response = client.get("/figures/slips.received/2022/records.csv")
    assert response.streaming
    assert response["Content-Disposition"] == 'attachment; filename="slips.received-2022-records.csv"'


def test_pages_speak_english(client: Client) -> None:
    for address in (
        "/figures/",
        "/figures/slips.received/2022/",
        "/figures/slips.received/2022/records/",
        "/figures/closing/",
    ):
        page = client.get(address, headers={"accept-language": "en"}).content.decode()
        assert "Figures" in page
        assert "統計" not in page and "結帳" not in page and "期間" not in page


# --- Who may ---------------------------------------------------------------------------------------------------------


def member(role: str) -> Client:
    user = person()
    Membership.objects.create(user=user, role=role, since=date(2020, 1, 1))
    client = Client()
    client.force_login(user)
    return client


def test_figures_that_are_not_public_are_for_those_who_may(client: Client) -> None:
    registry.register(replace(registry.figure("slips.received"), code="slips.inside", label="內部數字", public=False))
    for address in ("", "2022/", "2022/recount/", "2022/table.csv", "2022/records/", "2022/records.csv"):
        assert client.get(f"/figures/slips.inside/{address}").status_code == 302
        assert member("case_officer").get(f"/figures/slips.inside/{address}").status_code == 403
        assert member("controller").get(f"/figures/slips.inside/{address}").status_code == 200
    assert "內部數字" not in text(client, "/figures/")
    assert "內部數字" in text(member("controller"), "/figures/")


def test_only_a_controller_closes_a_period(client: Client) -> None:
    meant = {"period": "2022", "certain": "on"}
    assert client.post("/figures/closing/", meant).status_code == 302
    assert member("case_officer").post("/figures/closing/", meant).status_code == 403
    assert not Freeze.objects.exists()
    controller = member("controller")
    assert "我知道結帳之後不能撤銷" in text(controller, "/figures/closing/")
    assert "我知道結帳之後不能撤銷" not in text(client, "/figures/closing/")
    done = controller.post("/figures/closing/", meant, follow=True).content.decode()
    assert "民國 111 年已經結帳。" in done
    assert Freeze.objects.get().period == Period.year(2022)


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"period": "2022"}, "這個欄位是必須的"),
        ({"period": "111", "certain": "on"}, "例如 2022 或 2022-08"),
        ({"period": "2023", "certain": "on"}, "民國 112 年尚未終了"),
        ({"period": "2022-8", "certain": "on"}, "例如 2022 或 2022-08"),
    ],
)
def test_a_closing_that_is_refused_says_why(typed: dict[str, str], complaint: str) -> None:
    response = member("controller").post("/figures/closing/", typed)
    assert response.status_code == 422
    assert complaint in response.content.decode()
    assert f'value="{typed["period"]}"' in response.content.decode()
    assert not Freeze.objects.exists()


def test_records_that_are_not_public_are_for_those_who_may_see_them(client: Client) -> None:
    figure = registry.figure("slips.received")
    with patch.dict(registry._figures, {"slips.received": replace(figure, records_public=False)}):
        page = text(client, "/figures/slips.received/2022/")
        assert "每一筆" not in page.partition("<main")[2] and "1" in page  # the number stays public
        for address in ("/figures/slips.received/2022/records/", "/figures/slips.received/2022/records.csv"):
            assert client.get(address).headers["Location"].startswith("/sign-in/")
            client.force_login(person())
            assert client.get(address).status_code == 403
            client.logout()
        auditor = person()
        Membership.objects.create(user=auditor, role="auditor", since=date(2020, 1, 1))
        client.force_login(auditor)
        assert "pothole" in text(client, "/figures/slips.received/2022/records/")
        assert "pothole" in text(client, "/figures/slips.received/2022/records.csv")


def test_a_value_stands_beside_that_of_the_year_before(client: Client) -> None:
    moment = MOMENT.replace(year=2021)
    Slip.objects.create(kind="light", received_at=moment, received_on=moment.date())
    file_slips(3)
    actions.rebuild()
    page = text(client, "/figures/slips.received/2022/")
    assert "民國 110 年：" in page and "多 3 件" in page and "（300.0%）" in page
    assert "民國 110 年 7 月" not in text(client, "/figures/slips.hours/2022-07/")  # a median of nothing
