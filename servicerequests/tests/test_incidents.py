"""Incidents: what they gather, whom they tell, what is written down, and the report at their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from cases.actions.filing import Reporter
from cases.models import Case
from foundation import jobs
from foundation.clock import now
from messages.models import Message
from organisation import directory
from servicerequests.actions import broadcasting, gathering, incidents
from servicerequests.actions.counting import Sums, cases_of, records
from servicerequests.models import Incident, IncidentCase, IncidentEvent, Told
from servicerequests.querysets import gathered
from servicerequests.rules import Gathering, in_circle, in_polygon
from servicerequests.tests.office import WORDS

LINGYA, SANMIN = "64000080", "64000050"
SQUARE = ((120.30, 22.61), (120.32, 22.61), (120.32, 22.63), (120.30, 22.63))


@pytest.fixture
def controller(staff):
    return staff("controller", name="研考")


@pytest.fixture
def declared(controller):
    """``declared(districts=[...])``: an open incident."""

    def declared(**facts) -> Incident:
        return incidents.declare(
            controller,
            **{
                "name": "凱米颱風", "name_en": "Typhoon Gaemi", "event": "wind", "since": now() - timedelta(hours=1),
                "lead": directory.agency("pwb"), "public_zh": "請避免外出。", "public_en": "Please stay indoors.",
            } | facts,
        )  # fmt: skip

    return declared


# The rule is the same in the program and in the database.

near = st.tuples(st.floats(120.28, 120.34), st.floats(22.59, 22.65))


@given(near, st.floats(1, 3000))
def test_a_circle_holds_its_centre_and_nothing_beyond_its_radius(centre, metres) -> None:
    assert in_circle(centre, (*centre, metres))
    assert not in_circle((centre[0], centre[1] + (metres * 1.01) / 111_320), (*centre, metres))
    assert in_circle((centre[0], centre[1] + (metres * 0.99) / 111_320), (*centre, metres))


@given(near)
def test_a_square_holds_what_lies_between_its_sides(point) -> None:
    between = 120.30 < point[0] < 120.32 and 22.61 < point[1] < 22.63
    outside = not (120.30 <= point[0] <= 120.32 and 22.61 <= point[1] <= 22.63)
    assert in_polygon(point, SQUARE) or not between
    assert not (in_polygon(point, SQUARE) and outside)
    assert in_polygon(point, SQUARE) == in_polygon(point, SQUARE[::-1])


@pytest.mark.django_db
def test_the_database_gathers_what_the_rule_takes(filed) -> None:
    for at in range(12):
        filed(lon=120.301 + at * 0.003, lat=22.6205, reporter=Reporter(email="a@example.com"))
    filed("noise", lon=None, lat=None, district_code=LINGYA)
    at = now()
    rules = [
        Gathering(at - timedelta(hours=1)),
        Gathering(at - timedelta(hours=1), kinds=frozenset({"noise"})),
        Gathering(at - timedelta(hours=1), districts=frozenset({LINGYA})),
        Gathering(at - timedelta(hours=1), circle=(120.3121, 22.6205, 1000.0)),
        Gathering(at - timedelta(hours=1), polygon=SQUARE),
        Gathering(at + timedelta(hours=1)),
        Gathering(at - timedelta(hours=2), until=at - timedelta(hours=1)),
    ]
    sizes = []
    for rule in rules:
        by_database = set(gathered(Case.objects.all(), rule).values_list("number", flat=True))
        by_rule = {
            case.number
            for case in Case.objects.all()
            if rule.takes(
                case.kind_code,
                case.district_id,
                (case.lon, case.lat) if case.lon is not None else None,
                case.received_at,
            )
        }
        assert by_database == by_rule
        sizes.append(len(by_rule))
    assert sizes[0] == 13 and sizes[1] == 1 and 0 < sizes[3] < 12 and 0 < sizes[4] < 12 and sizes[5:] == [0, 0]


# Gathering.


@pytest.mark.django_db
def test_it_has_the_cases_from_before_and_those_that_come(declared, filed) -> None:
    before, elsewhere = filed(), filed(lon=120.30, lat=22.66)
    assert before.district_id != elsewhere.district_id
    incident = declared(districts=[before.district_id])
    after = filed()
    filed(lon=120.30, lat=22.66)
    assert {case.pk for case in cases_of(incident)} == {before.pk, after.pk}
    assert set(incident.members.values_list("by", flat=True)) == {"rule"}


@pytest.mark.django_db
def test_filing_pays_nothing_while_there_is_no_incident_and_one_insert_for_its_own(declared, filed) -> None:
    filed()  # what a process remembers

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as said:
            filed()
        return len(said), sum(query["sql"].count("INSERT INTO") for query in said.captured_queries)

    statements, inserts = cost()
    declared(districts=[SANMIN])
    gathering.open_incidents()
    assert cost() == (statements, inserts)
    declared()
    gathering.open_incidents()
    assert cost() == (statements, inserts + 1)  # which goes with the others


@pytest.mark.django_db
def test_what_a_process_did_not_know_of_is_taken_in_by_the_job(declared, filed) -> None:
    incident = declared()
    gathering._open._kept = (10**12, ())  # another process, which has not heard of it
    missed = filed()
    assert not cases_of(incident).filter(pk=missed.pk).exists()
    assert gathering.gather_open() == 1
    assert gathering.gather_open() == 0
    assert cases_of(incident).filter(pk=missed.pk).exists()


@pytest.mark.django_db
def test_by_hand_in_and_out(declared, filed, controller) -> None:
    case, incident = filed(), declared(districts=[SANMIN])
    with pytest.raises(ValidationError):
        incidents.add(controller, incident.pk, case, " ")
    incidents.add(controller, incident.pk, case, "同一場雨")
    with pytest.raises(ValidationError):
        incidents.add(controller, incident.pk, case, "又一次")
    mine = declared()
    incidents.remove(controller, mine.pk, case, "不相干")
    gathering.gather_open()
    assert not cases_of(mine).exists() and cases_of(incident).count() == 1
    assert [event.verb for event in mine.events.order_by("pk")] == ["declare", "remove"]


@pytest.mark.django_db
def test_a_new_scope_lets_go_and_takes_in_but_keeps_what_was_added_by_hand(declared, filed, controller) -> None:
    here, there = filed(), filed(lon=120.30, lat=22.66)
    incident = declared(districts=[here.district_id])
    incidents.add(controller, incident.pk, there, "也是")
    incidents.change(controller, incident.pk, 1, districts=[SANMIN if there.district_id != SANMIN else LINGYA])
    assert {case.pk for case in cases_of(incident)} == {there.pk}
    with pytest.raises(ValidationError):
        incidents.change(controller, incident.pk, 1, name="舊版本")


@pytest.mark.django_db
def test_only_the_controller_steers(declared, staff, filed) -> None:
    incident, officer = declared(), staff("case_officer", "pwb-roads")
    for deed in (
        lambda: incidents.declare(officer, name="x", event="wind", since=now(), lead=directory.agency("pwb")),
        lambda: incidents.note(officer, incident.pk, "x"),
        lambda: incidents.close(officer, incident.pk, 1, "x"),
        lambda: broadcasting.broadcast(
            officer, incident.pk, text_zh="x", text_en="", to_agencies=True, to_reporters=False
        ),
    ):
        with pytest.raises(PermissionDenied):
            deed()
    assert incident.events.count() == 1


@pytest.mark.django_db
def test_the_log_cannot_be_rewritten(declared) -> None:
    event = declared().events.get()
    for deed in (lambda: IncidentEvent.objects.update(text="x"), event.delete):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            deed()


# Telling.


@pytest.mark.django_db
def test_everybody_concerned_hears_it_once_in_their_language(declared, filed, controller, staff, monkeypatch) -> None:
    monkeypatch.setattr(broadcasting, "BATCH", 3)
    for email in ("a@example.com", "A@example.com", "b@example.com", "c@example.com", "c@example.com"):
        case = filed(reporter=Reporter(email=email, language="en" if email[0] == "b" else "zh-hant"))
    filed(reporter=Reporter(email="quiet@example.com", wants_mail=False))
    for _twice in range(2):
        filed(reporter=Reporter(line="U1234"))
    filed(reporter=Reporter(phone="0912345678"))
    unit = case.unit.code
    officer, _other = staff("case_officer", unit, name="承辦"), staff("case_officer", "transport-signals", name="別處")
    incident = declared()
    Message.objects.all().delete()
    said = broadcasting.broadcast(
        controller, incident.pk, text_zh="主要道路先清。", text_en="Main roads first.", to_agencies=True,
        to_reporters=True,
    )  # fmt: skip
    jobs.perform_waiting()
    broadcasting.tell_reporters(said.pk, 0)  # twice does no harm
    letters = list(Message.objects.all())
    to_reporters = [m for m in letters if m.notice == broadcasting.TO_REPORTER]
    assert sorted((m.channel, m.recipient.lower()) for m in to_reporters) == [
        ("line", "u1234"), ("mail", "a@example.com"), ("mail", "b@example.com"), ("mail", "c@example.com"),
    ]  # fmt: skip
    assert {m.language: "Main roads first." in m.body for m in to_reporters} == {"zh-hant": False, "en": True}
    to_staff = [m.recipient for m in letters if m.notice == broadcasting.TO_STAFF]
    assert to_staff == [officer.email]
    assert Told.objects.filter(broadcast=said, staff=False).count() == 4
    said.refresh_from_db()
    assert said.finished_at


@pytest.mark.django_db
def test_the_public_reads_it_everywhere_while_it_lasts(declared, filed, controller, walker) -> None:
    case, other = filed(), filed("noise", lon=120.30, lat=22.66)
    incident = declared(districts=[case.district_id], kind_codes=["pothole"])
    client = Client()
    pages = ("/", "/report/", "/report/pothole/", f"/track/{case.number}/", f"/track/{case.number}/{case.secret}/")
    for address in pages:
        assert "請避免外出。" in client.get(address).content.decode(), address
    for address in ("/report/noise/", f"/track/{other.number}/"):
        assert "請避免外出。" not in client.get(address).content.decode(), address
    assert "Please stay indoors." in client.get("/", headers={"accept-language": "en"}).content.decode()
    assert client.get(f"/incidents/{incident.pk}/").status_code == 200
    incidents.close(controller, incident.pk, 1, "已復原。")
    for address in pages:
        assert "請避免外出。" not in client.get(address).content.decode(), address
    secret = declared(public_zh="", public_en="")
    assert client.get(f"/incidents/{secret.pk}/").status_code == 404


# The end.


@pytest.mark.django_db
def test_the_report_counts_from_records_and_keeps_what_was_reported(declared, filed, controller, staff) -> None:
    at = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    done = [filed(received_at=at + timedelta(minutes=10 * n)) for n in range(3)]
    filed("noise", received_at=at + timedelta(hours=3), lon=120.30, lat=22.66)
    for hours, case in zip((1, 2, 30), done, strict=True):
        case.set_done(case.received_at + timedelta(hours=hours))
        case.save()
    incident = declared(since=at - timedelta(hours=1))
    sums = Sums.of(incident)
    assert {name: sums.total[name] for name in ("received", "done", "open", "median_hours")} == {
        "received": 4, "done": 3, "open": 1, "median_hours": 2.0,
    }  # fmt: skip
    assert sums.total["on_time"] + sums.total["done_late"] == 3 and sums.total["done_late"] >= 1
    assert sums.peak == {"hour": "2026-03-02T14", "received": 3, "done": 3}
    for name in ("received", "done", "on_time", "done_late", "open", "late"):
        assert records(incident, name).count() == sums.total[name]
        for row in sums.districts:
            assert records(incident, name, district=row["code"]).count() == row[name]
        for row in sums.kinds:
            assert records(incident, name, kind=row["code"]).count() == row[name]
    assert records(incident, hour="2026-03-02T14").count() == 3
    with pytest.raises(ValidationError):
        incidents.close(controller, incident.pk, 1, "")
    incidents.close(controller, incident.pk, 1, "先清主要道路。")
    late = Case.objects.get(kind_code="noise")
    late.set_done(now())
    late.save()
    incident.refresh_from_db()
    assert incident.figures["done"] == 3 and Sums.of(incident).total["done"] == 4
    with pytest.raises(ValidationError):
        incidents.note(controller, incident.pk, "太晚")
    client = Client()
    client.force_login(controller)
    page = client.get(f"/desk/incidents/{incident.pk}/report/").content.decode()
    assert "先清主要道路。" in page and "what=done" in page
    printed = client.get(f"/desk/incidents/{incident.pk}/report.pdf")
    assert printed.status_code == 200 and b"".join(printed)[:5] == b"%PDF-"


@pytest.mark.django_db
def test_the_controller_goes_through_the_pages(filed, controller) -> None:
    case = filed()
    client = Client()
    client.force_login(controller)
    form = {
        "name": "氣爆", "event": "gas", "lead": "fire", "since": f"{now() - timedelta(hours=9):%Y-%m-%dT%H:%M}",
        "where": "polygon", "polygon": "22.61, 120.30\n22.63, 120.32\n22.63, 120.30\n22.61, 120.32",
    }  # fmt: skip
    refused = client.post("/desk/incidents/new/", form)
    assert refused.status_code == 422 and "交叉" in refused.content.decode() and "氣爆" in refused.content.decode()
    form["polygon"] = "22.61, 120.30\n22.61, 120.32\n22.63, 120.32\n22.63, 120.30"
    made = client.post("/desk/incidents/new/", form, follow=True)
    assert made.status_code == 200, made.content.decode()
    incident = Incident.objects.get()
    assert cases_of(incident).get() == case
    base = f"/desk/incidents/{incident.pk}/"
    for verb, said in {
        "notes": {"text": "消防隊到場"},
        "removals": {"number": case.number, "reason": "不相干"},
        "additions": {"number": case.number, "reason": "再看一次是"},
        "broadcasts": {"to": ["agencies"], "text_zh": "請各隊回報。"},
    }.items():
        assert client.get(f"{base}verbs/{verb}/").status_code == 200
        assert client.post(f"{base}verbs/{verb}/", {}).status_code == 422
        assert client.post(f"{base}verbs/{verb}/", said).status_code == 302, verb
    assert "消防隊到場" in client.get(base).content.decode()
    assert str(case.number) in client.get(f"{base}cases/?what=open").content.decode()
    assert client.get(f"{base}cases/?what=nonsense").status_code == 404
    assert client.post(f"{base}change/", form | {"name": "氣爆案", "version": "1"}).status_code == 302
    assert client.post(f"{base}verbs/closure/", {"lessons": "檢討", "version": "1"}).status_code == 422
    assert client.post(f"{base}verbs/closure/", {"lessons": "檢討", "version": "2"}).status_code == 302
    assert client.get("/desk/incidents/").status_code == 200


@pytest.mark.django_db
def test_an_officer_reads_the_counts_of_all_and_the_cases_of_their_own(declared, filed, staff) -> None:
    case = filed()
    incident = declared()
    client = Client()
    client.force_login(staff("case_officer", "transport-signals"))
    assert client.get(f"/desk/incidents/{incident.pk}/").status_code == 200
    page = client.get(f"/desk/incidents/{incident.pk}/cases/").content.decode()
    assert "1 件" in page and str(case.number) not in page
    assert client.get("/desk/incidents/new/").status_code == 403


@pytest.mark.django_db
def test_pages_take_as_many_statements_for_twenty_as_for_one(declared, filed, controller) -> None:
    client = Client()
    client.force_login(controller)
    incident = declared()

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as said:
            assert client.get(address).status_code == 200
        return len(said)

    addresses = [
        "/desk/incidents/", f"/desk/incidents/{incident.pk}/", f"/desk/incidents/{incident.pk}/cases/",
        f"/desk/incidents/{incident.pk}/report/", f"/incidents/{incident.pk}/", "/incidents/",
    ]  # fmt: skip
    filed()
    before = [cost(address) for address in addresses]
    for _n in range(19):
        filed(description=WORDS)
    for n in range(5):
        incidents.note(controller, incident.pk, f"第 {n} 則")
    assert [cost(address) for address in addresses] == before
    assert IncidentCase.objects.count() == 20
