"""The front page: what is wrong, what was done lately, how the city keeps its promises."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cases.models import Case
from cases.registry import kinds
from cases.wording import promise_in_words
from figures import queries
from figures.registry import Period
from foundation.clock import now, today
from identity.doors import door
from organisation import storm
from servicerequests.actions.gathering import standing

RECENT_DAYS = 7
FIGURES = ("servicerequests.requests", "servicerequests.on_time_rate")


@door("public:pages:read")
def home(request: HttpRequest) -> HttpResponse:
    """``/``: three statements. Of cases only what anybody may know: kind, district, and how the promise stands."""
    at, day = now(), today()
    offered = [kind for kind in kinds().values() if kind.active(day)]
    done = Case.objects.public().filter(done_on__gte=day - timedelta(days=RECENT_DAYS)).order_by("-done_at")
    running = Case.objects.public().running().filter(due_at__gte=at).order_by("due_at")
    cases = [
        *done.select_related("district", "unit__agency")[:3],
        *running.select_related("district", "unit__agency")[:2],
    ]
    year = queries.values(FIGURES, Period.year(day.year))
    return render(
        request,
        "portal/home.html",
        {
            "kinds": [(kind, promise_in_words(kind, day)) for kind in offered],
            "recent": [(case, case.clock(at)) for case in cases],
            "figures": [year[code] for code in FIGURES],
            "incidents": standing(),
            "storm": storm.storm(),
        },
    )
