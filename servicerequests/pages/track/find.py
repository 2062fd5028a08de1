"""``/track/``: a number, and with its code the whole case."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from foundation.ratelimit import limit
from identity.doors import door
from servicerequests.pages.track.forms import FindForm


@door("public:cases:track")
@limit("track-find", 60, methods={"POST"})
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for number and code, and go to the case's own address. ``?number=`` fills the number in."""
    if request.method != "POST" and "number" not in request.GET:
        return _page(request, FindForm())
    form = FindForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return _page(request, form, status=422 if request.method == "POST" else 200)
    number, code = form.cleaned_data["number"], form.cleaned_data["code"]
    return redirect("track-case", number, code) if code else redirect("track-number", number)


def _page(request: HttpRequest, form: FindForm, status: int = 200) -> HttpResponse:
    return render(request, "servicerequests/track/find.html", {"form": form}, status=status)
