"""Sending a report, and the page that the citizen keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cases.actions.filing import Filing, Reporter, file_case
from cases.models import Case
from cases.models.case import Channel
from cases.registry import Kind
from foundation.encryption import normalise
from foundation.qr import qr_code
from foundation.ratelimit import limit
from identity.doors import door
from identity.grants import grants_for
from messages.channels.push import key_for_browsers
from messages.models import Inbound
from organisation import directory
from servicerequests.actions import mailbox
from servicerequests.actions.intake import measured
from servicerequests.pages.report.draft import Draft, Lost
from servicerequests.pages.report.flow import lost, show
from servicerequests.pages.report.forms import TAKEN_DOWN, values_of
from servicerequests.pages.report.steps import next_step
from servicerequests.permissions import files_for_others
from servicerequests.rules import spell_code

SENT = "servicerequests.sent"
WAITS = "servicerequests.waits"
SENT_SECONDS = 24 * 3600  # after that the page of the case itself says more


@door("public:cases:file")
@measured
@limit("report-send", 60, methods={"POST"})
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """File the report of a draft, once however often it is sent, and go to its confirmation. GET leads to the start."""
    if request.method != "POST":
        return redirect("report")
    try:
        draft = Draft.open(request.POST.get("draft", ""))
    except Lost:
        return lost(request)
    step = next_step(draft)
    if step.name != "check":
        return show(request, draft, step)
    if draft.stale:
        # Its photos may be gone by now; the page shows what is still there. Sealing it anew makes it fresh.
        notice = _("這份通報放了一天以上，請再看一次內容（尤其是照片），再按「送出」。")
        return show(request, draft, step, notice=notice)
    try:
        filing = filing_of(draft, request.user)
        if "inbound" in draft.taken:
            if not grants_for(request.user).has("city:mailbox:file"):
                raise PermissionDenied("city:mailbox:file")
            case = mailbox.file_by_agent(UUID(draft.taken["inbound"]), request.user, filing)
        elif confirms_address(draft.kind, filing, request.user):
            waiting = mailbox.await_confirmation(filing)
            return redirect("report-confirm", seal=signing.TimestampSigner(salt=WAITS).sign(waiting.token.hex))
        else:
            case = file_case(filing)
    except ValidationError as problem:
        return show(request, draft, step, refused(problem), status=422)
    return redirect("report-sent", seal=signing.TimestampSigner(salt=SENT).sign(case.pk))


def filing_of(draft: Draft, user: Any) -> Filing:
    """What a draft says, as the engine files it. Its answers have passed the forms."""
    what, where, contact = (draft.answers.get(step, {}) for step in ("what", "where", "contact"))
    lon, lat = draft.point or (None, None)
    # Taken down for somebody: then the reporter is who called, and the officer is who wrote.
    taken_down = ("channel" in contact or bool(draft.taken)) and files_for_others(user)
    taken = draft.taken if taken_down else {}
    return Filing(
        kind_code=draft.kind_code,
        description=what.get("description", ""),
        fields=values_of(what | draft.answers.get("which", {})),
        lon=lon,
        lat=lat,
        address=where.get("address", ""),
        place_note=where.get("place_note", ""),
        district_code=where.get("in_district", ""),
        channel=taken.get("channel") or contact["channel"] if taken_down else draft.channel or Channel.WEB,
        received_at=datetime.fromisoformat(taken["received_at"]) if "received_at" in taken else None,
        source=taken["channel"] if taken.get("number") else "",
        source_number=taken.get("number", ""),
        actor=user if taken_down else None,
        reporter=_reporter(contact, None if taken_down else user),
        photos=[*draft.tokens, *(draft.scans if taken_down else ())],
        submission=UUID(draft.submission),
    )


def confirms_address(kind: Kind, filing: Filing, user: Any) -> bool:
    """Whether a petition waits for its address: of a kind that asks so, unless staff took it down or the account of
    the person who is signed in has this very address."""
    if not kind.confirm_address or filing.actor is not None:
        return False
    return not (user.is_authenticated and user.email and normalise(user.email) == normalise(filing.reporter.email))


def _reporter(contact: dict[str, Any], user: Any) -> Reporter:
    if contact.get("unnamed"):
        return Reporter()
    return Reporter(
        name=contact.get("name", ""),
        email=contact.get("email", ""),
        phone=contact.get("phone", ""),
        language=contact.get("language") or get_language() or settings.LANGUAGE_CODE,
        confidential=bool(contact.get("confidential")),
        wants_sms=bool(contact.get("wants_sms")),
        against=directory.agency(contact["against"]) if contact.get("against") else None,
        user=user if user and user.is_authenticated else None,
    )


def refused(problem: ValidationError) -> forms.Form:
    """The engine's objections as an unbound form's errors, for the summary on top of the check page."""
    form = forms.Form(data={})
    form.is_valid()
    for message in problem.messages:
        form.add_error(None, message)
    return form


@door("public:cases:file")
@never_cache
@require_safe
def waits(request: HttpRequest, seal: str) -> HttpResponse:
    """What happens next with a petition that waits for its address: it is not filed yet, and where the link is."""
    try:
        token = signing.TimestampSigner(salt=WAITS).unsign(seal, max_age=SENT_SECONDS)
    except signing.BadSignature:
        return redirect("report")
    row = get_object_or_404(Inbound.objects.awaiting(UUID(token)))
    context = {"letter": row, "days": mailbox.rule("petition_confirm_days")}
    return render(request, "servicerequests/report/waits.html", context)


@door("public:cases:file")
@never_cache
@require_safe
def sent(request: HttpRequest, seal: str) -> HttpResponse:
    """Number and code to keep, what happens next. The address is signed and good for a day."""
    try:
        pk = signing.TimestampSigner(salt=SENT).unsign(seal, max_age=SENT_SECONDS)
    except signing.BadSignature:
        return redirect("track")
    case = get_object_or_404(Case.objects.public().for_list(), pk=pk)
    address = settings.PUBLIC_URL + reverse("track-case", args=[case.number, case.secret])
    # Whoever files for others does so from the desk: no phone to remember it by, but a case to go on with.
    taken_down = case.channel in TAKEN_DOWN | {Channel.MAIL}
    return render(
        request,
        "servicerequests/report/sent.html",
        {
            "case": case,
            "clock": case.clock(),
            "code": spell_code(case.secret),
            "address": address,
            "qr": qr_code(address),
            "writes": hasattr(case, "contact") and bool(case.contact.email),
            "push_key": key_for_browsers(),
            "texts": hasattr(case, "contact") and case.contact.wants_sms,
            "taken_down": taken_down,
            "at_desk": taken_down and Case.objects.visible_to(request.user).filter(pk=case.pk).exists(),
        },
    )
