"""What the public reads of incidents: those that it was told of, and no case but by its number."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from foundation.ratelimit import limit
from identity.doors import door
from servicerequests.actions.counting import Sums
from servicerequests.models import Incident
from servicerequests.models.incident import Event
from servicerequests.wording import scope_words, sums_context


@door("public:incidents:read")
@limit("incidents", 120)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/incidents/``: what goes on, and what is over."""
    found = Incident.objects.public().for_list().newest_first()[:100]
    return render(request, "servicerequests/incidents/public_list.html", {"incidents": found})


@door("public:incidents:read")
@limit("incidents", 120)
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/incidents/7/``: what the city says, and how far it is; of a closed one the sums at its closing."""
    incident = get_object_or_404(Incident.objects.public().select_related("lead"), pk=pk)
    sums = Sums.kept(incident.figures) if incident.closed_at else Sums.of(incident)
    context = {
        "incident": incident,
        "event": Event(incident.event).label,
        "scope": scope_words(incident),
        "sums": sums_context(incident, sums, links=False),
    }
    return render(request, "servicerequests/incidents/public.html", context)
