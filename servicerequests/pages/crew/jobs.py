"""My crew's jobs: the next one fills the screen, the others stand below, near ones first when the phone tells."""

from __future__ import annotations

from math import cos, hypot, radians
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from cases.models.case import Case
from foundation.clock import now
from identity.doors import door
from organisation.permissions import grants_of
from servicerequests.models import Job
from servicerequests.pages.crew.job import next_verb

MOST = 60


def distance(case: Case, lon: float, lat: float) -> int | None:
    """Metres from a point to the case's place; None for a case without a point."""
    if case.lat is None:
        return None
    return round(hypot((case.lat - lat) * 111_320, (case.lon - lon) * 111_320 * cos(radians(lat))))


def position(request: HttpRequest) -> tuple[float, float] | None:
    """Where the phone says that it is, from the address; nothing of it is kept."""
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
    except (KeyError, ValueError):
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


@door("unit:jobs:read")
def jobs(request: HttpRequest) -> HttpResponse:
    """``/crew/``: the active jobs of my crews by deadline, or by nearness with ``?lon=&lat=``; two statements."""
    at, here = now(), position(request)
    crews = grants_of(request.user).scope("jobs:accept").units
    mine = Job.objects.visible_to(request.user).active().for_list()
    if crews:
        mine = mine.filter(crew_id__in=crews)
    rows = [
        {
            "job": job,
            "next": next_verb(job, request.user),
            "case": job.case,
            "clock": job.case.clock(at),
            "metres": distance(job.case, *here) if here else None,
        }
        for job in mine.by_deadline()[:MOST]
    ]
    if here:
        rows.sort(key=lambda row: row["metres"] if row["metres"] is not None else 10**9)
    # What has been begun stays on top, whatever is nearer.
    rows.sort(key=lambda row: row["job"].state == Job.State.SENT)
    points = [
        {
            "lon": row["case"].lon,
            "lat": row["case"].lat,
            "title": row["case"].kind.label,
            "text": row["case"].place,
            "url": reverse("crew-job", args=[row["job"].pk]),
            "state": row["clock"].state,
        }
        for row in rows
        if row["case"].lat is not None
    ]
    context = {"rows": rows, "first": rows[0] if rows else None, "others": rows[1:], "points": points, "key": uuid4()}
    return render(request, "servicerequests/crew/jobs.html", context)
