"""The way through a report. One address for each kind: what it shows is where the draft stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from foundation.ratelimit import limit
from identity.doors import door
from servicerequests.pages.report.catalogue import reportable
from servicerequests.pages.report.draft import PREFIX, Draft, Lost, channel_of
from servicerequests.pages.report.forms import WhereForm
from servicerequests.pages.report.steps import STEPS, TOTAL, Step, next_step, step_before
from servicerequests.rules import write_point


@door("public:cases:file")
@limit("report", 240, methods={"POST"})
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, kind_code: str) -> HttpResponse:
    """``/report/pothole/``: GET begins, every POST takes one page's answer and shows the next page."""
    if kind_code not in reportable():
        raise Http404
    if request.method != "POST":
        return show(request, about(Draft(kind_code), request.GET), STEPS["what"])
    if "draft" not in request.POST:
        return show(request, begun(kind_code, request.POST.get("text", ""), channel_of(request)), STEPS["what"])
    try:
        draft = Draft.open(request.POST["draft"])
    except Lost:
        return lost(request)
    draft.change_kind(kind_code)
    step = STEPS.get(request.POST.get("step", ""))
    return answered(request, draft, step) if step else show(request, draft, next_step(draft))


def begun(kind_code: str, text: str, channel: str = "") -> Draft:
    """A draft that begins with the words that led to its kind."""
    draft = Draft(kind_code, channel=channel)
    if text.strip():
        draft.keep("what", {"description": text.strip()}, accepted=False)
    return draft


def about(draft: Draft, asked: Mapping[str, str]) -> Draft:
    """A draft that begins on a record's own page (``?work=...``): it is chosen, and the map begins at its place."""
    for field in draft.kind.references:
        key = asked.get(field.name)
        if found := field.reference.get(key) if key else None:
            draft.keep("which", {PREFIX + field.name: found.key}, accepted=True)
            point = write_point(found.lon, found.lat) if found.lon is not None else ""
            place = WhereForm({"address": found.address, "point": point}, kind=draft.kind)
            draft.keep("where", place.cleaned_data if place.is_valid() else {}, accepted=False)
    return draft


def answered(request: HttpRequest, draft: Draft, step: Step) -> HttpResponse:
    """Take what one page says, and show the page that follows from it."""
    go = request.POST.get("go", "next")
    if go.startswith("edit:"):
        return show(request, draft, STEPS.get(go.removeprefix("edit:"), STEPS["check"]))
    form = step.form(request, draft, data=request.POST, files=request.FILES)
    may_go_on = step.take(request, draft, form, go)
    if go == "stay":  # in the other language, say
        return show(request, draft, step)
    if go == "back":
        return show(request, draft, step_before(step) or step)
    if form.errors:
        return show(request, draft, step, form, status=422)
    return show(request, draft, next_step(draft) if may_go_on else step)


def show(
    request: HttpRequest, draft: Draft, step: Step, form: forms.Form | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a step, carrying the draft."""
    context = step.context(request, draft) | {
        "form": step.form(request, draft) if form is None else form,
        "draft": draft,
        "sealed": draft.seal(),
        "kind": draft.kind,
        "step_name": step.name,
        "step": step.number,
        "steps": TOTAL if step.number else None,
        "may_go_back": step_before(step) is not None,
        "address": reverse("report-kind", args=[draft.kind_code]),
        **more,
    }
    return render(request, f"servicerequests/report/{step.name}.html", context, status=status)


def lost(request: HttpRequest) -> HttpResponse:
    """The page for a request without a draft that can be read: how to get back to what was typed."""
    return render(request, "servicerequests/report/lost.html", status=400)
