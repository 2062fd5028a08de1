"""For authors of programs: how to use the API; and for who issues keys, what each of them filed."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cases.registry import kinds
from foundation.clock import today
from foundation.ratelimit import limit
from identity.doors import SignedInRequest, door
from identity.models import ApiKey
from servicerequests.models import ApiFiling

A_PAGE = 50


@door("public:pages:read")
@limit("open311-page", 120)
@require_safe
def developers(request: HttpRequest) -> HttpResponse:
    """``/open311/``: what the API does, how to ask for a key, and calls to copy."""
    on = today()
    offered = [kind for kind in kinds().values() if kind.active(on)]
    context = {"kinds": offered, "first": offered[0], "base": request.build_absolute_uri("/open311/v2")}
    return render(request, "servicerequests/open311.html", context)


@door("city:apikeys:manage")
@require_safe
def requests_of_key(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/api-keys/7/requests/``: the numbers of what a key filed, the newest first. Not what was written."""
    key = get_object_or_404(ApiKey.objects.visible_to(request.user).select_related("owner"), pk=pk)
    filed = ApiFiling.objects.visible_to(request.user).filter(key=key).select_related("case").order_by("-case_id")
    page = Paginator(filed, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "servicerequests/requests_of_key.html", {"key": key, "page": page})
