"""Addresses for the browser tests of the outbox: the foundation's, and a form of the crew's that takes posts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path

POSTS: dict[str, tuple[str, int]] = {}
REFUSE: set[str] = set()


def crew_form(request: HttpRequest) -> HttpResponse:
    """Takes a word and a photo once for each key; refuses what stands in REFUSE."""
    if request.method == "POST":
        if request.POST["word"] in REFUSE:
            return HttpResponse("refused", status=422)
        photo = request.FILES.get("photo")
        POSTS.setdefault(request.POST["idempotency_key"], (request.POST["word"], photo.size if photo else 0))
        return redirect("/crew/done/")
    return render(request, "foundation/tests/crew_form.html")


def done(request: HttpRequest) -> HttpResponse:
    return render(request, "foundation/tests/crew_done.html")


urlpatterns = [
    path("", include("foundation.urls")),
    path("crew/form/", crew_form),
    path("crew/done/", done),
    path("sign-out/", lambda request: redirect("/accessibility/")),
]
