"""What may be the same matter, while the place is still being chosen: a part of the page, for a script."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from foundation.ratelimit import limit
from identity.doors import door
from servicerequests.pages.report import nearby
from servicerequests.pages.report.catalogue import reportable
from servicerequests.pages.report.draft import Draft, Lost
from servicerequests.rules import read_point


@door("public:cases:file")
@limit("report-near", 120)
@require_POST
def near(request: HttpRequest, kind_code: str) -> HttpResponse:
    """``POST /report/pothole/near/`` with the draft and the point as typed so far; 204 where nothing is to be shown."""
    if kind_code not in reportable():
        raise Http404
    try:
        draft = Draft.open(request.POST.get("draft", ""))
        lon, lat = read_point(request.POST.get("point", ""))
    except (Lost, ValueError):
        return HttpResponse(status=204)
    draft.change_kind(kind_code)
    found = nearby.at(draft, lon, lat)
    if not found:
        return HttpResponse(status=204)
    return render(request, "servicerequests/report/near.html", {"neighbours": found})
