"""The desk's room for covering what names a person: photos by rectangles, texts by their words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases.actions import redacting
from cases.detection import detect, faces_found
from cases.models import Attachment, Case, CaseEvent, Redaction
from cases.pages.case import case_or_404
from cases.pages.queue import rail
from cases.permissions import may
from cases.redaction import WHOLE, Region, Span, hidden, places, suggestions, tidy
from foundation.files import public_image, read, serve
from foundation.forms import CityForm
from foundation.ratelimit import client_ip
from identity.actions import disclose
from identity.doors import door

MOST = 60  # regions of one photo
SIDES = {"x": gettext_lazy("左"), "y": gettext_lazy("上"), "width": gettext_lazy("寬"), "height": gettext_lazy("高")}
WHATS = {
    "face": gettext_lazy("臉"), "plate": gettext_lazy("車牌"), "hand": gettext_lazy("手動"),
    "name": gettext_lazy("姓名"), "phone": gettext_lazy("電話"), "email": gettext_lazy("電子郵件"),
    "id": gettext_lazy("身分證統一編號"), "address": gettext_lazy("地址"), "line": gettext_lazy("LINE 帳號"),
}  # fmt: skip
WHEN = {
    "never": gettext_lazy("這類案件不公開"),
    "reviewed": gettext_lazy("審閱後公開"),
    "always": gettext_lazy("一律公開"),
}


def _case(request: HttpRequest, number: str) -> Case:
    case = case_or_404(request, number)
    if not may(request.user, case, redacting.PERMISSION):
        raise PermissionDenied(redacting.PERMISSION)
    return case


@door("unit:cases:redact")
@require_safe
def overview(request: HttpRequest, number: str) -> HttpResponse:
    """``/desk/cases/D111-0099781/redaction/``: what of a case is public, what waits to be looked through, and undoing.

    A fixed number of statements, however many photos and texts.
    """
    case = _case(request, number)
    found = list(Redaction.objects.of(case))
    current = {(each.attachment_id, each.event_id): each for each in found if each.in_force}
    context = {
        "case": case,
        "photos": [(photo, current.get((photo.pk, None))) for photo in Attachment.objects.of(case).of_public()],
        "texts": [(event, text, current.get((None, event.pk if event else None))) for event, text in _texts(case)],
        "photos_rule": WHEN[case.kind.photos_public],
        "texts_rule": WHEN[case.kind.texts_public],
        # Done again can be what replaced the one in force, or the first where there is none.
        "undone": [each for each in found if not each.in_force and _is_next(each, current)],
    }
    return render(request, "cases/redaction/overview.html", rail(request) | context)


def _texts(case: Case) -> list[tuple[CaseEvent | None, str]]:
    told = [(event, event.text) for event in CaseEvent.objects.of(case).public().told() if event.text]
    for event, _text in told:
        event.case = case
    return [*([(None, case.description)] if case.description else []), *told]


def _is_next(redaction: Redaction, current: dict[tuple, Redaction]) -> bool:
    now = current.get((redaction.attachment_id, redaction.event_id))
    return redaction.previous_id == (now.pk if now else None)


# --- Photos -----------------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """One rectangle of the form, in per cent as typed."""

    x: str = ""
    y: str = ""
    width: str = ""
    height: str = ""
    what: str = "hand"
    keep: bool = True

    @classmethod
    def of(cls, region: Region) -> Row:
        return cls(**{name: f"{getattr(region, name) / 10:g}" for name in SIDES}, what=region.what)

    @property
    def label(self) -> Any:
        return WHATS.get(self.what, WHATS["hand"])

    @property
    def sides(self) -> list[tuple[str, Any, str]]:
        return [(name, label, getattr(self, name)) for name, label in SIDES.items()]

    @property
    def is_empty(self) -> bool:
        return not any((self.x, self.y, self.width, self.height))


def _rows_sent(request: HttpRequest) -> list[Row]:
    lists = [request.POST.getlist(name)[:MOST] for name in (*SIDES, "what")]
    kept = set(request.POST.getlist("keep"))
    rows = []
    for n, (*sides, what) in enumerate(zip(*lists, strict=False)):
        typed = {name: text.strip()[:12] for name, text in zip(SIDES, sides, strict=True)}
        rows.append(Row(**typed, what=what if what in WHATS else "hand", keep=str(n) in kept))
    return rows


def _regions(rows: list[Row]) -> tuple[list[Region], list[str]]:
    """The regions that were sent, and what is wrong with them, each with its number and the name of the field."""
    regions, wrong = [], []
    for n, row in enumerate(rows, 1):
        if row.is_empty or not row.keep:
            continue
        values = {name: _tenths(text) for name, _label, text in row.sides}
        bad = [str(SIDES[name]) for name, value in values.items() if value is None]
        if bad:
            wrong.append(_("第 %(n)d 塊：「%(fields)s」請填 0 到 100 的數字。") % {"n": n, "fields": "、".join(bad)})
            continue
        region = Region(**values, what=row.what)
        if region.fits:
            regions.append(region)
        else:
            wrong.append(_("第 %(n)d 塊：範圍超出照片，左加寬、上加高都不能超過 100，寬與高要大於 0。") % {"n": n})
    return regions, wrong


def _tenths(text: str) -> int | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return round(number * 10) if number.is_finite() and 0 <= number * 10 <= WHOLE else None


@door("unit:cases:redact")
def photo(request: HttpRequest, token: str) -> HttpResponse:
    """``/desk/redaction/photos/<token>/``: rectangles over a photo, suggested, drawn or typed; POST covers."""
    attachment = _photo_or_404(request, token)
    case, wrong = attachment.case, []
    current = Redaction.objects.in_force().filter(attachment=attachment).first()
    if request.method == "POST":
        rows = _rows_sent(request)
        regions, wrong = _regions(rows)
        if not wrong:
            try:
                redacting.redact_photo(request.user, attachment, regions)
            except ValidationError as error:
                wrong = error.messages
            else:
                messages.success(request, _("已遮蔽 %(n)d 處；公開的是遮蔽後的照片。") % {"n": len(regions)})
                return redirect("redaction", number=case.number)
    elif current is not None:
        rows = [Row.of(Region(**mark)) for mark in current.marks]
    else:
        rows = [Row.of(region) for region in _suggested(attachment)]
    suggested = current is None and request.method != "POST" and bool(rows)
    rows = [*(row for row in rows if not row.is_empty), Row(), Row()]
    context = {
        "case": case, "photo": attachment, "rows": list(enumerate(rows)), "wrong": wrong, "current": current,
        "suggested": suggested, "faces_found": faces_found(), "sides": SIDES,
    }  # fmt: skip
    return render(request, "cases/redaction/photo.html", rail(request) | context, status=422 if wrong else 200)


def _photo_or_404(request: HttpRequest, token: str) -> Attachment:
    found = Attachment.objects.visible_to(request.user).of_public().select_related("case__unit")
    attachment = get_object_or_404(found, token=token)
    if not may(request.user, attachment.case, redacting.PERMISSION):
        raise PermissionDenied(redacting.PERMISSION)
    return attachment


def _suggested(attachment: Attachment) -> list[Region]:
    try:
        return detect(read(attachment.shown))
    except FileNotFoundError:
        return []


@door("unit:cases:view_original")
@require_safe
def uncovered(request: HttpRequest, token: str) -> HttpResponse:
    """The photo without anything covered, for whoever works on it or must see it: each look is a disclosure."""
    attachment = get_object_or_404(
        Attachment.objects.visible_to(request.user).select_related("case__unit"), token=token
    )
    if not attachment.is_image or not attachment.original:
        raise Http404
    if not may(request.user, attachment.case, "cases:view_original"):
        raise PermissionDenied("cases:view_original")
    if Redaction.objects.in_force().filter(attachment=attachment).exists():
        disclose(
            request.user, "case", attachment.case.number, ["original"], _("審閱與遮蔽照片"), client=client_ip(request)
        )
    try:
        picture = public_image(read(attachment.original))
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(picture, content_type="image/jpeg")
    response["Cache-Control"] = "no-store"
    return response


class OriginalForm(CityForm):
    """Why somebody wants the original of a photo."""

    purpose = forms.CharField(
        label=gettext_lazy("查看原檔的原因"), max_length=300,
        help_text=gettext_lazy("您的姓名、時間與這裡填寫的原因都會留下紀錄。"),
        error_messages={"required": gettext_lazy("請填寫查看原檔的原因。")},
    )  # fmt: skip


@door("unit:cases:view_original")
def original(request: HttpRequest, token: str) -> HttpResponse:
    """``/desk/redaction/photos/<token>/original/``: the file as it was sent, against a purpose, logged."""
    attachment = get_object_or_404(
        Attachment.objects.visible_to(request.user).select_related("case__unit"), token=token
    )
    if not may(request.user, attachment.case, "cases:view_original"):
        raise PermissionDenied("cases:view_original")
    if not attachment.original:
        raise Http404
    form = OriginalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        purpose = form.cleaned_data["purpose"]
        disclose(request.user, "case", attachment.case.number, ["original"], purpose, client=client_ip(request))
        response = serve(attachment.original, attachment.name, attachment.content_type)
        response["Cache-Control"] = "no-store"
        return response
    context = {"case": attachment.case, "photo": attachment, "form": form}
    status = 422 if form.errors else 200
    return render(request, "cases/redaction/original.html", rail(request) | context, status=status)


# --- Texts ------------------------------------------------------------------------------------------------------------


class TextForm(CityForm):
    """Which of the suggested spans to cover, and what else."""

    spans = forms.MultipleChoiceField(
        label=gettext_lazy("建議遮蔽"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("由規則找出，可能有漏有錯，請看過全文再決定。"),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("另外遮蔽的文字"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("一行一段，照原文填寫；出現幾次就遮幾次。"),
    )  # fmt: skip

    def __init__(self, *args: Any, text: str, marked: list[Span], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text
        self.offered = {f"{s.start}-{s.end}": s for s in tidy([*marked, *suggestions(text)])}
        self.fields["spans"].choices = [
            (key, f"{WHATS.get(s.what, WHATS['hand'])}{_('：')}{text[s.start : s.end]}")
            for key, s in self.offered.items()
        ]

    def clean_words(self) -> list[Span]:
        found: list[Span] = []
        for line in filter(None, (line.strip() for line in self.cleaned_data["words"].splitlines())):
            here = places(self.text, line)
            if not here:
                raise ValidationError(_("「另外遮蔽的文字」：原文裡沒有「%(words)s」。") % {"words": line[:40]})
            found += here
        return found

    def chosen(self) -> list[Span]:
        """The spans to cover."""
        return tidy([*(self.offered[key] for key in self.cleaned_data["spans"]), *self.cleaned_data["words"]])


@door("unit:cases:redact")
def text(request: HttpRequest, number: str, event: int = 0) -> HttpResponse:
    """``/desk/cases/D111-0099781/redaction/text/``: the description, with a number the text of a public event.

    GET asks; POST shows what the public will read, and with ``go=publish`` has it so.
    """
    case = _case(request, number)
    told = get_object_or_404(CaseEvent.objects.of(case).public(), pk=event) if event else None
    if told is not None:
        told.case = case
    written = told.text if told else case.description
    if not written:
        raise Http404
    current = Redaction.objects.in_force().filter(case=case, attachment=None, event=told).first()
    marked = [Span(**mark) for mark in current.marks] if current else []
    form = TextForm(request.POST or None, text=written, marked=marked)
    form.initial = {"spans": [key for key, s in form.offered.items() if not current or any(
        mark.start < s.end and s.start < mark.end for mark in marked)]}  # fmt: skip
    preview = hidden(written, marked if current else form.offered.values())
    if request.method == "POST" and form.is_valid():
        preview = hidden(written, form.chosen())
        if request.POST.get("go") == "publish":
            redacting.redact_text(request.user, case, told, form.chosen())
            messages.success(request, _("已遮蔽 %(n)d 處；民眾看到的是遮蔽後的文字。") % {"n": len(form.chosen())})
            return redirect("redaction", number=case.number)
    context = {"case": case, "event": told, "written": written, "form": form, "preview": preview, "current": current}
    return render(request, "cases/redaction/text.html", rail(request) | context, status=422 if form.errors else 200)


# --- Undoing ----------------------------------------------------------------------------------------------------------


@door("unit:cases:redact")
@require_POST
def change(request: HttpRequest, number: str, pk: int, verb: str) -> HttpResponse:
    """``POST /desk/cases/D111-0099781/redaction/7/undo/`` or ``redo/``."""
    case = _case(request, number)
    wanted = get_object_or_404(Redaction.objects.of(case), pk=pk)
    try:
        {"undo": redacting.undo, "redo": redacting.redo}[verb](request.user, wanted)
    except KeyError:
        raise Http404 from None
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已收回這次遮蔽。") if verb == "undo" else _("已恢復這次遮蔽。"))
    return redirect("redaction", number=case.number)
