"""The report after an incident: what it prints."""

from __future__ import annotations

from servicerequests.actions import broadcasting
from servicerequests.actions.counting import Sums
from servicerequests.models import Incident
from servicerequests.models.incident import Event
from servicerequests.wording import scope_words, sums_context


def incident_context(incident: Incident) -> dict:
    """What the report after an incident prints. Of a closed one the sums at its closing, and beside them those of now:
    what is corrected or finished later is seen and changes nothing that was reported."""
    now = sums_context(incident, Sums.of(incident))
    sums = sums_context(incident, Sums.kept(incident.figures), links=False) if incident.closed_at else now
    for cell, current in zip(sums["total"], now["total"], strict=True):
        cell |= {"now": current["value"], "url": current["url"]}
    return {
        "incident": incident,
        "event": Event(incident.event).label,
        "scope": scope_words(incident),
        "sums": sums,
        "now": now,
        "broadcasts": broadcasting.reached(incident)[::-1],
        "events": incident.events.select_related("actor").order_by("at", "pk"),
    }
