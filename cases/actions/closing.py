"""How a case ends, and how it begins again."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.actions.performing import Said, record, tell
from cases.models import Case
from cases.models.answer_template import ENDINGS
from cases.models.case import Outcome
from foundation.clock import TAIPEI, now


def finish(case: Case, actor, text: str, outcome: str = Outcome.ANSWERED) -> Said:
    """The work is done and the citizen has an answer: this is the moment that keeps or breaks the promise."""
    if outcome not in ENDINGS:
        raise ValidationError({"outcome": _("請選擇處理結果。")})
    case.outcome = outcome
    case.set_done(case.moment)
    case.set_deadline()
    return Said(text, {"outcome": outcome, "on_time": case.on_time})


def close(case: Case, actor, text: str = "") -> Said:
    """The officer has read what was done and puts the case away."""
    case.closed_at = case.moment
    case.outcome = case.outcome or Outcome.ANSWERED
    case.set_deadline()
    _close_merged(case, actor, text)
    return Said(text)


def _close_merged(case: Case, actor, text: str) -> None:
    """What was merged into this case is told the same answer, on its own timeline and by its own letter."""
    for child in Case.objects.filter(merged_into=case).for_list():
        record(
            child,
            "close",
            actor,
            text,
            public=True,
            data={"with": str(case.number)},
            unit=case.unit,
            deed="cases:close",
        )
        if notice := child.kind.family.notices.get("close"):
            tell(child, notice, text)


def withdraw(case: Case, actor, text: str = "") -> Said:
    """The citizen takes the report back."""
    case.closed_at, case.outcome, case.paused_at = case.moment, Outcome.WITHDRAWN, None
    case.set_deadline()
    return Said(text)


def put_away(case: Case, outcome: str) -> None:
    """Close a case that the law lets the city leave unhandled: no work was done, so nothing is rated as on time."""
    case.closed_at, case.outcome, case.paused_at = case.moment, outcome, None
    case.set_deadline()


def take_up_again(case: Case, actor, text: str) -> Said:
    """It was put away by mistake: the case goes on with its old promise, which has not stood still meanwhile."""
    case.closed_at, case.outcome = None, ""
    case.set_deadline()
    return Said(text, target="assigned" if case.officer_id else None)


def may_reopen(case: Case) -> bool:
    """Whether the term for re-opening (the kind's ``reopen_days`` after the work was done) still runs."""
    return case.done_at is not None and now() <= case.done_at + timedelta(days=case.kind.reopen_days)


def reopen(case: Case, actor, text: str) -> Said:
    """Not solved after all: the case returns to its unit with the same promise, counted anew from now."""
    if case.done_at is None or not may_reopen(case):
        raise ValidationError(
            {
                "text": _("完成後 %(days)d 天內可以要求重新處理；本案已超過期限，請重新通報。")
                % {"days": case.kind.reopen_days}
            }
        )
    today = case.moment.astimezone(TAIPEI).date()
    earlier = {"done_at": case.done_at.isoformat(), "outcome": case.outcome, "on_time": case.on_time,
               "due_at": case.due_at.isoformat() if case.due_at else None}  # fmt: skip
    case.set_done(None)
    case.closed_at, case.outcome, case.rating = None, "", None
    case.reopened += 1
    case.make_promise(case.kind.promise(today), case.moment)
    return Said(text, earlier)


def rate(case: Case, actor, rating: int, note: str = "") -> Said:
    """The citizen says how it was, once, from 1 to 5; a later rating replaces the earlier one."""
    if not 1 <= rating <= 5:
        raise ValidationError({"rating": _("請選擇 1 到 5 分。")})
    case.rating, case.rating_note = rating, note
    return Said(note, {"rating": rating}, public=False)
