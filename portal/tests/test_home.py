"""The front door: what can be reported, what was done lately, and nothing of anybody."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions.performing import perform
from cases.registry import kinds
from figures import actions as figures
from foundation.clock import now
from portal.context import work_of

pytestmark = pytest.mark.django_db


def home(client: Client | None = None) -> str:
    answer = (client or Client()).get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def listed(text: str) -> list[str]:
    """The numbers of the cases shown."""
    return re.findall(r'href="/track/([DP]\d{3}-\d{7})/"', text)


def test_it_asks_three_times_whatever_there_is(report, staff):
    def cost() -> list[str]:
        with CaptureQueriesContext(connection) as said:
            home()
        return [query["sql"] for query in said]

    cost()
    empty = cost()
    head = staff("unit_head", "pwb-roads")
    for i in range(20):
        case = report(email="a@example.com")
        if i % 2:
            perform(head, case.pk, "answer", text="好了", outcome="fixed")
    figures.drain()
    full = cost()
    assert len(empty) == len(full) == 3, full
    # Nobody is signed in: neither session nor account is looked up.
    assert not [sql for sql in full if "session" in sql or "identity_user" in sql]


def test_every_kind_that_may_be_reported_stands_there_with_its_promise(city, monkeypatch):
    monkeypatch.setitem(kinds(), "waste", replace(kinds()["waste"], active_until=date(2022, 1, 1)))
    text = home()
    for code, kind in kinds().items():
        assert (f'href="/report/{code}/"' in text) == (code != "waste")
        assert (kind.label in text) == (code != "waste")
    assert text.count("4 小時內處理") == 3 and "2 個工作天內處理" in text


def test_what_was_done_lately_and_what_is_due_next_stand_there(report, staff):
    head = staff("unit_head", "pwb-roads")
    done = [report() for _i in range(4)]
    for case in done:
        perform(head, case.pk, "answer", text="好了", outcome="fixed")
    later, soon = report(received_at=now() - timedelta(hours=1)), report(received_at=now() - timedelta(hours=3))
    late = report(received_at=now() - timedelta(hours=9))
    assert listed(home()) == [str(c.number) for c in (done[3], done[2], done[1], soon, later)]
    assert str(late.number) not in home()
    with time_machine.travel(now() + timedelta(days=9)):
        assert listed(home()) == []
        assert "最近沒有案件" in home()


def test_nothing_that_a_citizen_wrote_or_left_stands_there(report):
    case = report("noise", email="a@example.com", description="樓下的陳太太", address="三多三路 215 號 3 樓")
    text = home()
    assert str(case.number) in text
    for private in ("陳太太", "215", "a@example.com", case.secret):
        assert private not in text


def test_the_numbers_of_the_year_lead_to_their_sums(report, staff):
    case = report()
    perform(staff("unit_head", "pwb-roads"), case.pk, "answer", text="好了", outcome="fixed")
    figures.drain()
    text = home()
    cards = dict(
        re.findall(r'class="figure figure-big" href="([^"]+)"[^>]*><span class="figure-number">([^<]+)<', text)
    )
    year = date.today().year
    assert cards == {
        f"/figures/servicerequests.requests/{year}/": "1",
        f"/figures/servicerequests.on_time_rate/{year}/": "100.0",
    }
    assert all(Client().get(address).status_code == 200 for address in cards)


def test_both_boxes_lead_on(report):
    text, case = home(), report()
    assert '<form class="ask" action="/report/" method="get"' in text
    assert '<form class="ask ask-quiet" action="/track/" method="get"' in text
    led = Client().get("/report/", {"text": "我家門口路燈三天沒亮了"}).content.decode()
    assert "路燈不亮" in led and "我家門口路燈三天沒亮了" in unescape(led)
    found = Client().get("/track/", {"number": str(case.number).lower()}, follow=True)
    assert found.redirect_chain[-1][0] == f"/track/{case.number}/" and found.status_code == 200


@pytest.mark.parametrize(
    ("role", "where", "address"),
    [
        ("citizen", {}, "/my-cases/"),
        ("crew", {"unit": "pwb-road-crew-1"}, "/crew/"),
        ("case_officer", {"unit": "pwb-roads"}, "/desk/"),
        ("unit_head", {"unit": "pwb-roads"}, "/desk/"),
        ("agency_head", {"agency": "pwb"}, "/desk/"),
        ("call_agent", {}, "/desk/"),
        ("controller", {}, "/desk/"),
        ("auditor", {}, "/desk/"),
        ("editor", {}, "/desk/templates/"),
        ("system_administrator", {}, "/people/"),
    ],
)
def test_everybody_finds_the_way_to_their_own_work_and_it_opens(staff, role, where, address):
    user, client = staff(role, **where), Client()
    assert work_of(user) == address
    client.force_login(user)
    assert f'href="{address}"' in home(client)
    assert client.get(address).status_code == 200


def test_a_stranger_is_offered_no_work(city):
    assert "我的工作" not in home()


def test_the_front_door_speaks_english(report):
    report()
    client = Client()
    client.cookies["django_language"] = "en"
    main = home(client).split("<main")[1].split("</main>")[0]
    assert "Pothole" in main and not re.findall("[一-鿿]+", main)
