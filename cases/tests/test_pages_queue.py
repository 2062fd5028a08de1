"""The queue: who sees which cases, in which order, at what price; filters, search, export and workload."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.performing import perform
from cases.models import Case
from foundation.clock import now
from organisation import directory

pytestmark = pytest.mark.django_db

ROADS, NOISE = "pwb-roads", "epb-inspection"


def numbers(page) -> list[str]:
    """The numbers of the list's rows, from top to bottom."""
    rows = re.findall(r"<tr data-row>.*?</tr>", page.content.decode(), re.S)
    return [re.search(r"[DP]\d{3}-\d{7}", row)[0] for row in rows]


def rows_of(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


# -- Who sees what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "where", "sees"),
    [
        ("case_officer", {"unit": ROADS}, {"pothole"}),
        ("case_officer", {"unit": NOISE}, {"noise"}),
        ("unit_head", {"unit": ROADS}, {"pothole"}),
        ("agency_head", {"agency": "pwb"}, {"pothole", "street_light"}),
        ("agency_head", {"agency": "epb"}, {"noise"}),
        ("call_agent", {}, {"pothole", "street_light", "noise"}),
        ("controller", {}, {"pothole", "street_light", "noise"}),
        ("auditor", {}, {"pothole", "street_light", "noise"}),
    ],
)
def test_each_role_sees_its_cases_and_no_others(report, staff, sign_in, role, where, sees):
    cases = {kind: report(kind) for kind in ("pothole", "street_light", "noise")}
    client = sign_in(staff(role, **where))
    assert set(numbers(client.get("/desk/?list=all"))) == {str(cases[kind].number) for kind in sees}
    assert set(numbers(client.get("/desk/"))) == {str(cases[kind].number) for kind in sees}
    for kind, case in cases.items():
        for page in ("", "comment/"):
            expected = {200} if kind in sees else {404}
            if page and kind in sees and role == "auditor":
                expected = {403}  # reads everything and does nothing
            assert client.get(f"/desk/cases/{case.number}/{page}").status_code in expected, (kind, page)


@pytest.mark.parametrize("role", ["citizen", "crew", "editor", "system_administrator", None])
def test_who_has_no_business_at_the_desk_is_kept_out(report, staff, sign_in, role):
    case = report()
    client = sign_in(staff(role, "pwb-road-crew-1") if role else None)
    for address in ("/desk/", f"/desk/cases/{case.number}/", "/desk/export.csv", "/desk/workload/"):
        answer = client.get(address)
        assert answer.status_code == (403 if role else 302), address
        assert case.description not in answer.content.decode()


def test_the_header_names_the_one_unit_whose_cases_are_shown(report, staff, sign_in):
    report()
    officer, controller = sign_in(staff("case_officer", ROADS)), sign_in(staff("controller"))
    unit = str(directory.unit(ROADS))
    header = officer.get("/desk/").content.decode().split("</header>")[0]
    assert unit in header
    body = controller.get("/desk/").content.decode()
    assert unit not in body.split("</header>")[0] and unit in body  # who sees many reads it on each line
    assert unit not in officer.get("/desk/").content.decode().split("</header>")[1]
    director = sign_in(staff("agency_head", agency="pwb")).get("/desk/").content.decode()
    assert "工務局" in director.split("</header>")[0] and unit in director.split("</header>")[1]


# -- What it costs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "where"), [("case_officer", {"unit": ROADS}), ("agency_head", {"agency": "pwb"}), ("controller", {})]
)
def test_the_first_page_costs_the_same_at_one_case_and_at_sixty(report, staff, sign_in, role, where):
    client = sign_in(staff(role, **where))
    report()
    client.get("/desk/")  # what a process reads once

    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as said:
            assert client.get(address).status_code == 200
        return len(said)

    addresses = ("/desk/", "/desk/?list=all", "/desk/?list=mine", "/desk/?q=四維三路")
    at_one = {address: cost(address) for address in addresses}
    for i in range(59):
        report(lon=120.3121 + i / 10_000, email=f"{i}@example.com")
    assert {address: cost(address) for address in addresses} == at_one
    assert at_one["/desk/"] <= 8, at_one
    assert max(at_one.values()) <= 9, at_one


# -- Lists -------------------------------------------------------------------------------------------------------------


def test_what_is_late_stands_on_top_and_then_the_next_deadline(report, staff, sign_in):
    later = report(received_at=now() - timedelta(hours=1))
    late = report(received_at=now() - timedelta(hours=6))
    soon = report(received_at=now() - timedelta(hours=3, minutes=30))
    client = sign_in(staff("case_officer", ROADS))
    page = client.get("/desk/")
    assert numbers(page) == [late.number, soon.number, later.number]
    text = page.content.decode()
    assert "逾期 1" in text and "一小時內 1" in text and "逾期 2 時" in text
    assert numbers(client.get("/desk/?list=all")) == [later.number, soon.number, late.number]
    assert numbers(client.get("/desk/?list=late")) == [late.number]


