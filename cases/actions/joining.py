"""One matter reported twice becomes one case; one report about two matters becomes two."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.filing import Filing, Reporter, file_case
from cases.actions.performing import Said, record
from cases.models import Case, Contact
from cases.models.case import Outcome
from cases.permissions import may


def merge(case: Case, actor, into: Case, text: str = "") -> Said:
    """Put this case away as one with another, open case; its reporter hears what the other one hears.

    Both rows are locked, the lower number first, so that two officers who merge A into B and B into A do not wait for
    one another for ever.
    """
    if into.pk == case.pk:
        raise ValidationError({"into": _("不能併入自己，請填另一件的編號。")})
    target = Case.objects.select_for_update(of=("self",)).for_list().get(pk=into.pk)
    if not may(actor, target, "cases:merge"):
        raise PermissionDenied("cases:merge")
    if target.closed_at:
        raise ValidationError({"into": _("%(number)s 已結案，請併入還在辦理中的案件。") % {"number": target.number}})
    Case.objects.filter(merged_into=case).update(merged_into=target)
    case.merged_into, case.closed_at, case.outcome, case.paused_at = target, case.moment, Outcome.MERGED, None
    case.pauses = [p for p in case.pauses if p[1]]
    case.set_deadline()
    record(target, "merged", actor, text, data={"number": str(case.number)})
    return Said(text, {"into": str(target.number)})


@transaction.atomic
def split(case: Case, actor, kind_code: str, description: str, text: str = "") -> Said:
    """File a part of this case as a case of its own, of another kind, with the same place, reporter and receipt."""
    contact = Contact.objects.filter(case=case).first()
    part = file_case(
        Filing(
            kind_code=kind_code,
            description=description,
            split=True,
            channel=case.channel,
            lon=case.lon,
            lat=case.lat,
            address=case.address,
            place_note=case.place_note,
            district_code=case.district_id or "",
            reporter=Reporter(
                contact.name, contact.email, contact.phone, contact.language, contact.wants_mail,
                contact.confidential, contact.reporter, contact.shielded_from,
            ) if contact else Reporter(),
            received_at=case.received_at,
            actor=actor,
        )
    )  # fmt: skip
    Case.objects.filter(pk=part.pk).update(split_from=case)
    record(part, "part", actor, text, data={"number": str(case.number)})
    return Said(text, {"part": str(part.number)})
