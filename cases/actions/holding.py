"""Keep what a case holds beyond its term, and stop keeping it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.performing import record
from cases.models import Case, LegalHold
from cases.permissions import may
from foundation.clock import now

PERMISSION = "cases:hold"


@transaction.atomic
def hold(actor: Any, case: Case, reason: str, text: str) -> LegalHold:
    """Put a hold on a case. Raises PermissionDenied, or ValidationError if there is one or nothing says why."""
    case = _locked(actor, case)
    if not text.strip():
        raise ValidationError({"text": _("請寫明保全的原因。")})
    if LegalHold.objects.in_force().filter(case=case).exists():
        raise ValidationError(_("這件案件已經在保全中。"))
    made = LegalHold.objects.create(case=case, reason=reason, text=text.strip(), by=actor)
    record(case, "hold", actor, text.strip(), data={"hold": made.pk, "reason": reason}, deed=PERMISSION)
    return made


@transaction.atomic
def release(actor: Any, case: Case) -> None:
    """Lift the hold on a case. Raises PermissionDenied, or ValidationError where there is none."""
    case = _locked(actor, case)
    lifted = LegalHold.objects.in_force().filter(case=case).update(lifted_at=now(), lifted_by=actor)
    if not lifted:
        raise ValidationError(_("這件案件沒有保全。"))
    record(case, "release", actor, deed=PERMISSION)


def _locked(actor: Any, case: Case) -> Case:
    case = Case.objects.select_for_update(of=("self",)).select_related("unit").get(pk=case.pk)
    if not may(actor, case, PERMISSION):
        raise PermissionDenied(PERMISSION)
    return case
