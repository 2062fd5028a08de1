"""The cases that a person reported while signed in, and those of others that they follow."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.actions.following import seal
from cases.models import Case, Follower
from identity.doors import door

PAGE = 20


@door("own:cases:read")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """``/my-cases/``: the newest first, twenty a page, in three statements."""
    own = Case.objects.reported_by(request.user).for_list().order_by("-received_at", "-pk")
    page = Paginator(own, PAGE).get_page(request.GET.get("page"))
    rows = [(case, case.clock()) for case in page]
    followed = [
        (follower.case, seal(follower)) for follower in Follower.objects.by_user(request.user).with_case()[:PAGE]
    ]
    context = {"page": page, "rows": rows, "followed": followed}
    return render(request, "servicerequests/track/mine.html", context)
