"""A head is on leave and a deputy approves: the work reaches the deputy, and the record shows both."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from cases.actions.approving import approve, draft, hand_in, send_back
from cases.actions.performing import perform
from cases.models import Case, CaseEvent, Endorsement
from foundation.clock import now
from identity.actions import disclose
from identity.models import User
from organisation.actions import end_deputyship, name_deputy

pytestmark = pytest.mark.django_db
DESK, OTHER = "rdec-service", "rdec-evaluation"
WORDS = {"text": "已請交通局增班。", "outcome": "answered"}


@pytest.fixture
def office(report, staff):
    """A petition whose answer waits for the head's signature, its head, and somebody of another unit of the agency."""
    case, officer = report("petition", email="a@example.com"), staff("case_officer", DESK, name="承辦")
    draft(officer, case.pk, WORDS)
    hand_in(officer, case.pk)
    return case, staff("unit_head", DESK, name="李大華"), staff("case_officer", OTHER, name="王小明")


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def act(head: User, deputy: User):
    (made,) = name_deputy(head, [head.memberships.get()], deputy, now(), now() + timedelta(days=3), "leave")
    return made


def test_a_deputy_signs_and_the_record_shows_both(office):
    case, head, deputy = office
    sign = Endorsement.objects.awaited().get()
    assert not Endorsement.objects.awaiting(deputy).exists()
    with pytest.raises(PermissionDenied):
        approve(deputy, sign.pk, seen=1)
    act(head, deputy)
    deputy = fresh(deputy)
    assert list(Endorsement.objects.awaiting(deputy)) == [sign]  # it is on the deputy's list
    assert case in Case.objects.visible_to(deputy)
    approve(deputy, sign.pk, seen=1, words="同意")
    sign.refresh_from_db()
    assert (sign.by, sign.acting_for) == (deputy, head)
    event = CaseEvent.objects.get(case=case, verb="approve")
    assert (event.actor, event.acting_for, event.actor_label) == (deputy, head, "聯合服務中心")
    answer = CaseEvent.objects.get(case=case, verb="answer")
    assert answer.acting_for is None  # the officer's own
    logged = disclose(deputy, "case", str(case.number), ["phone"], "回電")
    assert "代理李大華：單位主管" in logged.capacity
    client = Client()
    client.force_login(deputy)
    page = client.get(f"/desk/cases/{case.number}/").content.decode()
    assert "王小明（代理 李大華）" in page
    public = Client().get(f"/track/{case.number}/{case.secret}/").content.decode()
    assert "李大華" not in public and "王小明" not in public


def test_sending_back_names_both_too(office):
    case, head, deputy = office
    act(head, deputy)
    send_back(fresh(deputy), Endorsement.objects.awaited().get().pk, seen=1, words="請寫明日期")
    assert CaseEvent.objects.get(case=case, verb="send_back").acting_for == head


def test_a_deputy_does_not_sign_what_the_absent_drafted(report, staff):
    case, head = report("petition", email="a@example.com"), staff("unit_head", DESK)
    deputy = staff("case_officer", OTHER)
    draft(head, case.pk, WORDS)
    hand_in(head, case.pk)
    act(head, deputy)
    with pytest.raises(ValidationError, match="不能由您核定"):
        approve(fresh(deputy), Endorsement.objects.awaited().get().pk, seen=1)


def test_after_the_period_the_right_is_gone_at_once(office):
    case, head, deputy = office
    sign, made = Endorsement.objects.awaited().get(), act(head, deputy)
    with time_machine.travel(made.ends_at, tick=False), pytest.raises(PermissionDenied):
        approve(fresh(deputy), sign.pk, seen=1)
    end_deputyship(head, made)
    with pytest.raises(PermissionDenied):
        approve(fresh(deputy), sign.pk, seen=1)
    assert case not in Case.objects.visible_to(fresh(deputy))


def test_what_the_deputy_may_do_anyway_is_done_in_person(report, staff):
    """A colleague of the same unit answers as always; only the head's own deeds are done for the head."""
    case, head = report("noise"), staff("unit_head", "epb-inspection")
    deputy = staff("case_officer", "epb-inspection")
    act(head, deputy)
    perform(fresh(deputy), case.pk, "answer", **WORDS)
    assert CaseEvent.objects.get(case=case, verb="answer").acting_for is None
