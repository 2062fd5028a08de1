"""What happens to a report behind the counter, for tests of what its reporter sees."""

from __future__ import annotations

from cases.actions.performing import perform
from cases.models import Case
from identity.factories import person
from identity.models import User
from organisation.models import Membership

WORDS = "門牌 215 號的陳太太一直在唱歌"


def act(case: Case, verb: str, **inputs) -> Case:
    """A step of the work, as an officer of the case's unit takes it."""
    officer = User.objects.filter(memberships__unit=case.unit).first()
    if officer is None:
        officer = person()
        Membership.objects.create(user=officer, role="unit_head", unit=case.unit, since="2020-01-01")
    return perform(officer, case.pk, verb, **inputs)


def done(case: Case, text: str = "已填補") -> Case:
    return act(case, "answer", text=text, outcome="fixed")


def link(case: Case) -> str:
    return f"/track/{case.number}/{case.secret}/"
