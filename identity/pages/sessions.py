"""Where I am signed in, and how I tried to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from identity.actions import end_other_sessions, end_session, sid_of
from identity.doors import SignedInRequest, door
from identity.models import Session, SignInAttempt

SHOWN = 20


@door("own:account:manage")
def sessions(request: SignedInRequest) -> HttpResponse:
    """My sessions, this one marked, and my last attempts to sign in. Two statements."""
    context = {
        "here": sid_of(request),
        "sessions": Session.objects.of(request.user),
        "attempts": SignInAttempt.objects.of(request.user)[:SHOWN],
    }
    return render(request, "identity/sessions.html", context)


@door("own:account:manage")
@require_POST
def session_end(request: SignedInRequest, sid: str) -> HttpResponse:
    """End one of my sessions, on whatever device it is."""
    if end_session(request.user, sid):
        messages.success(request, _("已經結束那個登入。"))
    return redirect("account-sessions")


@door("own:account:manage")
@require_POST
def sessions_end(request: SignedInRequest) -> HttpResponse:
    """End all my sessions but this one."""
    n = end_other_sessions(request.user, but=sid_of(request))
    words = ngettext("已經結束另外 %(n)d 個登入。", "已經結束另外 %(n)d 個登入。", n)
    messages.success(request, words % {"n": n})
    return redirect("account-sessions")
