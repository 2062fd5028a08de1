"""A report is published, and sent to those who are to have it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from annualreport.actions import checking, photos
from annualreport.actions.documents import document, parts_of, with_provenance
from annualreport.actions.sending import send_out
from annualreport.models import Dispatch, Publication, Report
from foundation.clock import TAIPEI, today

UNPUBLISHABLE = checking.STOPS


@transaction.atomic
def publish(actor: Any, report: Report, note: str = "") -> Publication:
    """Publish a report as it stands, in each language, and mail it to its standing recipients; a later version says
    what it changes.

    Raises ValidationError while a section is not final, for a text that cannot be read, shares that do not add up to
    their whole, a number that nobody has signed as it is now, or without a note for a second version. Needs
    ``city:annualreport:compile``, which its door asks.
    """
    report = Report.objects.select_for_update().get(pk=report.pk)
    unfinished = sorted(report.sections.exclude(state="final"), key=lambda section: section.place)
    if unfinished:
        names = _("、").join(str(section) for section in unfinished[:5])
        raise ValidationError(
            {"note": _("還有 %(n)d 節沒有定稿：%(names)s。") % {"n": len(unfinished), "names": names}}
        )
    found = checking.findings(report)
    if wrong := [f"{each.where} {each.text}" for each in found if each.sort in UNPUBLISHABLE]:
        hint = _("變動的數字請到該節確認並說明原因，或重新開放修改。")
        raise ValidationError({"note": [*wrong, *([hint] if any(each.sort == "changed" for each in found) else [])]})
    number = report.publications.count() + 1
    if number > 1 and not note.strip():
        raise ValidationError({"note": _("請填寫「與前一版的差異」。")})
    documents = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            made = with_provenance(document(report.kind, report.of_period, parts_of(report)))
            documents[language] = made | {"edition": {"number": number, "on": today().isoformat()}}
    published = Publication.objects.create(
        report=report, number=number, by=actor, note=note.strip(), documents=documents
    )
    for made in documents.values():
        photos.publish(made)
    send_out(actor, published)
    return published


@transaction.atomic
def dispatch(
    actor: Any, publication: Publication, recipients: list[str], way: str, on: date, reference: str = ""
) -> list[Dispatch]:
    """Note to whom a published version was sent, one line each.

    Raises ValidationError for nobody, or a day before the publication or to come.
    """
    names = list(dict.fromkeys(name.strip() for name in recipients if name.strip()))
    if not names:
        raise ValidationError({"recipients": _("請填寫「受文者」。")})
    if not publication.at.astimezone(TAIPEI).date() <= on <= today():
        raise ValidationError({"on": _("「發送日期」應在公布之後、今天之前。")})
    return Dispatch.objects.bulk_create(
        Dispatch(publication=publication, recipient=name, way=way, reference=reference.strip(), on=on, by=actor)
        for name in names
    )
