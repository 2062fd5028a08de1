"""What a crew reports late: conflicts, notes, the phone's own list, materials, contractors, the way."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions.performing import perform
from cases.models import Attachment, Case, CaseEvent
from identity.models import User
from organisation import directory
from organisation.actions import appoint
from organisation.models import Membership
from organisation.pack import read_pack
from organisation.tests.test_pack import EACH_PACK
from servicerequests.models import Job, MaterialUse
from servicerequests.registry import Material, materials
from servicerequests.tests.walking import picture

pytestmark = pytest.mark.django_db

CREW, OTHER_CREW, FIRM = "pwb-road-crew-1", "pwb-road-crew-2", "pwb-light-firm-1"
JSON = {"Accept": "application/json"}


@pytest.fixture
def head(staff: Callable[..., User]) -> User:
    return staff("unit_head", "pwb-roads", name="陳科長")


@pytest.fixture
def sent(report: Callable[..., Case], staff: Callable[..., User]) -> Callable[..., Job]:
    def sent(crew: str = CREW, kind: str = "pothole", **facts) -> Job:
        case = report(kind, **facts)
        perform(staff("case_officer", case.unit.code), case.pk, "dispatch", crew=directory.unit(crew))
        return Job.objects.with_last_entry().for_list().get(case=case, ended_at=None)

    return sent


@pytest.fixture
def worker(staff: Callable[..., User]) -> Callable[..., tuple[Client, User]]:
    def worker(crew: str = CREW, name: str = "王小組") -> tuple[Client, User]:
        user, client = staff("crew", crew, name=name), Client()
        client.force_login(user)
        return client, user

    return worker


def say(client: Client, job: Job, verb: str, **said):
    return client.post(f"/crew/jobs/{job.pk}/{verb}/", {"idempotency_key": str(uuid4()), **said}, headers=JSON)


def to_the_place(client: Client, job: Job) -> None:
    for verb in ("accept", "arrive"):
        assert say(client, job, verb).json()["outcome"] == "done"


def done(client: Client, job: Job, **said):
    return say(client, job, "finish", **{"outcome": "fixed", "text": "好了", "photos": [picture()]} | said)


# -- Conflicts ---------------------------------------------------------------------------------------------------------


def test_a_report_for_a_job_that_ended_does_not_reach_the_next_job(sent, worker, head):
    """The case is back with the same crew under another job: what was said of the old one is not taken for the new."""
    job, (phone, me) = sent(), worker()
    to_the_place(phone, job)
    perform(me, job.case_id, "hand_over", text="沒有料")
    perform(head, job.case_id, "dispatch", crew=directory.unit(CREW))
    perform(me, job.case_id, "accept")
    perform(me, job.case_id, "arrive")
    answer = done(phone, job)
    assert answer.status_code == 409 and answer.json()["outcome"] == "conflict"
    told = answer.json()["now"]
    assert told["crew"] == "養護工程處道路一隊" and told["possible"] is False
    assert Case.objects.get(pk=job.case_id).state == "on_site" and not Attachment.objects.exists()


def test_what_others_did_since_is_shown_and_may_be_overruled_knowingly(sent, worker, head):
    job, (phone, me) = sent(), worker()
    perform(head, job.case_id, "extend", amount=Decimal(1), text="大雨")  # takes nothing away
    assert say(phone, job, "accept", seen=job.seen).json()["outcome"] == "done"
    _other, colleague = worker(name="李小組")
    perform(colleague, job.case_id, "accept")
    answer = say(phone, job, "accept", seen=job.seen)
    told = answer.json()["now"]
    assert answer.status_code == 409 and told["possible"] and told["what"] == "外勤人員已出發"
    assert "陳科長" not in answer.content.decode() and "李小組" not in answer.content.decode()  # units, not people
    job.refresh_from_db()
    assert job.accepted_by == colleague
    assert say(phone, job, "accept", seen=told["seen"]).json()["outcome"] == "done"
    job.refresh_from_db()
    assert job.accepted_by == me


def test_the_page_shows_both_sides_and_keeps_what_was_written(sent, worker, head):
    job, (phone, _me) = sent(), worker()
    to_the_place(phone, job)
    perform(head, job.case_id, "dispatch", crew=directory.unit(OTHER_CREW))
    page = phone.post(f"/crew/jobs/{job.pk}/finish/", {"text": "已補平", "outcome": "fixed", "photos": [picture()]})
    text = page.content.decode()
    assert page.status_code == 409 and "市府目前的資料" in text and "養護工程處道路二隊" in text
    assert f"/crew/jobs/{job.pk}/note/" in text
    assert say(phone, job, "note", text="其實已經補平了", photos=[picture()]).json()["outcome"] == "done"
    note = CaseEvent.objects.filter(case=job.case_id).told().last()
    assert (note.verb, note.text, note.is_public) == ("comment", "其實已經補平了", False)
    assert Case.objects.get(pk=job.case_id).state == "dispatched"


def test_a_phone_in_other_hands_sends_nothing_of_its_first_owner(sent, worker):
    job, (phone, me), (_other, you) = sent(), worker(), worker(name="後來的人")
    answer = say(phone, job, "accept", person=you.pk)
    assert answer.status_code == 403 and answer.json() == {"outcome": "other_person"}
    assert Job.objects.get(pk=job.pk).state == "sent"
    assert say(phone, job, "accept", person=me.pk).json()["outcome"] == "done"


def test_refusals_are_told_in_words_and_by_field(sent, worker):
    job, (phone, _me) = sent(), worker()
    to_the_place(phone, job)
    answer = say(phone, job, "finish", outcome="fixed", text="")
    assert answer.status_code == 422
    assert answer.json()["outcome"] == "refused" and set(answer.json()["errors"]) == {"text"} and answer.json()["words"]
    stranger, _you = worker(OTHER_CREW)
    assert say(stranger, job, "finish", outcome="fixed", text="x").json()["outcome"] == "refused"
    assert Job.objects.get(pk=job.pk).state == "on_site"


# -- What the phone keeps ----------------------------------------------------------------------------------------------


def test_the_phone_keeps_its_own_next_jobs_in_three_statements(sent, worker):
    phone, me = worker()
    phone.get("/crew/today.json")

    def told() -> tuple[dict, int]:
        with CaptureQueriesContext(connection) as said:
            answer = phone.get("/crew/today.json").json()
        return answer, len(said)

    mine = sent()
    sent(OTHER_CREW)
    first, cost = told()
    assert first["person"] == me.pk and [job["pages"][0] for job in first["jobs"]] == [f"/crew/jobs/{mine.pk}/"]
    for address in first["jobs"][0]["pages"] + first["pages"]:
        assert phone.get(address).status_code == 200, address
    for _i in range(24):
        sent()
    many, again = told()
    assert len(many["jobs"]) == 20 and again == cost
    say(phone, mine, "accept")
    marks = {job["pages"][0]: job["mark"] for job in told()[0]["jobs"]}
    assert marks[f"/crew/jobs/{mine.pk}/"] != first["jobs"][0]["mark"]


# -- The way -----------------------------------------------------------------------------------------------------------


def test_without_a_script_the_way_begins_at_the_depot(sent, worker):
    phone, _me = worker()
    depot = directory.unit(CREW)
    far, near = sent(lat=22.9), sent(lon=depot.lon + 0.001, lat=depot.lat)
    page = phone.get("/crew/?order=way").content.decode()
    assert re.findall(r'<h[23]><a href="/crew/jobs/(\d+)/"', page) == [str(near.pk), str(far.pk)]
    assert "從駐地出發" in page


def test_what_is_due_within_the_hour_is_driven_to_first(sent, worker):
    depot = directory.unit(CREW)
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:
        phone, _me = worker()
        soon = sent(lat=22.9)
        clock.move_to("2022-03-01T12:15:00+08:00")
        near = sent(lon=depot.lon + 0.001, lat=depot.lat)
        page = phone.get(f"/crew/?lon={depot.lon}&lat={depot.lat}").content.decode()
        assert re.findall(r'<h[23]><a href="/crew/jobs/(\d+)/"', page) == [str(soon.pk), str(near.pk)]


# -- Materials ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EACH_PACK, ids=lambda path: path.name)
def test_each_pack_lists_materials_that_can_be_read(path):
    pack = read_pack(path)
    listed = pack.rule("materials", date(2022, 6, 1)).value
    assert set(listed) <= {kind["code"] for kind in pack.kinds}
    for rows in listed.values():
        found = [Material(**row) for row in rows]
        assert len({each.code for each in found}) == len(found) and all(
            each.label_en and each.unit_en for each in found
        )


def test_a_material_without_its_words_is_refused():
    with pytest.raises(ValueError, match="cold_mix"):
        Material("cold_mix", "", "", "包", "bags", 10)


def test_what_was_used_stands_on_the_job_the_case_and_in_the_sums(sent, worker, head, city):
    job, (phone, _me) = sent(), worker()
    to_the_place(phone, job)
    for odd in ("-1", "1.5", "9999", "x"):
        answer = done(phone, job, used_cold_mix=odd)
        assert answer.status_code == 422 and set(answer.json()["errors"]) == {"used_cold_mix"}, odd
    assert done(phone, job, used_cold_mix="3", used_hot_mix="0.5", used_tack_coat="").json()["outcome"] == "done"
    assert dict(MaterialUse.objects.values_list("material", "amount")) == {"cold_mix": 3, "hot_mix": Decimal("0.5")}
    assert "冷拌瀝青 3 包" in phone.get(f"/crew/jobs/{job.pk}/").content.decode()
    desk = Client()
    desk.force_login(head)
    assert "0.5 噸" in desk.get(f"/desk/cases/{job.case.number}/").content.decode()
    other = sent()
    to_the_place(phone, other)
    done(phone, other, used_cold_mix="4")
    page = desk.get("/desk/materials/")
    assert (
        f'value="{page.context["form"].initial["until"]:%Y-%m-%d}"' in page.text
    )  # as the browser reads dates, whatever the language
    assert [(row["label"], row["total"], row["jobs"]) for row in page.context["rows"]] == [
        ("冷拌瀝青", "7", 2),
        ("熱拌瀝青混凝土", "0.5", 1),
    ]
    rows = list(
        csv.DictReader(io.StringIO(b"".join(desk.get("/desk/materials.csv").streaming_content).decode("utf-8-sig")))
    )
    assert [(row["number"], row["material"], row["amount"]) for row in rows] == [
        (str(job.case.number), "cold_mix", "3"), (str(job.case.number), "hot_mix", "0.5"),
        (str(other.case.number), "cold_mix", "4"),
    ]  # fmt: skip
    assert desk.get("/desk/materials/?since=2001-01-01&until=2001-01-31").context["rows"] == []
    assert desk.get("/desk/materials/?since=2001-02-01&until=2001-01-31").status_code == 422


def test_sums_are_for_who_heads_the_unit(sent, worker, staff):
    job, (phone, _me) = sent(), worker()
    to_the_place(phone, job)
    done(phone, job, used_cold_mix="3")
    assert phone.get("/desk/materials/").status_code == 403
    other = Client()
    other.force_login(staff("unit_head", "epb-inspection"))
    assert other.get("/desk/materials/").context["rows"] == []


def test_a_material_of_another_kind_is_refused_and_the_database_keeps_sums_right(sent, worker):
    job, (_phone, me) = sent(), worker()
    for verb in ("accept", "arrive"):
        perform(me, job.case_id, verb)
    with pytest.raises(ValidationError, match="led_lamp"):
        perform(me, job.case_id, "finish", text="x", outcome="not_found", materials={"led_lamp": Decimal(1)})
    use = {"job": job, "material": "cold_mix", "label_zh": "x", "label_en": "x", "unit_zh": "x", "unit_en": "x"}
    with pytest.raises(IntegrityError, match="material_amount_positive"), transaction.atomic():
        MaterialUse.objects.create(**use, amount=0)
    MaterialUse.objects.create(**use, amount=1)
    with pytest.raises(IntegrityError, match="material_once_a_job"), transaction.atomic():
        MaterialUse.objects.create(**use, amount=1)
    assert materials("noise", date(2022, 6, 1)) == () and materials("pothole", date(1990, 1, 1)) == ()


# -- Contractors -------------------------------------------------------------------------------------------------------


def test_a_contractors_crew_sees_the_jobs_given_to_it_and_nothing_else(sent, worker, report):
    mine = sent(FIRM, "street_light", email="reporter@example.com", phone="0912345678")
    theirs, untouched = sent("pwb-light-crew-1", "street_light"), report("street_light")
    firm, _me = worker(FIRM)
    listed = firm.get("/crew/").content.decode()
    assert f"/crew/jobs/{mine.pk}/" in listed and f"/crew/jobs/{theirs.pk}/" not in listed
    for address in ("/crew/", f"/crew/jobs/{mine.pk}/", f"/crew/jobs/{mine.pk}/finish/", "/crew/today.json"):
        text = firm.get(address).content.decode()
        assert "reporter@example.com" not in text and "0912345678" not in text and mine.case.secret not in text
    assert firm.get(f"/crew/jobs/{theirs.pk}/").status_code == 404
    for case in (mine.case, theirs.case, untouched):
        for address in ("", "contact/"):
            assert firm.get(f"/desk/cases/{case.number}/{address}").status_code in {403, 405}
        assert firm.post(f"/desk/cases/{case.number}/contact/").status_code == 403
    for address in ("/desk/", "/desk/export.csv", "/desk/workload/", "/desk/materials/", "/disclosures/", "/people/"):
        assert firm.get(address).status_code == 403, address
    to_the_place(firm, mine)
    assert done(firm, mine, used_led_lamp="1").json()["outcome"] == "done"


def test_what_a_contractor_did_is_out_of_its_sight_after_some_days(sent, worker):
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:
        job, (firm, me) = sent(FIRM, "street_light"), worker(FIRM)
        own, (crew, you) = sent("pwb-light-crew-1", "street_light"), worker("pwb-light-crew-1")
        for phone, one in ((firm, job), (crew, own)):
            to_the_place(phone, one)
            done(phone, one)
        clock.shift(timedelta(days=6))
        firm.force_login(me)
        assert firm.get(f"/crew/jobs/{job.pk}/").status_code == 200
        clock.shift(timedelta(days=2))
        firm.force_login(me)
        assert firm.get(f"/crew/jobs/{job.pk}/").status_code == 404
        crew.force_login(you)
        assert crew.get(f"/crew/jobs/{own.pk}/").status_code == 200


def test_nobody_in_a_contractors_crew_is_anything_but_crew(staff, sent):
    unit = directory.unit(FIRM)
    user, job = staff("crew", FIRM), sent(FIRM, "street_light")
    with pytest.raises(ValidationError, match="廠商"):
        appoint(None, user, "case_officer", unit=unit, since=date(2020, 1, 1))
    assert appoint(None, user, "crew", unit=unit, since=date(2021, 1, 1)).pk
    # Whatever somebody writes into the table.
    Membership.objects.create(user=user, role="unit_head", unit=unit, since=date(2020, 1, 1))
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    assert client.get("/desk/").status_code == 403 and client.get("/crew/").status_code == 200
    assert client.get(f"/desk/cases/{job.case.number}/").status_code == 403


def test_with_a_full_disk_the_phone_keeps_the_report(sent, worker, monkeypatch: pytest.MonkeyPatch) -> None:
    job, (client, user) = sent(), worker()
    perform(user, job.case_id, "accept")
    perform(user, job.case_id, "arrive")

    def full(*_content: object) -> str:
        raise OSError("no space left on device")

    monkeypatch.setattr("cases.actions.files.store", full)
    said = {"text": "已補平", "outcome": "fixed", "photos": picture("black")}
    answer = client.post(f"/crew/jobs/{job.pk}/finish/", said, headers=JSON)
    assert (answer.status_code, answer.json()) == (503, {"outcome": "later"})
    job.refresh_from_db()
    assert job.state == "on_site"


def test_a_crew_reads_with_whom_a_job_is_now_and_a_stranger_does_not(sent, worker, staff):
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:
        job, (firm, me), (stranger, you) = sent(FIRM, "street_light"), worker(FIRM), worker(OTHER_CREW)
        crew = directory.unit("pwb-light-crew-1")
        perform(staff("case_officer", job.case.unit.code), job.case_id, "dispatch", crew=crew)
        assert f"這件工作現在由{crew}辦理" in firm.get(f"/crew/jobs/{job.pk}/").text
        clock.shift(timedelta(days=8))
        firm.force_login(me)
        stranger.force_login(you)
        for page in (firm.get(f"/crew/jobs/{job.pk}/"), firm.get(f"/crew/jobs/{job.pk}/finish/")):
            assert page.status_code == 404 and f"這件工作現在由{crew}辦理" in page.text
            assert "phone-page" in page.text and job.case.place not in page.text
        late = firm.post(f"/crew/jobs/{job.pk}/arrive/", {}, headers={"Accept": "application/json"})
        assert late.status_code == 422 and str(crew) in late.json()["words"]
        assert str(crew) not in stranger.get(f"/crew/jobs/{job.pk}/").text
