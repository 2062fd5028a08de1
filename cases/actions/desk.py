"""What an officer does with a case on the way: take, assign, transfer, ask, extend, comment.

Each function is the performer of one verb: it gets the locked case, changes it, and says what to put on the timeline.
`cases.actions.performing.perform` checks the right to do it before, and saves after.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.actions.files import keep_file
from cases.actions.performing import Said
from cases.models import Case
from cases.models.clock import amount_in_words
from cases.rules import Promise
from organisation.models import Unit
from organisation.permissions import grants_of


def take(case: Case, actor) -> Said:
    """The actor becomes the officer."""
    case.officer = actor
    return Said(data={"officer": actor.pk})


def assign(case: Case, actor, officer, text: str = "") -> Said:
    """A unit head gives the case to an officer of the case's unit."""
    if case.unit_id not in grants_of(officer).scope("cases:answer").units:
        raise ValidationError({"officer": _("%(name)s不屬於本案的主責單位，請先改分單位。") % {"name": officer.name}})
    case.officer = officer
    return Said(text, {"officer": officer.pk, "name": officer.name}, public=False)


def transfer(case: Case, actor, unit: Unit, text: str) -> Said:
    """Another unit becomes responsible; the promise to the citizen stays the same. The reason is kept, and public."""
    if unit.pk == case.unit_id:
        raise ValidationError({"unit": _("本案已在%(unit)s，請選擇其他單位。") % {"unit": unit}})
    if unit.is_crew:
        raise ValidationError({"unit": _("外勤隊請用「派工」，改分請選擇承辦單位。")})
    previous, case.unit, case.officer = case.unit, unit, None
    case.transfers += 1
    return Said(text, {"from": previous.name, "to": unit.name, "from_code": previous.code, "to_code": unit.code})


def ask(case: Case, actor, text: str) -> Said:
    """Ask the citizen for what is missing: the clock stands still until they answer or an officer goes on."""
    case.pauses = [*case.pauses, [case.moment.isoformat(), None]]
    case.paused_at = case.moment
    case.set_deadline()
    return Said(text)


def go_on(case: Case, actor, text: str = "", **supplied: Any) -> Said:
    """The clock runs again: the deadline moves by the working time that the pause took."""
    since, _until = case.pauses[-1]
    case.pauses = [*case.pauses[:-1], [since, case.moment.isoformat()]]
    case.paused_at = None
    case.set_deadline()
    return Said(text, {"due": case.due_at.isoformat() if case.due_at else None})


def check_extension(case: Case, amount: Decimal) -> None:
    """Refuse an extension that the kind's rule does not allow, with ValidationError."""
    rule = case.kind.extension
    if len(case.extensions) >= rule.max_times:
        raise ValidationError(
            {
                "amount": _("依規定最多展延 %(n)d 次，本案已展延 %(now)d 次。")
                % {"n": rule.max_times, "now": len(case.extensions)}
            }
        )
    if not 0 < amount <= rule.max_amount:
        raise ValidationError(
            {"amount": _("每次展延最多 %(most)s。") % {"most": amount_in_words(rule.max_amount, rule.unit)}}
        )
    if case.promise is None:
        raise ValidationError({"amount": _("本案沒有期限，不必展延。")})


def extend(case: Case, actor, amount: Decimal, text: str) -> Said:
    """Extend the deadline by the kind's rule; the citizen is told the reason and the new date."""
    check_extension(case, amount)
    rule = case.kind.extension
    extra = Promise(amount, rule.unit)
    case.extensions = [
        *case.extensions,
        {
            "amount": str(extra.amount),
            "unit": extra.unit,
            "reason": text,
            "by": actor.pk,
            "at": case.moment.isoformat(),
        },
    ]
    case.set_deadline()
    return Said(
        text, {"amount": amount_in_words(amount, rule.unit), "due": case.due_at.isoformat() if case.due_at else None}
    )


def comment(case: Case, actor, text: str, public: bool = False, files: Sequence = ()) -> Said:
    """A remark on the timeline, and files with it; inside unless marked public."""
    kept = [keep_file(file, phase="other", user=actor, case=case, public=public) for file in files]
    return Said(text, {"files": [file.name for file in kept]} if kept else {}, public=public)
