"""The page of one case: what everybody may know, and with the code all that its reporter may."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.actions.answers import letter_pdf
from cases.actions.closing import may_reopen
from cases.models import Attachment, Case, CaseEvent, Redaction
from foundation.files import serve
from foundation.printing import Unprintable
from foundation.ratelimit import limit
from identity.doors import door
from messages.channels.push import key_for_browsers
from organisation import storm
from servicerequests.actions.gathering import incidents_of
from servicerequests.pages.track.access import find_case, unknown, with_code
from servicerequests.pages.track.forms import FORMS, FindForm
from servicerequests.rules import tidy_number

# The photos of a case, under headings that a citizen understands.
PHASES = ("report", "before", "after", "other")


# What follows from each state, for people who have never seen an office from inside.
COMING = {
    "received": gettext_lazy("承辦單位會看過內容，派人或指定承辦人。"),
    "assigned": gettext_lazy("承辦人會派工，或直接辦理後答復。"),
    "dispatched": gettext_lazy("外勤人員會接案並前往現場。"),
    "accepted": gettext_lazy("外勤人員正在前往現場。"),
    "on_site": gettext_lazy("現場處理完成後，結果會寫在這裡。"),
    "disputed": gettext_lazy("研考單位會裁定由哪個單位辦理，期限不變。"),
    "waiting": gettext_lazy("通報人補充後繼續辦理。"),
    "done": gettext_lazy("承辦人確認後結案。"),
}


def public_events(case: Case) -> list[CaseEvent]:
    """What the public may read of the timeline, the newest first; one statement."""
    events = list(case.events.public().order_by("-at", "-pk"))
    for event in events:
        event.case = case  # its label is the word of the case's lifecycle
    return events


def public_facts(case: Case) -> dict[str, Any]:
    """What anybody may know of a case: where it stands. What was written is added where an officer looked it through.

    Of a sensitive kind nothing but kind, district, state and time; of the others the place and the public answers.
    """
    return {
        "case": case,
        "clock": case.clock(),
        "place": "" if case.kind.sensitive else case.public_place,
        "answers": [] if case.kind.sensitive else case.kind.answers(case.fields, public=True),
        "into": case.merged_into,
        "into_clock": case.merged_into.clock() if case.merged_into else None,
        "imported": case.state == "imported",
        "coming": COMING.get(case.state, ""),
        "incidents": incidents_of(case),
        "storm": storm.storm(),
    }


def _published(case: Case) -> dict[int | None, str]:
    """The texts that anybody may read, where the kind's rule lets them: as an officer looked them through."""
    if case.kind.sensitive or case.kind.texts_public == "never":
        return {}
    return Redaction.objects.public_texts(case)


@door("public:cases:track")
@limit("track-public", 120)
@require_safe
def public(request: HttpRequest, number: str) -> HttpResponse:
    """``/track/D111-0099781/``: the public facts of a case."""
    tidy = tidy_number(number)
    if tidy != number and "/" not in tidy:
        return redirect("track-number", tidy)
    case = find_case(number)
    if case is None:
        return unknown(request, number)
    events = public_events(case)
    published = _published(case)
    for event in events:
        event.published = published.get(event.pk, "")
    context = public_facts(case) | {
        "events": events,
        "description": published.get(None, ""),
        "photos": Attachment.objects.of(case).published(),
        "form": FindForm(initial={"number": case.number}),
    }
    return render(request, "servicerequests/track/public.html", context)


@door("public:cases:track")
@require_safe
@with_code
def whole(request: HttpRequest, case: Case) -> HttpResponse:
    """``/track/D111-0099781/7K4M9QXR/``: what the QR code opens."""
    return page(request, case)


def page(request: HttpRequest, case: Case, failed: str = "", form: Any = None, status: int = 200) -> HttpResponse:
    """The whole case for its reporter. ``form`` is that of the verb ``failed``, with what was typed."""
    events = public_events(case)
    kept = list(Attachment.objects.for_reporter(case))
    photos = [photo for photo in kept if photo.is_public]
    lifecycle = case.kind.lifecycle
    possible = {verb: make for verb, make in FORMS.items() if lifecycle.transition(verb, case.state)}
    if "reopen" in possible and not may_reopen(case):
        del possible["reopen"]
    forms = {verb: form if verb == failed else make(case=case) for verb, make in possible.items()}
    context = public_facts(case) | {
        "place": case.place,
        "answers": case.answers,
        "events": events,
        "photos": [(phase, found) for phase in PHASES if (found := [p for p in photos if p.phase == phase])],
        "awaiting": len(kept) - len(photos),
        "question": next((e.text for e in events if e.verb == "ask"), "") if case.state == "waiting" else "",
        "outcome": next((e for e in events if e.verb in {"answer", "finish"}), None) if case.done_at else None,
        "forms": forms,
        "form": form,
        "push_key": "" if case.closed_at else key_for_browsers(),
        "reopen_over": case.done_at is not None and "reopen" not in possible,
    }
    return render(request, "servicerequests/track/case.html", context, status=status)


@door("public:cases:track")
@limit("track-letter", per_minute=20)
@require_safe
@with_code
def letter(request: HttpRequest, case: Case) -> HttpResponse:
    """``/track/P111-0000001/7K4M9QXR/letter.pdf``: the answer on paper, once it has been sent."""
    try:
        content = letter_pdf(case)
    except Unprintable as problem:
        return render(request, "cases/unprintable.html", {"problem": str(problem)}, status=503)
    if content is None:
        return unknown(request, case.number)
    headers = {"Content-Disposition": f'attachment; filename="{case.number}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@door("public:cases:track")
@require_safe
def photo(request: HttpRequest, number: str, code: str, token: str, variant: str) -> HttpResponse:
    """A photo of a case for whoever holds its code: the stripped copy or its thumbnail, never the original.

    Not counted as an opening: without a photo's token, which nobody can guess, the answer is the same for every code.
    """
    found = Attachment.objects.of_public().select_related("case").filter(token=token).first()
    fits = found and str(found.case.number) == tidy_number(number) and found.case.opened_by(code)
    path = {"thumbnail": found.thumbnail, "shown": found.shown}.get(variant) if fits else None
    if not path:
        return unknown(request, number)
    return serve(path, found.name, "image/jpeg")
