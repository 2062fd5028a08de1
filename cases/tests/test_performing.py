"""Verbs: who may, from which state, what follows, and what is refused. Refusal and success side by side."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from cases.actions.closing import may_reopen
from cases.actions.performing import Conflict, perform
from cases.models import Case, CaseEvent
from cases.permissions import verbs_for
from foundation.clock import now
from messages.models import Message
from organisation import directory

pytestmark = pytest.mark.django_db


def test_an_officer_takes_answers_and_closes(report, staff):
    case, officer = report("noise", email="a@example.com"), staff("case_officer", "epb-inspection")
    perform(officer, case.pk, "take", version=1)
    perform(officer, case.pk, "answer", text="已派員稽查。", outcome="answered")
    case.refresh_from_db()
    assert (case.state, case.outcome, case.on_time) == ("done", "answered", True)
    perform(officer, case.pk, "close")
    case.refresh_from_db()
    assert case.state == "closed" and case.closed_at and case.escalate_at is None
    assert [e.verb for e in CaseEvent.objects.filter(case=case).told()] == ["file", "take", "answer", "close"]
    notices = list(Message.objects.filter(topic_id=case.pk).order_by("pk").values_list("notice", flat=True))
    assert notices == ["servicerequests.received", "servicerequests.done", "servicerequests.closed"]
    with pytest.raises(Conflict):
        perform(officer, case.pk, "answer", text="again")


def test_nobody_works_on_another_units_case(report, staff):
    case = report("noise")
    for other in (
        staff("case_officer", "pwb-roads"),
        staff("citizen"),
        staff("auditor"),
        staff("crew", "pwb-road-crew-1"),
    ):
        with pytest.raises(PermissionDenied):
            perform(other, case.pk, "take")
        assert not verbs_for(other, case)
    assert perform(staff("case_officer", "epb-inspection"), case.pk, "take").state == "assigned"


def test_a_form_opened_before_a_change_is_refused(report, staff):
    case, officer = report("noise"), staff("case_officer", "epb-inspection", name="先來的人")
    perform(officer, case.pk, "take", version=case.version)
    with pytest.raises(Conflict, match="先來的人"):
        perform(officer, case.pk, "comment", version=case.version, text="晚了一步")
    assert CaseEvent.objects.filter(case=case, verb="comment").count() == 0
    perform(officer, case.pk, "comment", version=case.version + 1, text="這次看過了")


def test_the_same_key_twice_does_it_once(report, staff):
    case, officer = report("noise"), staff("case_officer", "epb-inspection")
    for _i in range(2):
        perform(officer, case.pk, "take", key="from-a-bad-network")
    assert CaseEvent.objects.filter(case=case, verb="take").count() == 1


def test_a_pause_moves_the_deadline_by_what_it_took(report, staff):
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:  # a Tuesday
        case, officer = report("waste"), staff("case_officer", "epb-sanitation")
        due = case.due_at
        perform(officer, case.pk, "ask", text="請問在哪一個路口？")
        case.refresh_from_db()
        assert case.state == "waiting" and case.clock().state == "wait" and case.escalate_at is None
        clock.move_to("2022-03-03T09:00:00+08:00")  # two working days later
        perform(None, case.pk, "supply", text="在公園旁。", by_citizen=True)
        case.refresh_from_db()
        assert case.due_at - due == timedelta(days=4)  # Friday and, over the week-end, to Tuesday: 4 calendar days
        assert case.paused_at is None and case.pauses[-1][1] is not None


def test_extensions_keep_to_the_rule(report, staff):
    case, head = report("petition", email="a@example.com"), staff("unit_head", "rdec-service")
    rule = case.kind.extension
    with pytest.raises(ValidationError) as refused:
        perform(head, case.pk, "extend", amount=rule.max_amount + 1, text="too long")
    assert "amount" in refused.value.message_dict
    for _i in range(rule.max_times):
        perform(head, case.pk, "extend", amount=Decimal(1), text="需會勘")
    with pytest.raises(ValidationError):
        perform(head, case.pk, "extend", amount=Decimal(1), text="once too often")
    after = Case.objects.get(pk=case.pk)
    assert after.due_at > case.due_at and len(after.extensions) == rule.max_times
    with pytest.raises(PermissionDenied):
        perform(staff("case_officer", "rdec-service"), case.pk, "extend", amount=Decimal(1), text="not mine to give")


def test_a_transfer_keeps_the_promise_and_shows_the_ping_pong(report, staff):
    case = report("noise")
    here, there = staff("case_officer", "epb-inspection"), staff("case_officer", "police-traffic")
    for officer, to in ((here, "police-traffic"), (there, "epb-inspection")):
        perform(officer, case.pk, "transfer", unit=directory.unit(to), text="非本單位權責")
    after = Case.objects.get(pk=case.pk)
    assert (after.transfers, after.due_at, after.officer) == (2, case.due_at, None)
    with pytest.raises(ValidationError):
        perform(here, case.pk, "transfer", unit=directory.unit("epb-inspection"), text="to itself")
    with pytest.raises(ValidationError):
        perform(here, case.pk, "transfer", unit=directory.unit("pwb-road-crew-1"), text="to a crew")


def test_merged_cases_are_told_the_same_answer(report, staff):
    first, second = report("noise", email="a@example.com"), report("noise", email="b@example.com")
    officer = staff("case_officer", "epb-inspection")
    with pytest.raises(ValidationError):
        perform(officer, second.pk, "merge", into=second)
    perform(officer, second.pk, "merge", into=first)
    second.refresh_from_db()
    assert second.state == "merged" and second.merged_into == first
    perform(officer, first.pk, "answer", text="已處理。")
    perform(officer, first.pk, "close")
    assert Message.objects.filter(topic_id=second.pk, notice="servicerequests.closed").exists()
    with pytest.raises(ValidationError):
        perform(officer, report("noise").pk, "merge", into=Case.objects.get(pk=first.pk))


def test_a_split_files_the_part_with_the_same_reporter_and_receipt(report, staff):
    case = report("noise", email="a@example.com")
    officer = staff("case_officer", "epb-inspection")
    perform(officer, case.pk, "split", kind_code="petition", description="另外，公車太少。", text="一信兩事")
    part = Case.objects.get(split_from=case)
    assert part.number.startswith("P") and part.received_at == case.received_at
    assert part.contact.email == "a@example.com" and part.description == "另外，公車太少。"


def test_re_opening_within_the_term_starts_the_promise_anew(report, staff):
    officer = staff("case_officer", "epb-inspection")
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:
        case = report("noise")
        perform(officer, case.pk, "take")
        perform(officer, case.pk, "answer", text="已處理。")
        case.refresh_from_db()
        assert may_reopen(case)
        clock.move_to("2022-03-03T09:00:00+08:00")
        perform(None, case.pk, "reopen", text="又吵了", by_citizen=True)
        case.refresh_from_db()
        assert (case.state, case.done_at, case.reopened, case.promised_at) == ("received", None, 1, now())
        perform(officer, case.pk, "take")
        perform(officer, case.pk, "answer", text="再次處理。")
        clock.move_to("2022-12-01T09:00:00+08:00")
        with pytest.raises(ValidationError):
            perform(None, case.pk, "reopen", text="much later", by_citizen=True)


def test_what_happened_off_line_counts_from_when_it_happened(report, staff):
    officer = staff("case_officer", "epb-inspection")
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:
        case = report("noise")
        clock.move_to("2022-03-01T12:00:00+08:00")
        perform(officer, case.pk, "take", at=now() - timedelta(hours=1))
        perform(officer, case.pk, "comment", at=now() - timedelta(days=9), text="before it was filed")
        perform(officer, case.pk, "comment", at=now() + timedelta(days=9), text="in the future")
        times = list(CaseEvent.objects.filter(case=case).told().values_list("at", flat=True))
        assert times == sorted(times) and times[-1] == now() and times[1] == now() - timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_one_is_told_who_was_quicker(report, staff):
    case = report("noise")
    officers = [staff("case_officer", "epb-inspection", name=f"officer {i}") for i in range(4)]
    barrier = Barrier(len(officers))

    def act(officer) -> str:
        barrier.wait()
        try:
            perform(officer, case.pk, "take", version=1)
            return "done"
        except Conflict as conflict:
            return str(conflict)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(officers)) as pool:
        outcomes = list(pool.map(act, officers))
    assert outcomes.count("done") == 1
    assert all("officer" in outcome for outcome in outcomes if outcome != "done")
    assert CaseEvent.objects.filter(case=case, verb="take").count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_file_at_once_and_every_number_is_another(report, city):
    with ThreadPoolExecutor(6) as pool:

        def file(i: int) -> str:
            try:
                return report(description=str(i)).number
            finally:
                connection.close()

        numbers = list(pool.map(file, range(30)))
    assert len(set(numbers)) == 30


def test_a_remark_is_inside_unless_it_is_marked_public(report, staff, client):
    case, officer = report("noise"), staff("case_officer", "epb-inspection")
    client.force_login(officer)
    address = f"/desk/cases/{case.number}/comment/"
    drawn = BytesIO()
    Image.new("RGB", (80, 60), "grey").save(drawn, "JPEG")
    picture = SimpleUploadedFile("a.jpg", drawn.getvalue(), "image/jpeg")
    said = {"version": 1, "text": "只給同仁看", "files": picture}
    assert client.post(address, said).status_code == 302
    assert client.post(address, {"version": 2, "text": "大家都能看", "public": "on"}).status_code == 302
    inside, outside = CaseEvent.objects.filter(case=case, verb="comment").told()
    assert (inside.is_public, outside.is_public) == (False, True)
    assert [file.is_public for file in case.attachments.all()] == [False]
    wrong = SimpleUploadedFile("a.jpg", b"not a picture at all", "image/jpeg")
    refused = client.post(address, {"version": 3, "text": "打好的字還在", "files": wrong})
    assert refused.status_code == 422 and "打好的字還在" in refused.text
    assert CaseEvent.objects.filter(case=case, verb="comment").count() == 2