def test_each_list_of_the_rail_holds_what_its_name_says(report, staff, sign_in):
    officer, other = staff("case_officer", NOISE), staff("case_officer", "police-traffic")
    mine, waiting, moved, done, closed = (report("noise") for _i in range(5))
    perform(officer, mine.pk, "take")
    perform(officer, waiting.pk, "ask", text="在哪裡？")
    perform(officer, moved.pk, "transfer", unit=directory.unit("police-traffic"), text="警察局權責")
    perform(other, moved.pk, "transfer", unit=directory.unit(NOISE), text="不是")
    for case in (done, closed):
        perform(officer, case.pk, "answer", text="已勸導", outcome="answered")
    perform(officer, closed.pk, "close")
    client = sign_in(officer)
    lists = {
        "todo": {mine, moved}, "mine": {mine}, "waiting": {waiting}, "moved": {moved}, "done": {done}, "late": set(),
        "all": {mine, waiting, moved, done, closed},
    }  # fmt: skip
    for name, cases in lists.items():
        assert set(numbers(client.get(f"/desk/?list={name}"))) == {str(case.number) for case in cases}, name
    counts = client.get("/desk/").context["counts"]
    assert {name: counts[name] for name in lists if name != "all"} == {
        n: len(c) for n, c in lists.items() if n != "all"
    }


def test_what_is_due_today_is_what_is_due_before_midnight(report, staff, sign_in):
    tonight = report("pothole", received_at=now() - timedelta(hours=5))
    report("noise")
    assert numbers(sign_in(staff("controller")).get("/desk/?list=today")) == [tonight.number]


def test_a_page_holds_fifty_and_leads_on(report, staff, sign_in):
    filed = [str(report().number) for _i in range(52)]
    client = sign_in(staff("case_officer", ROADS))
    first, second = client.get("/desk/?list=all"), client.get("/desk/?list=all&page=2")
    assert len(numbers(first)) == 50 and 'rel="next"' in first.content.decode()
    assert len(numbers(second)) == 2 and 'rel="next"' not in second.content.decode()
    assert sorted(numbers(first) + numbers(second)) == sorted(filed)
    assert "這裡沒有案件" in client.get("/desk/?page=9").content.decode()
    for odd in ("page=0", "page=-1", "page=x", "page=99999999999999999999", "list=no-such-list"):
        assert client.get(f"/desk/?{odd}").status_code == 200, odd


# -- Filters and search ------------------------------------------------------------------------------------------------


def test_filters_let_through_what_they_name(report, staff, sign_in):
    here = report(lon=120.3121, lat=22.6205)  # 苓雅區
    there = report(lon=120.2830, lat=22.6210, channel="phone")
    assert here.district_id != there.district_id
    officer = staff("case_officer", ROADS, name="林佳蓉")
    perform(officer, there.pk, "take")
    client = sign_in(officer)
    yesterday = (now() - timedelta(days=1)).date()
    for query, expected in {
        f"district={here.district_id}": [here],
        "channel=phone": [there],
        "officer=me": [there],
        f"officer={officer.pk}": [there],
        "officer=none": [here],
        "state=assigned": [there],
        "state=open": [there, here],
        "kind=street_light": [],
        f"since={yesterday}": [there, here],
        f"until={yesterday}": [],
    }.items():
        found = numbers(client.get(f"/desk/?list=all&{query}"))
        assert found == [str(case.number) for case in expected], query
    assert "沒有符合篩選的案件" in client.get("/desk/?list=all&kind=street_light").content.decode()


def test_a_filter_that_cannot_be_read_is_named_and_hides_nothing(report, staff, sign_in):
    case = report()
    page = sign_in(staff("case_officer", ROADS)).get("/desk/?list=all&kind=ufo&since=yesterday")
    assert numbers(page) == [str(case.number)]
    assert set(page.context["filter"].errors) == {"kind", "since"}
    assert page.content.decode().count('class="error"') == 2


def test_search_finds_by_number_place_and_words_among_all_that_one_may_see(report, staff, sign_in):
    case = report(description="水溝蓋旁邊有個大洞", address="四維三路2號")
    other = report(description="人行道不平", address="光華一路5號")
    hidden = report("noise", description="水溝蓋旁邊很吵")
    officer = staff("case_officer", ROADS)
    perform(officer, case.pk, "answer", text="已補", outcome="fixed")
    perform(officer, case.pk, "close")
    client = sign_in(officer)
    assert numbers(client.get("/desk/?q=水溝蓋旁")) == [str(case.number)]  # although it is closed
    assert numbers(client.get("/desk/?q=光華一路")) == [str(other.number)]
    assert numbers(client.get(f"/desk/?q={other.number}")) == [str(other.number)]
    assert numbers(client.get(f"/desk/?q={hidden.number}")) == []


