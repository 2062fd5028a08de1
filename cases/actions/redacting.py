"""Cover what names a person in photos and texts, so that the rest can be public; and take that back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.actions.performing import record
from cases.models import Attachment, Case, CaseEvent, Redaction
from cases.permissions import may
from cases.redaction import Region, Span, hidden, tidy
from foundation import files

PERMISSION = "cases:redact"


@transaction.atomic
def redact_photo(actor: Any, attachment: Attachment, regions: Iterable[Region]) -> Redaction:
    """Have a photo looked through: what the public sees of it from now on has these regions covered.

    Raises PermissionDenied, or ValidationError for a file that is no picture, whose original is gone, or a region
    outside of it; nothing has changed then.
    """
    case = _locked(actor, attachment.case_id)
    regions = sorted(set(regions))
    if any(not region.fits for region in regions):
        raise ValidationError(_("遮蔽的範圍要在照片裡面，寬與高都要大於 0。"))
    made = _replace(case, actor, marks=[asdict(region) for region in regions], attachment=attachment)
    render(attachment, regions)
    _told(case, actor, "redact", made)
    return made


@transaction.atomic
def redact_text(actor: Any, case: Case, event: CaseEvent | None, spans: Iterable[Span]) -> Redaction:
    """Have the description, or the text of a public event, looked through: the public reads ○○○ in place of the spans.

    Raises PermissionDenied, or ValidationError where there is no such text to publish.
    """
    case = _locked(actor, case.pk)
    if event is not None and (event.case_id != case.pk or not event.is_public):
        raise ValidationError(_("這段文字不是公開的歷程，不必遮蔽。"))
    text = case.description if event is None else event.text
    spans = tidy(spans)
    if not text or any(span.end > len(text) or span.start < 0 for span in spans):
        raise ValidationError(_("沒有這段文字可以遮蔽，請重新整理後再試。"))
    made = _replace(case, actor, marks=[asdict(span) for span in spans], event=event, text=hidden(text, spans))
    _told(case, actor, "redact", made)
    return made


@transaction.atomic
def undo(actor: Any, redaction: Redaction) -> Redaction | None:
    """Take back the redaction in force: the one before it holds again, or nothing is public any more.

    Raises PermissionDenied, or ValidationError if it is not the one in force.
    """
    case = _locked(actor, redaction.case_id)
    now = _again(redaction)
    if not now.in_force:
        raise ValidationError(_("這次遮蔽已經不是生效中的那一次，請重新整理後再試。"))
    _stop(now)
    before = _again(now.previous) if now.previous_id else None
    if before is not None:
        _start(before)
    _shown_as(now, before)
    _told(case, actor, "unredact", now)
    return before


@transaction.atomic
def redo(actor: Any, redaction: Redaction) -> Redaction:
    """Do again what was undone. Raises PermissionDenied, or ValidationError where something else was done since."""
    case = _locked(actor, redaction.case_id)
    wanted = _again(redaction)
    current = _same_thing(wanted).in_force().first()
    if wanted.in_force or (current.pk if current else None) != wanted.previous_id:
        raise ValidationError(_("之後又有別的遮蔽，不能直接恢復這一次；請重新遮蔽。"))
    if current is not None:
        _stop(current)
    _start(wanted)
    _shown_as(wanted, wanted)
    _told(case, actor, "redact", wanted)
    return wanted


def render(attachment: Attachment, regions: Iterable[Region]) -> None:
    """Make what is shown of a photo anew from its original; the files without these regions go when this commits.

    ValidationError for what is no picture, whose copies were put off in a storm, and where the original was destroyed.
    """
    if not attachment.is_image:
        raise ValidationError(_("只有照片可以遮蔽。"))
    if attachment.awaits:
        raise ValidationError(_("照片還在處理，請過幾分鐘再試。"))
    try:
        original = files.read(attachment.original) if attachment.original else b""
    except FileNotFoundError:
        original = b""
    if not original:
        raise ValidationError(_("原檔已依保存期限銷毀，不能再改變遮蔽。"))
    before = [attachment.shown, attachment.thumbnail]
    regions = list(regions)
    picture = files.covered(files.public_image(original), lambda w, h: [region.box(w, h) for region in regions])
    attachment.shown = files.store(picture, ".jpg")
    # Of the covered picture: a thumbnail of the original would show what was covered.
    attachment.thumbnail = files.store(files.thumbnail(picture), ".jpg")
    attachment.save(update_fields=["shown", "thumbnail"])

    def clear() -> None:
        for path in filter(None, before):
            files.delete(path)

    transaction.on_commit(clear)


def _shown_as(redaction: Redaction, now: Redaction | None) -> None:
    if redaction.attachment_id:
        attachment = Attachment.objects.get(pk=redaction.attachment_id)
        if now is None and not attachment.original:
            return  # not public any more; what was covered cannot be shown, and need not be
        render(attachment, [Region(**mark) for mark in now.marks] if now else [])


def _locked(actor: Any, case_id: int | None) -> Case:
    assert case_id is not None  # a draft is nobody's to redact
    case = Case.objects.select_for_update(of=("self",)).select_related("unit").get(pk=case_id)
    if not may(actor, case, PERMISSION):
        raise PermissionDenied(PERMISSION)
    return case


def _again(redaction: Redaction | None) -> Redaction:
    assert redaction is not None
    return Redaction.objects.get(pk=redaction.pk)


def _same_thing(redaction: Redaction) -> Any:
    return Redaction.objects.filter(case_id=redaction.case_id, attachment=redaction.attachment, event=redaction.event)


def _replace(case: Case, actor: Any, **what: Any) -> Redaction:
    new = Redaction(case=case, by=actor, **what)
    current = _same_thing(new).in_force().first()
    if current is not None:
        _stop(current)
    new.previous = current
    new.save()
    return new


def _stop(redaction: Redaction) -> None:
    redaction.in_force = False
    redaction.save(update_fields=["in_force"])


def _start(redaction: Redaction) -> None:
    redaction.in_force = True
    redaction.save(update_fields=["in_force"])


def _told(case: Case, actor: Any, verb: str, redaction: Redaction) -> None:
    """On the timeline: what it was and how many places, never what stood there."""
    with override(settings.LANGUAGE_CODE):  # the timeline has one language, whoever acts
        what = _("照片") if redaction.attachment_id else _("文字")
        words = _("%(what)s：遮蔽 %(n)d 處") % {"what": what, "n": len(redaction.marks)}
    record(case, verb, actor, words, data={"redaction": redaction.pk, "marks": redaction.marks}, deed=PERMISSION)
