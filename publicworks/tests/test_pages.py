"""The register for everybody, and the inspection office's list."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from cases.actions.performing import perform
from publicworks.actions.matching import WORKS
from publicworks.models import Correction
from publicworks.pages.works import PAGE

pytestmark = pytest.mark.django_db


def statements(client: Client, address: str) -> int:
    client.get(address)  # what a process remembers
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_list_finds_and_filters(work: Any, client: Client) -> None:
    work("111-0001"), work("111-0002", state="accepted", name="鳳山國小校舍補強工程", at=None)
    page = client.get("/works/").content.decode()
    assert "111-0001" in page and "鳳山國小校舍補強工程" in page and "2 項" in page
    page = client.get("/works/?q=校舍").content.decode()
    assert "111-0002" in page and "111-0001" not in page
    page = client.get("/works/?state=in_construction&district=64000080").content.decode()
    assert "111-0001" in page and "111-0002" not in page
    assert "沒有符合的工程" in client.get("/works/?q=太空梯").content.decode()
    assert client.get("/works/?state=floating&page=x").status_code == 200


def test_an_empty_register_says_so(city: Any, client: Client) -> None:
    assert "工程清冊還沒有資料" in client.get("/works/").content.decode()


def test_the_page_of_a_work_leads_to_a_report_about_it(work: Any, about: Any, client: Client) -> None:
    subject = work("111 工/01")
    case = about(subject, email="a@example.com", description="不要公開的話")
    page = client.get(subject.get_absolute_url()).content.decode()
    assert "愛河營造有限公司" in page and "水利局" in page
    assert 'href="/report/works_delay/?work=111%20%E5%B7%A5%2F01"' in page
    assert str(case.number) in page and "不要公開的話" not in page and "a@example.com" not in page
    assert client.get("/works/999999/").status_code == 404


def test_pages_cost_the_same_for_one_and_for_twenty(work: Any, about: Any, staff: Any, client: Client) -> None:
    officer, office = staff("case_officer", "water-maintenance"), Client()
    office.force_login(staff("controller"))
    subject = work("111-0001")

    def report() -> None:
        perform(officer, about(subject).pk, "ask_inspection", text="請查核")

    report()
    pages = [(client, "/works/"), (client, subject.get_absolute_url()), (office, "/works/inspections/")]
    before = [statements(who, address) for who, address in pages]
    for number in range(2, PAGE):
        work(f"111-{number:04d}")
    for _more in range(19):
        report()
    assert [statements(who, address) for who, address in pages] == before
    assert max(before) <= 8


def test_the_register_is_open_data(work: Any, client: Client) -> None:
    work("111-0001", name="=HYPERLINK(1)"), work("111-0002", state="accepted")
    answer = client.get("/works.csv?state=building")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row["tender_number"], row["unit"], row["lat"]) for row in rows] == [
        ("111-0001", "water-maintenance", "22.6205")
    ]
    assert rows[0]["name"].startswith("'=")  # no formula


def test_the_inspection_offices_list(work: Any, about: Any, staff: Any) -> None:
    officer, office = staff("case_officer", "water-maintenance"), Client()
    case, quiet = about(work()), about(work("111-0002"))
    perform(officer, case.pk, "ask_inspection", text="蜂窩太多")
    office.force_login(staff("controller"))
    page = office.get("/works/inspections/").content.decode()
    assert str(case.number) in page and "蜂窩太多" in page and str(quiet.number) not in page
    address = reverse("case-verb", args=[case.number, "record_inspection"])
    form = office.get(address).content.decode()
    assert 'type="date"' in form
    wrong = office.post(address, {"version": 2, "on": "2199-01-01", "text": "列三項"})
    assert wrong.status_code == 422 and "查核日期" in wrong.content.decode() and "列三項" in wrong.content.decode()
    good = office.post(address, {"version": 2, "on": case.received_on.isoformat(), "text": "列三項"})
    assert good.status_code == 302
    page = office.get("/works/inspections/").content.decode()
    assert "沒有等待查核的通報" in page and "已辦理查核" in page
    office.force_login(officer)
    assert office.get("/works/inspections/").status_code == 403


def test_english_readers_are_asked_in_english(work: Any, client: Client) -> None:
    subject = work(address="苓雅區四維三路2號前")
    client.cookies["django_language"] = "en"
    page = client.get(subject.get_absolute_url()).content.decode()
    assert "2022-01-10 to 2022-12-20" in page and "Lingya District 四維三路2號前" in page
    with override("en"):
        assert str(WORKS.question) == "Which works nearby is it about?"


def test_a_work_is_corrected_by_its_unit_and_not_over_somebody_elses_head(
    work: Any, staff: Any, client: Client
) -> None:
    subject = work()
    address = reverse("work-change", args=[subject.pk])
    assert (
        client.get(address).status_code == 302
        and "/change/" not in client.get(subject.get_absolute_url()).content.decode()
    )
    client.force_login(staff("case_officer", "pwb-roads"))
    assert client.get(address).status_code == 404, "another unit's"
    client.force_login(staff("case_officer", "water-maintenance"))
    assert address in client.get(subject.get_absolute_url()).content.decode()
    form = client.get(address).context["form"]
    said = {name: form[name].value() or "" for name in form.fields} | {"name": "滯洪池工程", "budget": "12000000"}
    for wrong, words in (
        ({"name": ""}, "請填寫「工程名稱」。"),
        ({"budget": "-1"}, "「預算或契約金額（元）」不能小於 0。"),
        ({"budget": "很多"}, "「預算或契約金額（元）」請填數字。"),
        ({"planned_end": "1990-01-01"}, "預定完工早於預定開工"),
        ({"lat": "25.04", "lon": "121.5"}, "不在本市"),
        ({"lat": ""}, "經度與緯度要一起有"),
    ):
        refused = client.post(address, said | wrong)
        assert refused.status_code == 422 and words in refused.content.decode(), wrong
    assert client.post(address, said | {"lat": "22.6300"}).status_code == 302
    subject.refresh_from_db()
    assert (subject.name, subject.budget, subject.lat, subject.north) == ("滯洪池工程", 12_000_000, 22.63, 22.63)
    (kept,) = Correction.objects.of(subject)
    assert kept.by.username and kept.changes["name"][1] == "滯洪池工程" and "lat" in kept.changes
    assert "12000000" in client.get(address).content.decode(), "what was corrected before stands below the form"
    again = client.post(address, said | {"name": "舊的名稱"})
    assert (
        again.status_code == 422 and "剛剛有人更正過" in again.content.decode() and "舊的名稱" in again.content.decode()
    )
    subject.refresh_from_db()
    assert subject.name == "滯洪池工程"
