"""The cases that a person reported while signed in."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.models import Case
from identity.doors import door

PAGE = 20


@door("own:cases:read")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """``/my-cases/``: the newest first, twenty a page, in two statements."""
    own = Case.objects.reported_by(request.user).for_list().order_by("-received_at", "-pk")
    page = Paginator(own, PAGE).get_page(request.GET.get("page"))
    rows = [(case, case.clock()) for case in page]
    return render(request, "servicerequests/track/mine.html", {"page": page, "rows": rows})
