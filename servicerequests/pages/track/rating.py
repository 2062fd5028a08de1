"""The rating that a closing letter links to: no number and no code to type, and nothing else of the case."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.actions.performing import Conflict, perform
from foundation.clock import today
from foundation.ratelimit import limit
from identity.doors import door
from organisation.pack import pack
from servicerequests.actions.rating import lacks_reason, may_reopen_by_rating, rated_number
from servicerequests.pages.track.access import find_case, kept_private, unknown
from servicerequests.pages.track.forms import RateForm, ReopenForm
from servicerequests.pages.track.verbs import THANKS


@door("public:cases:track")
@limit("rate", 60)
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, seal: str) -> HttpResponse:
    """``/rate/D111-0099781:…/``: a GET changes nothing, for programs that open every link of a mail."""
    number = rated_number(seal)
    case = find_case(number) if number else None
    if case is None:
        return kept_private(unknown(request, ""))
    ask_again = "reopen" in request.POST
    make = ReopenForm if ask_again else RateForm
    form = make(request.POST, case=case) if request.method == "POST" else None
    status = 200
    if form is not None:
        if ask_again and not may_reopen_by_rating(case):
            raise Http404
        status = 422
        if form.is_valid():
            try:
                version = form.cleaned_data["version"]
                perform(None, case.pk, form.verb, version=version, by_citizen=True, **form.inputs())
            except Conflict as conflict:
                case = find_case(number)
                form.data = form.data.copy()
                form.data["version"] = str(case.version)
                form.add_error(None, str(conflict))
                status = 409
            except ValidationError as problem:
                form.add_error(None, problem.messages)
            else:
                messages.success(request, str(THANKS[form.verb]))
                return redirect("rate", seal=seal)
    offers = may_reopen_by_rating(case)
    context = {
        "case": case,
        "form": form,
        "rating": form if form is not None and not ask_again else RateForm(case=case),
        "open": case.kind.lifecycle.transition("rate", case.state) is not None,
        "reopening": (form if ask_again else ReopenForm(case=case)) if offers else None,
        "lacks_reason": lacks_reason(case),
        "low": pack().rule("low_rating", today()).value,
    }
    return kept_private(render(request, "servicerequests/track/rating.html", context, status=status))
