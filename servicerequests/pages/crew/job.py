"""One job on the phone: accept, arrive, photos before and after, done or handed over."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.files import keep_file
from cases.actions.performing import Conflict, locked, perform, record
from cases.models import Attachment, CaseEvent
from cases.models.case import Outcome
from foundation.files import IMAGE, check_upload, serve
from foundation.forms import CityForm, FilesField, IdempotencyKeyField
from identity.doors import door
from organisation.permissions import grants_of
from servicerequests.models import Job

PHOTOS: dict = {"max_files": 6, "check": lambda file: check_upload(file, allowed=IMAGE), "accept": "image/*"}


class VerbForm(CityForm):
    """What every report from the field carries: a key that makes a repeat harmless, and when it happened.

    The phone fills in the time when it keeps a report for want of a net.
    """

    idempotency_key = IdempotencyKeyField(required=False)
    happened_at = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput(attrs={"data-now": ""}))

    def clean_happened_at(self) -> datetime | None:
        try:
            moment = parse_datetime(self.cleaned_data["happened_at"] or "")
        except ValueError:
            return None
        return moment if moment and moment.tzinfo else None


class PhotoForm(VerbForm):
    """Photos of the place before the work."""

    photos = FilesField(label=gettext_lazy("施作前照片"), **PHOTOS)


class DoneForm(VerbForm):
    """What was done, with photos after it."""

    photos = FilesField(
        label=gettext_lazy("完工後照片"),
        help_text=gettext_lazy("緊急案件回報「已修復或排除」時，一定要附。"),
        required=False,
        **PHOTOS,
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("結果"),
        choices=[
            (Outcome.FIXED, gettext_lazy("已修復或排除")),
            (Outcome.NOT_FOUND, gettext_lazy("現場未發現所述情形")),
        ],
        initial=Outcome.FIXED,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("處理情形"),
        help_text=gettext_lazy("一兩句就好，民眾會看到。"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HandOverForm(VerbForm):
    """Why the crew cannot do it."""

    text = forms.CharField(
        label=gettext_lazy("為什麼轉出"),
        help_text=gettext_lazy("例如：不是本隊的設施、需要機具、位置不符。承辦單位會重新派工。"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


FORMS = {"accept": VerbForm, "arrive": VerbForm, "photos": PhotoForm, "finish": DoneForm, "hand_over": HandOverForm}


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
    return get_object_or_404(Job.objects.visible_to(request.user).for_list(), pk=pk)


@door("unit:jobs:read")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """``/crew/jobs/7/``: the place, what was reported, and the next verb as one big button."""
    job = _job_or_404(request, pk)
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
        "points": points if case.lat is not None else [],
        "key": uuid4(),
    }


@door("unit:jobs:read", post="own:jobs:arrive")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """``/crew/jobs/7/finish/``: GET asks, POST does. The same idempotency key twice does it once."""
    job = _job_or_404(request, pk)
    if verb not in FORMS:
        raise Http404
    form = FORMS[verb](request.POST, request.FILES) if request.method == "POST" else FORMS[verb]()
    if request.method == "POST" and form.is_valid():
        try:
            _carry_out(request, job, verb, form.cleaned_data)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
        except ValidationError as error:
            for name, errors in getattr(error, "message_dict", {None: error.messages}).items():
                form.add_error(name if name in form.fields else None, errors)
        else:
            messages.success(request, SAID[verb])
            if request.headers.get("Sec-Fetch-Dest") == "empty":
                # A script that sends forms goes on by itself; following a redirect it would take away the words of
                # thanks that the next page is to show.
                return HttpResponse(status=204)
            return redirect("crew") if verb in {"finish", "hand_over"} else redirect("crew-job", pk=job.pk)
    status = 422 if form.is_bound else 200
    return render(
        request, "servicerequests/crew/verb.html", _context(request, job) | {"form": form, "verb": verb}, status=status
    )


SAID = {
    "accept": gettext_lazy("已接案。"),
    "arrive": gettext_lazy("已回報到場。"),
    "photos": gettext_lazy("照片已收到。"),
    "finish": gettext_lazy("已回報完成，辛苦了。"),
    "hand_over": gettext_lazy("已轉回承辦單位。"),
}


@transaction.atomic
def _carry_out(request: HttpRequest, job: Job, verb: str, said: dict) -> None:
    """Photos and verb in one transaction; a report that comes a second time finds its key and changes nothing."""
    key = str(said["idempotency_key"] or "")
    locked(job.case_id)  # so that of two that come at once the second sees what the first has done
    if key and CaseEvent.objects.of(job.case).filter(data__key=key).exists():
        return
    photos = said.get("photos") or []
    phase = "after" if verb == "finish" else "before"
    for photo in photos:
        keep_file(photo, phase=phase, user=request.user, case=job.case, images_only=True)
    if verb == "photos":
        if not Job.objects.active().visible_to(request.user, "jobs:finish").filter(pk=job.pk).exists():
            raise PermissionDenied("jobs:finish")
        text = _("施作前照片 %(n)d 張") % {"n": len(photos)}
        record(job.case, "attach", request.user, text, public=True, data={"key": key} if key else {})
        return
    inputs = {name: said[name] for name in ("text", "outcome") if name in said}
    perform(request.user, job.case_id, verb, key=key, at=said.get("happened_at"), **inputs)


@door("unit:jobs:read")
def photo(request: HttpRequest, pk: int, token: str, variant: str) -> HttpResponse:
    """A picture of a job that this crew may see: ``thumbnail`` or ``shown``."""
    job = _job_or_404(request, pk)
    found = get_object_or_404(Attachment.objects.of_public().filter(case_id=job.case_id), token=token)
    path = {"thumbnail": found.thumbnail, "shown": found.shown}.get(variant)
    if not path:
        raise Http404
    return serve(path, found.name, "image/jpeg")
