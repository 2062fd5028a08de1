"""Sending a report, and the page that the citizen keeps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cases.actions.filing import Filing, Reporter, file_case
from cases.models import Case
from cases.models.case import Channel
from foundation.ratelimit import limit
from identity.doors import door
from organisation import directory
from servicerequests.pages.report.draft import Draft, Lost
from servicerequests.pages.report.flow import lost, show
from servicerequests.pages.report.forms import values_of
from servicerequests.pages.report.steps import next_step
from servicerequests.permissions import files_for_others
from servicerequests.rules import spell_code

SENT = "servicerequests.sent"
SENT_SECONDS = 24 * 3600  # after that the page of the case itself says more


@door("public:cases:file")
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
        case = file_case(filing_of(draft, request.user))
    except ValidationError as problem:
        return show(request, draft, step, refused(problem), status=422)
    return redirect("report-sent", seal=signing.TimestampSigner(salt=SENT).sign(case.pk))


def filing_of(draft: Draft, user: Any) -> Filing:
    """What a draft says, as the engine files it. Its answers have passed the forms."""
    what, where, contact = (draft.answers.get(step, {}) for step in ("what", "where", "contact"))
    lon, lat = draft.point or (None, None)
    # Taken down for somebody: then the reporter is who called, and the officer is who wrote.
    taken_down = "channel" in contact and files_for_others(user)
    return Filing(
        kind_code=draft.kind_code,
        description=what.get("description", ""),
        fields=values_of(what | draft.answers.get("which", {})),
        lon=lon,
        lat=lat,
        address=where.get("address", ""),
        place_note=where.get("place_note", ""),
        district_code=where.get("in_district", ""),
        channel=contact["channel"] if taken_down else draft.channel or Channel.WEB,
        actor=user if taken_down else None,
        reporter=_reporter(contact, None if taken_down else user),
        photos=draft.tokens,
        submission=UUID(draft.submission),
    )


def _reporter(contact: dict[str, Any], user: Any) -> Reporter:
    if contact.get("unnamed"):
        return Reporter()
    return Reporter(
        name=contact.get("name", ""),
        email=contact.get("email", ""),
        phone=contact.get("phone", ""),
        language=contact.get("language") or get_language() or settings.LANGUAGE_CODE,
        confidential=bool(contact.get("confidential")),
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
def sent(request: HttpRequest, seal: str) -> HttpResponse:
    """Number and code to keep, what happens next. The address is signed and good for a day."""
    try:
        pk = signing.TimestampSigner(salt=SENT).unsign(seal, max_age=SENT_SECONDS)
    except signing.BadSignature:
        return redirect("track")
    case = get_object_or_404(Case.objects.public().for_list(), pk=pk)
    address = settings.PUBLIC_URL + reverse("track-case", args=[case.number, case.secret])
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
        },
    )


def qr_code(text: str) -> SafeString:
    """A QR code as inline SVG: attributes only, no style, so that the Content-Security-Policy stands; dark on light in
    every colour scheme, with the quiet zone that scanners need."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return mark_safe(drawn)
