"""One matter reported twice becomes one case; one report about two matters becomes two."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.filing import Filing, Reporter, file_case
from cases.actions.following import move, move_back, tell_reporter
from cases.actions.performing import Said, locked, perform, record
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
    brought = list(Case.objects.filter(merged_into=case).values_list("pk", flat=True))
    Case.objects.filter(pk__in=brought).update(merged_into=target)
    move(case, target)
    case.merged_into, case.closed_at, case.outcome, case.paused_at = target, case.moment, Outcome.MERGED, None
    case.pauses = [p for p in case.pauses if p[1]]
    case.set_deadline()
    record(target, "merged", actor, text, data={"number": str(case.number)}, deed="cases:merge")
    tell_reporter(case, "joined", into=str(target.number), text=text)
    return Said(text, {"into": str(target.number), "brought": brought})


def unmerge(case: Case, actor, text: str) -> Said:
    """It was another matter after all: the case stands for itself again, with its followers and its old promise.

    What it had brought along goes with it. The clock has not stood still meanwhile: the city promised to the day.
    """
    target = Case.objects.select_for_update(of=("self",)).for_list().get(pk=case.merged_into_id)
    joined = case.events.filter(verb="merge").order_by("-pk").first()
    brought = joined.data.get("brought", []) if joined else []
    Case.objects.filter(merged_into=target, pk__in=brought).update(merged_into=case)
    move_back(case, target, brought)
    case.merged_into, case.closed_at, case.outcome = None, None, ""
    case.set_deadline()
    record(target, "unmerged", actor, text, data={"number": str(case.number)}, deed="cases:merge")
    back = "disputed" if joined and joined.from_state == "disputed" else "assigned" if case.officer_id else "received"
    return Said(text, {"from": str(target.number)}, target=back)


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
                contact.confidential, contact.reporter, line=contact.line, wants_sms=contact.wants_sms,
                against=contact.shielded_from,
            ) if contact else Reporter(),
            received_at=case.received_at,
            actor=actor,
        )
    )  # fmt: skip
    Case.objects.filter(pk=part.pk).update(split_from=case)
    record(part, "part", actor, text, data={"number": str(case.number)}, unit=case.unit, deed="cases:split")
    return Said(text, {"part": str(part.number)})


def take_back(case: Case, actor, part: Case, text: str) -> Said:
    """Split by mistake: the part joins this case again, also from another unit, as long as nobody there has begun.

    It is a merge, so its reporter and followers hear what this one hears, and the other unit can undo it.
    """
    part = locked(part.pk)
    if not Case.objects.untouched_parts_of(case).filter(pk=part.pk).exists():
        raise ValidationError(
            {"part": _("%(unit)s已經開始辦理%(number)s，請聯絡他們併案。") % {"unit": part.unit, "number": part.number}}
        )
    perform(actor, part.pk, "merge", approved=True, into=case, text=text)
    return Said(text, {"part": str(part.number)})
