"""Incidents at the desk: the list, one incident on one page, the cases behind its numbers, and its verbs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.models import Case
from identity.doors import SignedInRequest, door
from organisation.permissions import grants_of
from servicerequests.actions import broadcasting, incidents
from servicerequests.actions.counting import WHAT, Sums, records
from servicerequests.models import Incident
from servicerequests.models.incident import Event
from servicerequests.pages.incidents.forms import VERB_FORMS, IncidentForm
from servicerequests.wording import hour_label, label_of, scope_words, sums_context

PAGE = 50


@door("unit:incidents:read")
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """``/desk/incidents/``: what goes on, then what is over; one statement."""
    found = Incident.objects.visible_to(request.user).for_list().newest_first()[:200]
    may_storm = bool(grants_of(request.user).scope("storm:read"))
    context = {"incidents": found, "may": _may(request.user), "may_storm": may_storm}
    return render(request, "servicerequests/incidents/list.html", context)


def _may(user) -> bool:
    return grants_of(user).everywhere("city:incidents:declare")


def _found(request: SignedInRequest, pk: int) -> Incident:
    visible = Incident.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("lead", "declared_by", "closed_by"), pk=pk)


@door("city:incidents:declare")
def declare(request: SignedInRequest) -> HttpResponse:
    """Declare an incident: the form, and the deed."""
    form = IncidentForm(_sent(request), initial=IncidentForm.initial_of(None))
    if form.is_bound and form.is_valid():
        try:
            incident = incidents.declare(request.user, **form.facts)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("事件已成立，範圍內的案件已經歸入。"))
            return redirect("incident", incident.pk)
    return _form_page(request, form, None)


@door("city:incidents:declare")
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change what an incident is, as long as it lasts."""
    incident = _found(request, pk)
    form = IncidentForm(_sent(request), initial=IncidentForm.initial_of(incident))
    if form.is_bound and form.is_valid():
        try:
            incidents.change(request.user, pk, _version(request, incident), **form.facts)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已更新。"))
            return redirect("incident", pk)
    return _form_page(request, form, incident)


def _form_page(request: SignedInRequest, form: IncidentForm, incident: Incident | None) -> HttpResponse:
    context = {"form": form, "incident": incident}
    return render(request, "servicerequests/incidents/form.html", context, status=422 if form.errors else 200)


def _sent(request: SignedInRequest):
    return request.POST if request.method == "POST" else None


def _version(request: SignedInRequest, incident: Incident) -> int:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isdecimal() else incident.version


@door("unit:incidents:read")
@require_safe
def page(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/incidents/7/``: everything about one incident; a fixed number of statements."""
    incident = _found(request, pk)
    sums = sums_context(incident, Sums.of(incident))
    link = reverse("incident-cases", args=[pk])
    shown = [row for row in sums["districts"] if row["code"] != "-"]
    areas = {
        "values": {row["code"]: row["cells"][0]["value"] for row in shown},
        "urls": {row["code"]: f"{link}?district={row['code']}" for row in shown},
        "unit": _("件"),
    }
    context = {
        "incident": incident,
        "scope": scope_words(incident),
        "event": Event(incident.event).label,
        "sums": sums,
        "areas": areas,
        "broadcasts": broadcasting.reached(incident),
        "events": incident.events.select_related("actor").order_by("-at", "-pk")[:200],
        "may": _may(request.user) and not incident.closed_at,
        "verbs": VERB_FORMS,
    }
    return render(request, "servicerequests/incidents/page.html", context)


@door("unit:incidents:read")
@require_safe
def cases(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/incidents/7/cases/?what=late&district=...``: the records behind a number that the reader may see."""
    incident = _found(request, pk)
    asked = {name: request.GET.get(name, "") for name in ("district", "kind", "hour")}
    what = request.GET.get("what", "received")
    try:
        found = records(incident, what, **asked)
    except (KeyError, ValueError):
        raise Http404 from None
    mine = found & Case.objects.visible_to(request.user)
    number = int(request.GET["page"]) if request.GET.get("page", "").isdecimal() else 1
    number = min(max(number, 1), 10_000)
    rows = mine.order_by("received_at", "pk").page((number - 1) * PAGE, number * PAGE + 1)
    query = {name: value for name, value in {"what": what, **asked}.items() if value}
    words = [str(WHAT[what][0])]
    words += [label_of("districts", asked["district"])] if asked["district"] else []
    words += [label_of("kinds", asked["kind"])] if asked["kind"] else []
    words += [hour_label(asked["hour"])] if asked["hour"] else []
    context = {
        "incident": incident,
        "words": " · ".join(words),
        "count": found.count(),
        "mine": mine.count(),
        "rows": rows[:PAGE],
        "more": len(rows) > PAGE,
        "page": number,
        "query": urlencode(query),
    }
    return render(request, "servicerequests/incidents/cases.html", context)


@door("city:incidents:declare")
def act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """``/desk/incidents/7/broadcasts/`` and the like: the form of a verb, and the deed."""
    incident = _found(request, pk)
    if verb not in VERB_FORMS:
        raise Http404
    kind, heading, submit = VERB_FORMS[verb]
    initial: dict[str, Any] = {"number": request.GET.get("number", "")}
    if verb == "broadcasts":
        initial = {"text_zh": incident.public_zh, "text_en": incident.public_en, "to": ["agencies"]}
    form = kind(_sent(request), initial=initial)
    if form.is_bound and form.is_valid():
        try:
            _perform(request, incident, verb, form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return redirect("incident-report" if verb == "closure" else "incident", pk)
    context = {
        "incident": incident, "form": form, "heading": heading, "submit": submit, "lead": str(incident),
        "back_url": reverse("incident", args=[pk]), "verb": verb,
    }  # fmt: skip
    return render(request, "servicerequests/incidents/verb.html", context, status=422 if form.errors else 200)


def _perform(request: SignedInRequest, incident: Incident, verb: str, said: dict[str, Any]) -> None:
    actor, pk = request.user, incident.pk
    if verb == "notes":
        incidents.note(actor, pk, said["text"])
    elif verb == "additions":
        incidents.add(actor, pk, said["number"], said["reason"])
    elif verb == "removals":
        incidents.remove(actor, pk, said["number"], said["reason"])
    elif verb == "broadcasts":
        to = {f"to_{whom}": whom in said["to"] for whom in ("agencies", "reporters")}
        broadcasting.broadcast(actor, pk, text_zh=said["text_zh"], text_en=said["text_en"], **to)
        messages.success(request, _("已發布。通報人的信由背景工作分批寄出，進度在下面。"))
    else:
        incidents.close(actor, pk, _version(request, incident), said["lessons"])
        messages.success(request, _("事件已結束，數字已固定在報告裡。"))
