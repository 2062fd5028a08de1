"""Following a case: ask by an address, confirm by the letter's link, stop by one click."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from cases.actions import following
from foundation.encryption import digest
from foundation.ratelimit import knock, limit, too_many
from identity.doors import door
from messages.channels.push import key_for_browsers
from servicerequests.pages.follow.forms import FollowForm
from servicerequests.pages.track.access import find_case, kept_private, unknown
from servicerequests.pages.track.push import answer

AN_ADDRESS = 5  # letters a minute to one address, whoever asks for them


@door("public:cases:track")
@limit("follow", 20, methods={"POST"})
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, number: str) -> HttpResponse:
    """``/follow/D111-0099781/``: a letter when it is done. Says the same whether or not the address follows already."""
    case = find_case(number)
    if case is None:
        return unknown(request, number)
    case = case.merged_into or case
    user = request.user
    known = {"email": getattr(user, "email", ""), "language": get_language()}
    form = FollowForm(request.POST if request.method == "POST" else None, initial=known)
    context = {"case": case, "clock": case.clock(), "form": form, "over": bool(case.closed_at or case.done_at)}
    if request.method != "POST":
        return render(request, "servicerequests/follow/follow.html", context)
    if not form.is_valid():
        return render(request, "servicerequests/follow/follow.html", context, status=422)
    if wait := knock("follow-address", digest(form.cleaned_data["email"]), AN_ADDRESS):
        return too_many(request, wait)
    try:
        follower = following.follow(case, form.cleaned_data["email"], form.cleaned_data["language"], user)
    except ValidationError as problem:
        form.add_error(None, problem)
        return render(request, "servicerequests/follow/follow.html", context, status=422)
    sure = user.is_authenticated and follower.user_id == user.pk
    return render(request, "servicerequests/follow/asked.html", {"case": case, "sure": sure})


@door("public:cases:track")
@limit("following", 60)
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, seal: str) -> HttpResponse:
    """``/following/<seal>/``, the link of the letters: GET shows, POST confirms. A mail scanner that opens it confirms
    nothing."""
    follower = following.of_seal(seal)
    if follower is None:
        return kept_private(render(request, "servicerequests/follow/gone.html", status=404))
    if request.method == "POST":
        following.confirm(follower)
        return kept_private(redirect("following", seal))
    context = {"follower": follower, "case": follower.case, "clock": follower.case.clock(), "seal": seal}
    context["push_key"] = "" if follower.confirmed_at is None or follower.case.closed_at else key_for_browsers()
    return kept_private(render(request, "servicerequests/follow/mine.html", context))


@csrf_exempt
@door("public:cases:track")
@limit("following", 60)
@require_POST
def stop(request: HttpRequest, seal: str) -> HttpResponse:
    """``POST /following/<seal>/stop/``: no more letters. Mail programs send it by themselves (RFC 8058), without a
    cookie, so the seal alone is what is asked for."""
    if follower := following.of_seal(seal):
        following.stop(follower)
    return kept_private(render(request, "servicerequests/follow/stopped.html"))


@door("public:cases:track")
@limit("track-push", 60)
@require_http_methods(["POST", "DELETE"])
def push(request: HttpRequest, seal: str) -> HttpResponse:
    """``/following/<seal>/push/``: have this browser pushed to when there is a result, and stop it (`track.push`)."""
    follower = following.of_seal(seal)
    if follower is None or follower.confirmed_at is None:
        return JsonResponse({"error": "follower"}, status=404)
    return answer(request, following.FOLLOWING, follower.pk)
