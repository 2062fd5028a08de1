"""The list for the inspection office (工程施工查核小組): where an inspection was asked for, and where it took place."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.models import Case
from identity.doors import door
from publicworks.models import CitizenReport

SHOWN = 100


@door("city:works:inspect")
@require_safe
def wanted(request: HttpRequest) -> HttpResponse:
    """``/works/inspections/``: the oldest request on top; always the same number of statements."""
    reports = CitizenReport.objects.of_cases(Case.objects.visible_to(request.user))
    return render(
        request,
        "publicworks/inspections.html",
        {"wanted": reports.inspection_wanted()[:SHOWN], "inspected": reports.inspected()[:SHOWN]},
    )
