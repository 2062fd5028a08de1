"""What the crew's phone needs to work without a net: which pages to keep, what waits to be sent, how to install it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.models import Attachment
from foundation.ratelimit import limit
from identity.doors import door
from organisation.pack import pack
from organisation.permissions import grants_of
from servicerequests.models import Job
from servicerequests.pages.crew.job import next_verb
from servicerequests.pages.manifests import in_brand, manifest_response

MOST_JOBS, MOST_PHOTOS = 20, 4  # what one phone keeps: the next jobs, and so many pictures of each
FORMS_KEPT = ("photos", "finish", "hand_over", "note")


@door("unit:jobs:read")
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """``/crew/today.json``: pages and pictures of my crew's next jobs, each job with a mark that changes when it does.

    The phone keeps these and nothing else; what is no longer named it throws away. Three statements.
    """
    mine = Job.objects.visible_to(request.user).active().with_last_entry().for_list()
    if crews := grants_of(request.user).scope("jobs:accept").units:
        mine = mine.filter(crew_id__in=crews)
    jobs = list(mine.by_deadline()[:MOST_JOBS])
    photos: dict[int, list[str]] = {}
    shown = (
        Attachment.objects.of_public().filter(case_id__in=[job.case_id for job in jobs]).order_by("uploaded_at", "pk")
    )
    for case_id, token in shown.values_list("case_id", "token"):
        photos.setdefault(case_id, []).append(str(token))
    return JsonResponse(
        {
            "person": request.user.pk,
            "pages": [reverse("crew"), reverse("crew-waiting"), reverse("geo-districts")],
            "jobs": [
                {
                    "mark": f"{get_language()} {job.seen} {next_verb(job, request.user)}",
                    "pages": [
                        reverse("crew-job", args=[job.pk]),
                        *(reverse("crew-verb", args=[job.pk, verb]) for verb in FORMS_KEPT),
                        *(
                            reverse("crew-photo", args=[job.pk, token, "thumbnail"])
                            for token in photos.get(job.case_id, [])[:MOST_PHOTOS]
                        ),
                    ],
                }
                for job in jobs
            ],
        }
    )


@door("unit:jobs:read")
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """``/crew/waiting/``: what this phone has not sent yet, and what the city hall answered; the phone fills it in."""
    return render(request, "servicerequests/crew/waiting.html")


@door("public:pages:read")
@limit("manifest", 120)
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest of the crew's phone (W3C Web Application Manifest)."""
    city = pack().city
    return manifest_response(_("外勤工作"), _("%(brand)s外勤") % {"brand": in_brand(city)}, reverse("crew"))
