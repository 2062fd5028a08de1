"""From a report to an inspection (工程施工查核): asked for by who answers, carried out by the inspection office."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.actions.performing import Said
from cases.models import Case
from foundation.clock import TAIPEI
from publicworks.models import CitizenReport


def ask_inspection(case: Case, actor, text: str) -> Said:
    """Ask for an inspection of the work, once, with the reason."""
    report = CitizenReport.objects.of(case).first()
    if report is None:
        raise ValidationError({"text": _("本案還沒有對應到工程，請先對應工程再申請查核。")})
    if report.inspection_asked_at:
        raise ValidationError({"text": _("本案已申請查核。")})
    if not (report.in_construction and report.work.in_construction):
        raise ValidationError({"text": _("只有在建工程可以申請查核；這項工程目前是「%(state)s」。")
                               % {"state": report.work.get_state_display()}})  # fmt: skip
    report.inspection_asked_at, report.inspection_asked_by, report.inspection_reason = case.moment, actor, text
    report.save(update_fields=["inspection_asked_at", "inspection_asked_by", "inspection_reason"])
    return Said(text, {"work": report.work.tender_number})


def record_inspection(case: Case, actor, on: date, text: str) -> Said:
    """The inspection office has been there: on which day, and what came of it."""
    report = CitizenReport.objects.of(case).first()
    if report is None or report.inspection_asked_at is None:
        raise ValidationError({"on": _("本案沒有申請查核。")})
    if report.inspected_on:
        raise ValidationError({"on": _("本案的查核已經登載。")})
    if not case.received_on <= on <= case.moment.astimezone(TAIPEI).date():
        raise ValidationError({"on": _("查核日期應在受理之後、今天以前。")})
    report.inspected_on = on
    report.save(update_fields=["inspected_on"])
    return Said(text, {"on": on.isoformat()})
