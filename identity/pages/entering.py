"""How a session begins, and what a second proof does: for the pages by which people come in.

Between a right password and the second proof that the person wants always, nobody is signed in: the session holds, for
ten minutes and under a name of its own, who has half entered.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.utils.translation import ngettext

from foundation import clock
from foundation.ratelimit import client_ip
from identity import levels
from identity.actions import by_text, ended, has_second_factor, note_device, sid_of
from identity.actions.devices import COOKIE_AGE, cookie_name
from identity.doors import safe_address
from identity.models import User

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
HALF: Final = "identity.half"  # in the session of nobody: who gave the right password, and until when that counts
HALF_AGE: Final = timedelta(minutes=10)
FRESH: Final = timedelta(minutes=10)  # how long after a proof grave things may be done


def onward(request: HttpRequest) -> str:
    """Where the person was going."""
    return safe_address(request, request.POST.get("next") or request.GET.get("next"))


def enter(request: HttpRequest, user: User, proofs: Iterable[tuple[int, str]], next_: str = "") -> HttpResponse:
    """Start a session under a new key and go on to where the person was going, else to their work.

    ``proofs`` are level and method of each. Where work is, the apps above know: ``settings.LANDING`` names who
    answers, as ``settings.GRANTS`` does.
    """
    if request.user.is_authenticated and request.user != user:
        _leave(request)
    request.session.pop(HALF, None)
    login(request, user, backend=BACKEND)
    sid_of(request)
    for level, method in proofs:
        levels.reached(request, level, method)
    response = HttpResponseRedirect(next_ or import_string(settings.LANDING)(user) or reverse("account"))
    # A stranger who plays many roles keeps the language that they read, and every browser of theirs is new.
    if user.is_demo:
        return response
    _know_again(request, response, user)
    return speak(response, user)


def enter_by_password(request: HttpRequest, user: User, next_: str = "") -> HttpResponse:
    """Start a session for who gave the right password; first ask for the second proof where the person wants that."""
    if not (user.always_second and (has_second_factor(user) or by_text(user))):
        return enter(request, user, [(levels.PASSWORD, "password")], next_)
    if request.user.is_authenticated:
        _leave(request)
    until = clock.now() + HALF_AGE
    request.session[HALF] = {
        "user": user.pk,
        "until": until.timestamp(),
        "hash": user.get_session_auth_hash(),
        "next": next_,
    }
    return redirect("sign-in-second")


def prover(request: HttpRequest) -> User | None:
    """Who is to give a second proof: who has half entered, else who is signed in; None for nobody."""
    half = _half(request)
    if half is None:
        return request.user if isinstance(request.user, User) else None
    user = User.objects.half_entered(half["user"])
    # A password changed in the meantime ends what the old one began.
    return user if user and constant_time_compare(user.get_session_auth_hash(), half["hash"]) else None


def proven(request: HttpRequest, user: User, method: str, level: int = 2) -> HttpResponse:
    """The second proof is given: begin the session that waited for it, or raise the one there is to its level.

    A code by text message is worth level 1: it keeps out who has the password alone, and opens no more than that did.
    """
    if half := _half(request):
        return enter(request, user, [(levels.PASSWORD, "password"), (level, method)], half["next"])
    # What was known of the session before must not open more than it did.
    request.session.cycle_key()
    levels.reached(request, level, method)
    return HttpResponseRedirect(onward(request) or resolve_url("account-security"))


def not_fresh(request: HttpRequest, user: User, next_: str = "") -> HttpResponse | None:
    """Before a grave act: the way to the page that asks once more who sits there; None for who just proved it.

    Who has a second factor proves it by that, else a stolen password alone could take the factor away.
    """
    level = 2 if has_second_factor(user) else 1
    since = clock.now().timestamp() - levels.authenticated_at(request)
    if since <= FRESH.total_seconds() and levels.level(request) >= level:
        return None
    query = urlencode({"level": level, "next": next_ or request.get_full_path()})
    return HttpResponseRedirect(f"{resolve_url('sign-in-again')}?{query}")


def speak(response: HttpResponse, user: User) -> HttpResponse:
    """Make the browser remember the language that the person chose."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        user.language,
        max_age=settings.LANGUAGE_COOKIE_AGE or 365 * 86400,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def locked_words(n: int) -> str:
    """That the account is locked, and for how many minutes."""
    words = ngettext(
        "登入失敗的次數太多，為了保護帳號，請在 %(n)d 分鐘後再試。",
        "登入失敗的次數太多，為了保護帳號，請在 %(n)d 分鐘後再試。",
        n,
    )
    return words % {"n": n}


def _half(request: HttpRequest) -> dict[str, Any] | None:
    half = request.session.get(HALF)
    return half if half and half["until"] > clock.now().timestamp() else None


def _leave(request: HttpRequest) -> None:
    """End the session of whoever sat here before, with word to the systems that built on it."""
    sid = sid_of(request)
    logout(request)
    ended(sid)


def device_of(request: HttpRequest) -> str:
    """The cookie by which the browser is known again; "" for none of ours."""
    cookie = request.COOKIES.get(cookie_name(), "")
    return cookie if len(cookie) == 43 else ""


def _know_again(request: HttpRequest, response: HttpResponse, user: User) -> None:
    cookie = device_of(request) or secrets.token_urlsafe(32)
    note_device(user, cookie, request.headers.get("User-Agent", ""), client_ip(request))
    response.set_cookie(
        cookie_name(),
        cookie,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
