"""What the law lets a city leave unhandled: the third petition on one matter, and one without a name."""

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from cases.actions.performing import perform
from cases.models import Case, CaseEvent
from messages.models import Message
from servicerequests.rules import likeness

DESK = "epb-inspection"
MATTER = "隔壁工廠每天半夜兩點開始運轉，聲音很大，全家都睡不著，請派員取締。"


@pytest.fixture
def answered(db, report, staff):
    """``answered(2)``: so many petitions of one citizen on one matter, answered; gives the officer."""
    officer = staff("case_officer", DESK)

    def make(count: int, **differs) -> None:
        for _i in range(count):
            case = report("noise", **{"email": "a@example.com", "description": MATTER} | differs)
            perform(officer, case.pk, "answer", text="已取締。", outcome="answered")

    return make


def verbs(client, case) -> str:
    return client.get(f"/desk/cases/{case.number}/").text


def test_the_third_on_one_matter_may_be_closed_with_notice_by_the_head(answered, report, staff, client):
    answered(1)
    head = staff("unit_head", DESK)
    second = report("noise", email="A@example.com ", description=MATTER + "拜託！")
    with pytest.raises(PermissionDenied):
        perform(head, second.pk, "close_repeated")  # answered once only
    answered(1)
    third = report("noise", email="a@example.com", description=MATTER.replace("兩點", "三點"))
    client.force_login(head)
    page = verbs(client, third)
    assert "已答復 2 次" in page and "close_repeated" in page
    with pytest.raises(PermissionDenied):
        perform(staff("case_officer", DESK), third.pk, "close_repeated")
    perform(head, third.pk, "close_repeated", text="請勿重複。")
    after = Case.objects.get(pk=third.pk)
    assert (after.state, after.outcome, after.done_at, after.on_time) == ("closed", "repeated", None, None)
    event = CaseEvent.objects.get(case=third, verb="close_repeated")
    assert event.is_public and "行政程序法第 173 條第 2 款" in event.text and len(event.data["earlier"]) == 2
    body = Message.objects.get(topic_id=third.pk, notice="servicerequests.repeated").body
    assert "第 173 條" in body and "請勿重複。" in body
    client.logout()
    assert "不能再要求重新處理" not in client.get(f"/track/{third.number}/{third.secret}/").text


@pytest.mark.parametrize(
    "differs",
    [
        {"email": "b@example.com"},
        {"description": "公園的路燈壞了三盞，晚上很暗，請修理。"},
    ],
    ids=["another citizen", "another matter"],
)
def test_others_and_other_matters_are_not_repeated(answered, report, staff, client, differs):
    answered(2, **differs)
    head, case = staff("unit_head", DESK), report("noise", email="a@example.com", description=MATTER)
    client.force_login(head)
    assert "close_repeated" not in verbs(client, case) and "已答復" not in verbs(client, case)
    with pytest.raises(PermissionDenied):
        perform(head, case.pk, "close_repeated")


def test_a_petition_without_a_name_may_be_set_aside_with_the_law_named(report, staff, client):
    head, case = staff("unit_head", DESK), report("noise")
    named, hole = report("noise", phone="0912345678"), report("pothole")
    with pytest.raises(PermissionDenied):
        perform(head, named.pk, "set_aside")
    with pytest.raises(PermissionDenied):  # a hole is a hole, whoever reports it
        perform(staff("unit_head", "pwb-roads"), hole.pk, "set_aside")
    perform(head, case.pk, "set_aside")
    after = Case.objects.get(pk=case.pk)
    assert (after.state, after.outcome) == ("closed", "set_aside")
    assert "第 173 條第 1 款" in client.get(f"/track/{case.number}/{case.secret}/").text


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_a_share_and_symmetric(one, other):
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
    assert likeness(one, one) in (0, 1)


def test_what_was_put_away_by_mistake_goes_on_with_its_old_promise(answered, report, staff, client):
    answered(2)
    head, officer = staff("unit_head", DESK), staff("case_officer", DESK)
    case, other = report("noise", email="a@example.com", description=MATTER), report("noise", email="b@example.com")
    perform(officer, case.pk, "take")
    due = Case.objects.get(pk=case.pk).due_at
    perform(head, case.pk, "close_repeated")
    client.force_login(head)
    assert "take_up" in verbs(client, case)
    with pytest.raises(PermissionDenied):
        perform(officer, case.pk, "take_up", text="看錯了")
    perform(head, case.pk, "take_up", text="其實是另一家工廠。")
    after = Case.objects.get(pk=case.pk)
    assert (after.state, after.outcome, after.closed_at, after.due_at) == ("assigned", "", None, due)
    assert "另一家工廠" in Message.objects.get(topic_id=case.pk, notice="servicerequests.reopened").body
    assert "另一家工廠" in client.get(f"/track/{case.number}/{case.secret}/").text
    perform(officer, other.pk, "answer", text="已取締。", outcome="answered")
    perform(officer, other.pk, "close")
    with pytest.raises(PermissionDenied):  # what was answered is opened again, within its term, not taken up
        perform(head, other.pk, "take_up", text="再看看")
