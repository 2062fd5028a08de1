"""My crew's jobs: the next one fills the screen, the others stand below, by deadline or in the order of the way."""

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
from servicerequests.rules import Place, Stop, way

MOST = 60


def distance(case: Case, lon: float, lat: float) -> int | None:
    """Metres from a point to the case's place; None for a case without a point."""
    if case.lat is None:
        return None
    return round(hypot((case.lat - lat) * 111_320, (case.lon - lon) * 111_320 * cos(radians(lat))))


def position(request: HttpRequest) -> Place | None:
    """Where the phone says that it is, from the address; nothing of it is kept."""
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
    except (KeyError, ValueError):
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def depot(jobs: list[Job]) -> Place | None:
    """Where the crew of the first of these jobs that has a depot sets out from."""
    return next(((job.crew.lon, job.crew.lat) for job in jobs if job.crew.lat is not None), None)


@door("unit:jobs:read")
def jobs(request: HttpRequest) -> HttpResponse:
    """``/crew/``: the active jobs of my crews by deadline; with ``?order=way`` as one drives to them from the crew's
    depot, with ``?lon=&lat=`` from there. The same number of statements for one job and for sixty."""
    at, here = now(), position(request)
    crews = grants_of(request.user).scope("jobs:accept").units
    mine = Job.objects.visible_to(request.user).active().with_last_entry().for_list()
    if crews:
        mine = mine.filter(crew_id__in=crews)
    found = list(mine.by_deadline()[:MOST])
    by_way = here is not None or request.GET.get("order") == "way"
    if by_way:
        here = here or depot(found)
        stops = [
            Stop((job.case.lon, job.case.lat) if job.case.lat is not None else None, job.case.due_at) for job in found
        ]
        found = [found[i] for i in way(stops, at, here)]
    rows = [
        {
            "job": job,
            "next": next_verb(job, request.user),
            "case": job.case,
            "clock": job.case.clock(at),
            "metres": distance(job.case, *here) if here else None,
        }
        for job in found
    ]
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
    context |= {"by_way": by_way, "from_depot": by_way and position(request) is None}
    return render(request, "servicerequests/crew/jobs.html", context)