# -- Export ------------------------------------------------------------------------------------------------------------


def test_the_export_is_the_list_without_personal_data(report, staff, sign_in):
    report(email="secret@example.com", phone="0912345678", description="=HYPERLINK(1)", address="四維三路2號")
    report("noise", email="other@example.com")
    head = sign_in(staff("unit_head", ROADS))
    answer = head.get("/desk/export.csv?list=all")
    (row,) = rows_of(answer)
    assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
    assert row["種類"] == "路面坑洞" and row["地點"] == "四維三路2號" and row["行政區"] == "苓雅區"
    assert row["內容"] == "'=HYPERLINK(1)"  # a spreadsheet must not run what a citizen typed
    assert not re.search("secret|0912345678|example", str(row))
    case = Case.objects.get(number=row["案件編號"])
    assert case.secret not in str(row)


def test_the_export_takes_the_filter_and_keeps_to_what_one_may_see(report, staff, sign_in):
    road, light, noise = report(), report("street_light"), report("noise")
    director = sign_in(staff("agency_head", agency="pwb"))
    assert {r["案件編號"] for r in rows_of(director.get("/desk/export.csv?list=all"))} == {road.number, light.number}
    filtered = rows_of(director.get("/desk/export.csv?list=all&kind=street_light"))
    assert [r["案件編號"] for r in filtered] == [light.number]
    everyone = rows_of(sign_in(staff("controller")).get("/desk/export.csv?list=all"))
    assert {r["案件編號"] for r in everyone} == {road.number, light.number, noise.number}
    officer = sign_in(staff("case_officer", ROADS))
    assert officer.get("/desk/export.csv").status_code == 403
    assert "export.csv" not in officer.get("/desk/").content.decode()
    assert "export.csv" in sign_in(staff("unit_head", ROADS)).get("/desk/").content.decode()


def test_whoever_may_see_more_than_take_out_takes_out_only_that(report, staff, sign_in):
    """A head of one unit who also sits at the telephone sees the whole city and exports the unit."""
    from organisation.models import Membership

    road, noise = report(), report("noise")
    head = staff("unit_head", ROADS)
    Membership.objects.create(user=head, role="call_agent", since="2020-01-01")
    client = sign_in(head)
    assert set(numbers(client.get("/desk/?list=all"))) == {road.number, noise.number}
    assert [r["案件編號"] for r in rows_of(client.get("/desk/export.csv?list=all"))] == [road.number]


# -- Workload ----------------------------------------------------------------------------------------------------------


def test_the_head_sees_load_and_lateness_of_each_officer(report, staff, sign_in):
    busy, quick = staff("case_officer", NOISE, name="忙的人"), staff("case_officer", NOISE, name="快的人")
    old = [report("noise", received_at=now() - timedelta(days=40)) for _i in range(2)]
    new = report("noise")
    for case in (*old, new):
        perform(busy, case.pk, "take")
    done = report("noise")
    perform(quick, done.pk, "take")
    perform(quick, done.pk, "answer", text="好了", outcome="answered")
    perform(busy, old[0].pk, "ask", text="在哪裡？")
    report("noise")
    report("pothole")
    client = sign_in(staff("unit_head", NOISE))
    rows = {row["officer__name"]: row for row in client.get("/desk/workload/").context["rows"]}
    assert set(rows) == {"忙的人", "快的人", None}
    facts = ("open", "late", "waiting", "done", "on_time")
    assert [rows["忙的人"][f] for f in facts] == [3, 1, 1, 0, 0]
    assert [rows["快的人"][f] for f in facts] == [0, 0, 0, 1, 1]
    assert rows[None]["open"] == 1
    # Each line leads to just these cases.
    assert len(numbers(client.get("/desk/" + rows["忙的人"]["link"]))) == 3
    assert len(numbers(client.get("/desk/" + rows[None]["link"]))) == 1
    # The same for those who see more than one unit.
    for wider in (staff("agency_head", agency="epb"), staff("controller")):
        client = sign_in(wider)
        row = next(r for r in client.get("/desk/workload/").context["rows"] if r["officer__name"] == "忙的人")
        assert len(numbers(client.get("/desk/" + row["link"]))) == 3, wider


def test_workload_costs_the_same_for_one_officer_and_for_eight(report, staff, sign_in):
    client = sign_in(staff("unit_head", NOISE))

    def cost() -> int:
        with CaptureQueriesContext(connection) as said:
            assert client.get("/desk/workload/").status_code == 200
        return len(said)

    def busy() -> None:
        perform(staff("case_officer", NOISE), report("noise").pk, "take")

    busy()
    cost()
    before = cost()
    for _i in range(7):
        busy()
    assert cost() == before <= 8
