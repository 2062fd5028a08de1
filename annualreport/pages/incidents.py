"""The report after an incident: as a page, and as PDF."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from annualreport.actions.incidents import incident_context
from annualreport.actions.printing import printed
from foundation.printing import Unprintable
from foundation.ratelimit import client_user, limit
from identity.doors import SignedInRequest, door
from servicerequests.models import Incident


def _context(request: SignedInRequest, pk: int) -> dict:
    visible = Incident.objects.visible_to(request.user)
    return incident_context(get_object_or_404(visible.select_related("lead"), pk=pk))


@door("unit:incidents:read")
@require_safe
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/incidents/7/report/``: each number leads to its cases; of a closed incident also as it stood then."""
    return render(request, "annualreport/incident/page.html", _context(request, pk))


@door("unit:incidents:read")
@limit("incident-pdf", per_minute=20, key=client_user)
@require_safe
def pdf(request: SignedInRequest, pk: int) -> HttpResponse | FileResponse:
    """``/desk/incidents/7/report.pdf``: the same, printed."""
    context = _context(request, pk) | {"printed": True, "PUBLIC_URL": settings.PUBLIC_URL}
    try:
        path = printed(render_to_string("annualreport/incident/print.html", context), f"incident-{pk}")
    except Unprintable as problem:
        return render(request, "annualreport/unprintable.html", {"problem": str(problem)}, status=503)
    return FileResponse(path.open("rb"), filename=f"incident-{pk}.pdf", content_type="application/pdf")
