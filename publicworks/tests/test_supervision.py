"""A report on a work from its receipt to the inspection: who answers, what is corrected, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions.performing import Conflict, perform
from cases.models import Case, CaseEvent
from cases.permissions import verbs_for
from foundation.clock import now, today
from messages.models import Message
from publicworks.actions.matching import works_near
from publicworks.models import CitizenReport, Work
from publicworks.tests.conftest import HERE

pytestmark = pytest.mark.django_db

OWN, OTHER = "water-maintenance", "pwb-construction"


@pytest.fixture
def officer(staff: Callable[..., Any]) -> Any:
    return staff("case_officer", OWN)


@pytest.fixture
def inspector(staff: Callable[..., Any]) -> Any:
    return staff("controller")


def test_a_report_goes_to_whoever_has_the_work_built(work, about):
    case = about(work())
    assert str(case.number).startswith("W")
    assert case.unit.code == OWN
    report = CitizenReport.objects.get(case=case)
    assert report.work.tender_number == "111-0001" and report.in_construction
    assert about(None).unit.code == OTHER  # the kind's own unit
    assert about(work("111-0002", unit="")).unit.code == OTHER  # a work of somebody else's


def test_a_work_that_is_no_work_is_refused_and_nothing_is_kept(work, report):
    with pytest.raises(ValidationError) as refused:
        report("works_quality", fields={"issue": "concrete", "work": "no such"})
    assert "哪一項工程" in str(refused.value)
    assert not Case.objects.exists()


def test_works_nearby_come_nearest_first_and_only_within_the_rule(work):
    lon, lat = HERE
    far = work("far", at=(lon + 0.02, lat))
    street = work("street", at=(lon + 0.004, lat), line=[[lon - 0.004, lat + 0.001], [lon + 0.004, lat + 0.001]],
                  west=lon - 0.004, east=lon + 0.004, north=lat + 0.001)  # fmt: skip
    near, here = work("near", at=(lon + 0.002, lat)), work("here")
    found = works_near(lon, lat)
    assert [each for _metres, each in found] == [here, street, near]
    assert [metres for metres, _each in found] == sorted(metres for metres, _each in found) and found[1][0] < 120
    assert far not in {each for _metres, each in found}
    with CaptureQueriesContext(connection) as queries:
        works_near(lon, lat)
    assert len(queries) == 1


def test_the_officer_corrects_the_work_and_the_case_follows_it(work, about, staff):
    case, right = about(None), work()
    wrong_unit = staff("case_officer", OTHER)
    perform(wrong_unit, case.pk, "take")
    perform(wrong_unit, case.pk, "match", work=" 111-0001 ", text="依告示牌")
    case.refresh_from_db()
    assert (case.unit.code, case.state, case.officer, case.transfers) == (OWN, "received", None, 1)
    assert case.fields["work"] == "111-0001" and CitizenReport.objects.get(case=case).work == right
    told = CaseEvent.objects.get(case=case, verb="match")
    assert told.text == "依告示牌" and told.data["to"] == "水利養護科" and told.is_public
    officer = staff("case_officer", OWN)
    perform(officer, case.pk, "match", work="")
    case.refresh_from_db()
    assert "work" not in case.fields and not CitizenReport.objects.exists()
    with pytest.raises(ValidationError, match="沒有"):
        perform(officer, case.pk, "match", work="999")


def test_an_inspection_is_asked_for_once_and_carried_out_by_the_office(work, about, officer, inspector):
    case = about(work(), email="a@example.com", received_at=now() - timedelta(days=3))
    perform(officer, case.pk, "ask_inspection", text="混凝土有蜂窩")
    report = CitizenReport.objects.get(case=case)
    assert (report.inspection_asked_by, report.inspection_reason) == (officer, "混凝土有蜂窩")
    with pytest.raises(ValidationError, match="已申請查核"):
        perform(officer, case.pk, "ask_inspection", text="再一次")
    with pytest.raises(ValidationError, match="不能再改"):
        perform(officer, case.pk, "match", work="")
    with pytest.raises(PermissionDenied):
        perform(officer, case.pk, "record_inspection", on=today(), text="自己查")
    for wrong in (today() + timedelta(days=1), case.received_on - timedelta(days=1)):
        with pytest.raises(ValidationError, match="查核日期"):
            perform(inspector, case.pk, "record_inspection", on=wrong, text="到場")
    perform(inspector, case.pk, "record_inspection", on=today(), text="列三項缺失")
    with pytest.raises(ValidationError, match="已經登載"):
        perform(inspector, case.pk, "record_inspection", on=today(), text="又一次")
    report.refresh_from_db()
    assert report.inspected_on == today()
    assert list(Message.objects.order_by("pk").values_list("notice", flat=True)) == [
        "publicworks.received", "publicworks.inspection", "publicworks.inspected"
    ]  # fmt: skip


def test_only_what_is_being_built_is_inspected(work, about, officer, inspector):
    done = about(work(state="completed"))
    assert not CitizenReport.objects.get(case=done).in_construction
    with pytest.raises(PermissionDenied):
        perform(officer, done.pk, "ask_inspection", text="很糟")
    subject = work("111-0002")
    meanwhile = about(subject)
    Work.objects.filter(pk=subject.pk).update(state="accepted")
    with pytest.raises(ValidationError, match="已驗收"):
        perform(officer, meanwhile.pk, "ask_inspection", text="很糟")
    verbs = {verb.verb for verb in verbs_for(officer, done)}
    assert "answer" in verbs and "match" in verbs and not verbs & {"ask_inspection", "record_inspection", "dispatch"}
    assert "record_inspection" not in {verb.verb for verb in verbs_for(inspector, meanwhile)}


@pytest.mark.parametrize(
    "broken",
    [
        {"inspection_reason": "沒有申請"},
        {"inspection_asked_at": now(), "inspection_reason": ""},
        {"inspected_on": today()},
        {"inspection_asked_at": now(), "inspection_reason": "查", "in_construction": False},
    ],
)
def test_the_database_refuses_an_inspection_that_nobody_asked_for(work, about, broken):
    case = about(work())
    with pytest.raises(IntegrityError), transaction.atomic():
        CitizenReport.objects.filter(case=case).update(**broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "floating"}, {"budget": -1}, {"tender_number": ""}, {"name": ""}, {"planned_end": "2021-01-01"},
        {"lon": None}, {"west": None}, {"lat": 91, "north": 91}, {"lon": 120.4},
    ],
)  # fmt: skip
def test_the_database_refuses_a_broken_work(work, broken):
    made = work()
    with pytest.raises(IntegrityError), transaction.atomic():
        Work.objects.filter(pk=made.pk).update(**broken)


def test_the_answer_is_rated_and_reopens_as_every_promise_does(work, about, officer):
    case = about(work(), email="a@example.com")
    perform(officer, case.pk, "answer", text="已改善", outcome="fixed")
    perform(None, case.pk, "rate", by_citizen=True, rating=5)
    perform(officer, case.pk, "close")
    perform(None, case.pk, "reopen", by_citizen=True, text="又壞了")
    case.refresh_from_db()
    assert (case.state, case.reopened, case.rating) == ("received", 1, None)
    assert [m.notice for m in Message.objects.order_by("pk")] == [
        "publicworks.received", "publicworks.answered", "publicworks.closed", "publicworks.reopened"
    ]  # fmt: skip


def test_the_desk_shows_the_work_or_those_nearby(work, about, officer, inspector):
    subject = work()
    client = Client()
    client.force_login(officer)
    page = client.get(reverse("case", args=[about(subject).number])).content.decode()
    assert subject.name in page and "愛河營造有限公司" in page and "12,000,000" in page and "已超過預定完工日" in page
    unmatched = about(None)
    client.force_login(inspector)
    page = client.get(reverse("case", args=[unmatched.number])).content.decode()
    assert "還沒有對應到" in page and subject.tender_number in page and "全民督工申請查核" in page


def test_the_desk_corrects_and_asks_through_its_forms(work, about, officer):
    case, right = about(work()), work("111-0009")
    client = Client()
    client.force_login(officer)
    address = reverse("case-verb", args=[case.number, "match"])
    page = client.post(address, {"version": 1, "work": "nothing", "text": "原來的說明"})
    assert page.status_code == 422 and "沒有「nothing」這個標案案號" in page.content.decode()
    assert "原來的說明" in page.content.decode()
    assert client.post(address, {"version": 1, "work": right.tender_number, "text": ""}).status_code == 302
    asked = client.post(reverse("case-verb", args=[case.number, "ask_inspection"]), {"version": 2, "text": "請查"})
    assert asked.status_code == 302 and CitizenReport.objects.get(case=case).work == right


@pytest.mark.django_db(transaction=True)
def test_two_officers_ask_at_once_and_one_inspection_is_asked_for(work, about, officer):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection as here

    case = about(work())

    def ask(text: str) -> str:
        try:
            perform(officer, case.pk, "ask_inspection", version=1, text=text)
        except (Conflict, ValidationError) as refused:
            return type(refused).__name__
        finally:
            here.close()
        return text

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(ask, ["甲", "乙"]))
    assert sorted(said)[0] == "Conflict" and CaseEvent.objects.filter(verb="ask_inspection").count() == 1
    assert CitizenReport.objects.get(case=case).inspection_reason in said
