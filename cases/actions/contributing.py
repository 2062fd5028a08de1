"""Several units, one answer: the unit in charge asks others for their part, and composes the answer from it."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.performing import Conflict, Said, locked, record
from cases.models import Case, Contribution
from foundation.clock import TAIPEI, now
from organisation.models import Unit
from organisation.pack import pack


def consult(case: Case, actor, unit: Unit, text: str, due: date) -> Said:
    """Performer: ask another unit for its part, by the end of a day within the case's own deadline."""
    if unit.pk == case.unit_id or unit.is_crew:
        raise ValidationError({"unit": _("請選擇本單位以外的承辦單位。")})
    by = datetime.combine(due, pack().hours.closes, TAIPEI)
    if case.due_at and due == case.due_at.astimezone(TAIPEI).date():
        by = min(by, case.due_at)
    if by <= case.moment:
        raise ValidationError({"due": _("回復期限要晚於現在。")})
    if case.due_at and by > case.due_at:
        raise ValidationError({"due": _("回復期限不能晚於本案的期限。")})
    if Contribution.objects.open().filter(case=case, unit=unit).exists():
        raise ValidationError({"unit": _("%(unit)s還有一件本案的會辦沒有回復。") % {"unit": unit}})
    Contribution.objects.create(case=case, unit=unit, question=text, due_at=by, asked_by=actor, asked_at=case.moment)
    return Said(text, {"unit": unit.name, "unit_code": unit.code, "due": by.isoformat()}, public=False)


@transaction.atomic
def contribute(actor, pk: int, text: str, *, declined: bool = False) -> Contribution:
    """Give what one's unit was asked for, or say with a reason that it is not its business.

    Raises PermissionDenied for other people; Conflict where a colleague was quicker or it is needed no more.
    """
    asked = Contribution.objects.visible_to(actor).filter(pk=pk).first()
    if asked is None:
        raise PermissionDenied("contributions:give")
    case = locked(asked.case_id)
    asked = Contribution.objects.select_for_update(of=("self",)).select_related("unit", "given_by").get(pk=pk)
    if asked.ended_at:
        who = asked.given_by.name if asked.given_by else ""
        raise Conflict(_("%(who)s已經回復了。") % {"who": who} if who else _("主責單位已不需要這份回復。"))
    asked.state = Contribution.State.DECLINED if declined else Contribution.State.GIVEN
    asked.answer, asked.given_by, asked.ended_at = text, actor, now()
    asked.save()
    record(
        case,
        "contribute",
        actor,
        text,
        data={"unit": asked.unit.name, "declined": declined},
        by=asked.unit.name,
        unit=asked.unit,
        deed="contributions:give",
    )
    return asked
