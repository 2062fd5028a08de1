"""Who may open a case: anybody knows its number's public facts; number and code together open all of it.

A code has 36 bits, so guessing is hopeless as long as it is slow. Every opening counts, for the client and for the
number; a browser that has opened a case once carries a signed cookie for that case and counts no more. So the reporter
still gets in while somebody hammers at the number, and many people behind one address are not in each other's way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from cases.models import Case
from foundation.ratelimit import client_ip, knock, too_many
from servicerequests.pages.track.forms import FindForm
from servicerequests.rules import tidy_number

A_CLIENT, A_NUMBER = 30, 10  # openings a minute
COOKIE = "opened"
COOKIE_SECONDS = 12 * 3600


def find_case(number: str) -> Case | None:
    """The case of a number, with everything that its page shows of it and of the one that it was merged into."""
    into = ("merged_into__unit__agency", "merged_into__district")
    return Case.objects.public().for_list().select_related(*into).filter(number=tidy_number(number)).first()


def unknown(request: HttpRequest, number: str, code: str = "") -> HttpResponse:
    """Page 404 with what was typed, the same for a number that there is not and for a code that does not fit."""
    form = FindForm(initial={"number": number, "code": code})
    return render(request, "servicerequests/track/unknown.html", {"form": form, "number": number}, status=404)


def with_code(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """View decorator: the view gets the case in place of number and code, if they belong together.

    Otherwise page 404, or 429 for who tries too often. What comes back is for this reader alone: no cache, no index.
    """

    @wraps(view)
    def guarded(request: HttpRequest, number: str, code: str, *args: Any, **kwargs: Any) -> HttpResponse:
        number = tidy_number(number)
        known = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=COOKIE_SECONDS) == number
        if not known:
            wait = knock("track-client", client_ip(request), A_CLIENT) or knock("track-number", number, A_NUMBER)
            if wait:
                return too_many(request, wait)
        case = find_case(number)
        if case is None or not case.opened_by(code):
            return unknown(request, number, code)
        response = view(request, case, *args, **kwargs)
        if not known:
            _remember(response, number)
        return kept_private(response)

    return guarded


def kept_private(response: HttpResponse) -> HttpResponse:
    """Mark a page with a code in its address: no cache keeps it, no search engine lists it."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _remember(response: HttpResponse, number: str) -> None:
    response.set_signed_cookie(
        COOKIE,
        number,
        salt=COOKIE,
        max_age=COOKIE_SECONDS,
        path=reverse("track-number", args=[number]),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
