"""Jobs around the staff: who left enters no more."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation.clock import today
from foundation.jobs import periodic
from organisation.actions import personnel
from organisation.actions.personnel import Program
from organisation.models import StaffRecord


@periodic("11 16 * * *", _("員工帳號：最後上班日過了就停用"))
def close_accounts_of_leavers(timestamp: int) -> None:
    """Close the accounts of those whose last day is over (16:11 UTC: eleven past midnight in Taipei)."""
    gone = StaffRecord.objects.on_the_books().filter(until__lt=today())
    for number in gone.values_list("pk", flat=True):
        with transaction.atomic():
            staff = gone.select_for_update(of=("self",)).select_related("user").filter(pk=number).first()
            if staff is not None:
                personnel.leave(Program(None, "last day"), staff, staff.until)
