"""What the clock does by itself: reminders, escalation, and a new calendar."""

from datetime import date, timedelta

import pytest
import time_machine

from cases.actions.deadlines import escalate, recompute_deadlines, remind
from cases.actions.performing import perform
from cases.models import Case, CaseEvent
from foundation import jobs
from messages.models import Message
from organisation.actions import declare_closure
from organisation.memory import forget

pytestmark = pytest.mark.django_db


def verbs(case: Case) -> list[str]:
    return [event.verb for event in CaseEvent.objects.filter(case=case).told()]


def test_officers_are_reminded_before_and_heads_told_after_each_once(report, staff):
    officer, head = staff("case_officer", "pwb-roads"), staff("unit_head", "pwb-roads")
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:
        case = report()
        perform(officer, case.pk, "take")
        assert (remind(), escalate()) == (0, 0)
        clock.move_to("2022-03-01T12:05:00+08:00")  # an hour before the end of four
        assert (remind(), remind(), escalate()) == (1, 0, 0)
        clock.move_to("2022-03-01T13:05:00+08:00")
        assert (remind(), escalate(), escalate()) == (0, 1, 0)
    assert verbs(case) == ["file", "take", "remind", "escalate"]
    told = {(message.notice, message.recipient) for message in Message.objects.filter(topic_id=case.pk)}
    assert told == {("cases.remind", officer.email), ("cases.escalate", head.email)}


def test_what_is_done_or_waits_is_neither_reminded_nor_escalated(report, staff):
    officer = staff("case_officer", "pwb-roads")
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:
        done, waiting = report(), report()
        for case in (done, waiting):
            perform(officer, case.pk, "take")
        perform(officer, done.pk, "answer", text="已修補。", outcome="fixed")
        perform(officer, waiting.pk, "ask", text="在哪裡？")
        clock.move_to("2022-03-02T09:00:00+08:00")
        assert (remind(), escalate()) == (0, 0)


def test_a_typhoon_day_moves_deadlines_in_its_districts_and_says_why(report, staff):
    controller = staff("controller")
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:
        here = report("waste")  # 苓雅區, three working days: Friday
        there = report("waste", lon=120.7930, lat=23.1570, address="桃源區")
        urgent = report("pothole")
        assert there.district_id != here.district_id
        declare_closure(controller, date(2022, 3, 3), [here.district_id], "closed", "颱風停班", "測試")
        clock.move_to("2022-03-01T09:01:00+08:00")
        forget()
        jobs.perform_waiting()
        moved, kept, still = (Case.objects.get(pk=case.pk) for case in (here, there, urgent))
    assert moved.due_at - here.due_at == timedelta(days=3)  # Friday becomes Monday
    assert (kept.due_at, still.due_at) == (there.due_at, urgent.due_at)
    event = CaseEvent.objects.get(case=here, verb="deadline")
    assert "颱風" in event.text and event.is_public and event.data["from"] != event.data["to"]
    assert "deadline" not in verbs(there)
    assert recompute_deadlines("again") == 0
