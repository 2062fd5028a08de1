"""One job on the phone: accept, arrive, photos before and after, done or handed over.

Doors answer a page; to whoever asks for JSON, as the phone's outbox does, they answer ``outcome``: ``done``,
``refused`` (422, with words and errors by field), ``conflict`` (409, with what the city hall has), ``other_person``
(403), or ``later`` (503: the disk for uploads is full).
"""

from __future__ import annotations

from dataclasses import asdict
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Attachment
from foundation.files import serve
from foundation.roc import roc_datetime
from identity.doors import door
from organisation.permissions import grants_of
from servicerequests.actions.field import Changed, report
from servicerequests.models import Job, MaterialUse
from servicerequests.pages.crew.forms import FORMS, VerbForm, put_errors


def next_verb(job: Job, user) -> str:
    """What this person can do next with a job: take it, and then go on with what they have taken themselves.

    Empty for whoever only looks on: an officer, and a colleague while somebody else stands at the place.
    """
    grants = grants_of(user)
    mine = job.accepted_by_id == user.pk
    if job.state == Job.State.SENT or (job.state == Job.State.ACCEPTED and not mine):
        return "accept" if job.crew_id in grants.scope("jobs:accept").units else ""
    return {Job.State.ACCEPTED: "arrive", Job.State.ON_SITE: "finish"}.get(job.state, "") if mine else ""


def _job_or_404(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).with_last_entry().for_list(), pk=pk)


def with_whom_now(user, pk: int) -> str:
    """Where a job went that this person does not have any more, in words; of one that they never had, only that."""
    before = Job.objects.taken_from(user).filter(pk=pk)
    current = Job.objects.instead_of(before).first()
    if current is not None and current.pk != pk:
        return _("這件工作現在由%(crew)s辦理。") % {"crew": current.crew}
    if before.exists():
        return _("這件工作已經交回承辦單位。")
    return _("這不是您這一隊的工作。")


def _not_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """The crew's own page for it: the citizens' one would lead out of the app."""
    context = {"words": with_whom_now(request.user, pk)}
    return render(request, "servicerequests/crew/not_mine.html", context, status=404)


@door("unit:jobs:read")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """``/crew/jobs/7/``: the place, what was reported, and the next verb as one big button."""
    try:
        job = _job_or_404(request, pk)
    except Http404:
        return _not_mine(request, pk)
    return render(request, "servicerequests/crew/job.html", _context(request, job))


def _context(request: HttpRequest, job: Job) -> dict:
    case = job.case
    points = [{"lon": case.lon, "lat": case.lat, "title": case.kind.label, "text": case.place, "current": True}]
    return {
        "job": job,
        "case": case,
        "clock": case.clock(),
        "next": next_verb(job, request.user),
        "photos": Attachment.objects.of(case).of_public(),
        "materials": MaterialUse.objects.on(job),
        "points": points if case.lat is not None else [],
        "key": uuid4(),
        "moved": with_whom_now(request.user, job.pk) if job.state == Job.State.HANDED_OVER else "",
    }


@door("unit:jobs:read", post="own:jobs:arrive")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """``/crew/jobs/7/finish/``: GET asks, POST does. The same idempotency key twice does it once."""
    if verb not in FORMS:
        raise Http404
    json = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    try:
        job = _job_or_404(request, pk)
        if request.method != "POST":
            # Nothing can be reported of it any more; but what the phone kept is shown, to be sent as a note.
            if job.ended_at and verb != "note" and "waiting" not in request.GET:
                return redirect("crew-job", job.pk)
            known = {"seen": job.seen, "person": request.user.pk}
            return _page(request, job, verb, FORMS[verb](job=job, initial=known))
        return _act(request, job, verb, json)
    except Http404:
        return _refused(with_whom_now(request.user, pk), {}) if json else _not_mine(request, pk)
    except PermissionDenied:
        if not json:
            raise
        return _refused(_("這件工作已經不是您的，或是您沒有辦理的權限。"), {})


def _act(request: HttpRequest, job: Job, verb: str, json: bool) -> HttpResponse:
    form = FORMS[verb](request.POST, request.FILES, job=job)
    status, changed = 422, None
    if form.is_valid():
        said = form.cleaned_data
        if said.get("person") not in {None, request.user.pk}:
            return JsonResponse({"outcome": "other_person"}, status=403)
        key = str(said["idempotency_key"] or "")
        try:
            report(
                request.user, job, verb, photos=said.get("photos") or [], key=key, at=said["happened_at"],
                seen=said["seen"], **form.said,
            )  # fmt: skip
        except Changed as conflict:
            status, changed = 409, conflict
            form.add_error(None, str(conflict))
        except ValidationError as error:
            if json and getattr(error, "code", "") == "no_room":
                # Not the crew's mistake, and an urgent job needs its photo: the phone keeps all of it and tries again.
                return JsonResponse({"outcome": "later"}, status=503)
            put_errors(form, error)
        else:
            messages.success(request, SAID[verb])
            leads = reverse("crew") if verb in {"finish", "hand_over", "note"} else reverse("crew-job", args=[job.pk])
            return JsonResponse({"outcome": "done", "next": leads}) if json else redirect(leads)
    if json:
        return _told(changed) if changed else _refused(" ".join(_messages(form)), form.errors)
    if changed:  # whoever sends it again has seen what the page says now
        form.data = form.data.copy()
        form.data["seen"] = changed.meanwhile.seen
    return _page(request, job, verb, form, status, changed)


def _page(
    request: HttpRequest, job: Job, verb: str, form: VerbForm, status: int = 200, changed: Changed | None = None
) -> HttpResponse:
    context = _context(request, job) | {"form": form, "verb": verb, "title": TITLES.get(verb), "changed": changed}
    return render(request, "servicerequests/crew/verb.html", context, status=status)


def _messages(form: VerbForm) -> list[str]:
    return [message for errors in form.errors.values() for message in errors]


def _refused(words: str, errors) -> JsonResponse:
    return JsonResponse({"outcome": "refused", "words": words, "errors": errors}, status=422)


def _told(changed: Changed) -> JsonResponse:
    facts = asdict(changed.meanwhile) | {"at": roc_datetime(changed.meanwhile.at)}
    return JsonResponse({"outcome": "conflict", "words": str(changed), "now": facts}, status=409)


SAID = {
    "accept": gettext_lazy("已接案。"),
    "arrive": gettext_lazy("已回報到場。"),
    "photos": gettext_lazy("照片已收到。"),
    "finish": gettext_lazy("已回報完成，辛苦了。"),
    "hand_over": gettext_lazy("已轉回承辦單位。"),
    "note": gettext_lazy("已留下紀錄，承辦單位看得到。"),
}
TITLES = {
    "photos": gettext_lazy("施作前照片"),
    "finish": gettext_lazy("回報完成"),
    "hand_over": gettext_lazy("轉出"),
    "note": gettext_lazy("留下紀錄"),
}


@door("unit:jobs:read")
def photo(request: HttpRequest, pk: int, token: str, variant: str) -> HttpResponse:
    """A picture of a job that this crew may see: ``thumbnail`` or ``shown``."""
    job = _job_or_404(request, pk)
    found = get_object_or_404(Attachment.objects.of_public().filter(case_id=job.case_id), token=token)
    path = {"thumbnail": found.thumbnail, "shown": found.shown}.get(variant)
    if not path:
        raise Http404
    return serve(path, found.name, "image/jpeg")
