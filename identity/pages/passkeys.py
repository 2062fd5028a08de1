"""Passkeys: signing in and proving by one, and keeping one's own.

Questions to the browser are fetched by script (static/identity/passkey.js) when they are needed, so that each is young;
the answer comes back in an ordinary form. Each question is kept in the session, for one answer within five minutes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from foundation import clock
from foundation.ratelimit import client_ip, client_user, limit
from identity import levels
from identity.actions import (
    Locked,
    PasskeyRefused,
    add_passkey,
    remove_passkey,
    rename_passkey,
    try_factor,
    try_passkey,
    use_passkey,
)
from identity.actions.passkeys import ask, offer
from identity.doors import SignedInRequest, door
from identity.models import Passkey, SignInAttempt, User
from identity.pages.entering import device_of, enter, locked_words, not_fresh, onward, proven, prover
from identity.pages.factor_forms import AnswerForm, PasskeyForm, PasskeyNameForm

QUESTION_AGE: Final = timedelta(minutes=5)


@door("public:session:start")
@require_POST
@never_cache
@limit("passkey-question", 60)
def question(request: HttpRequest) -> HttpResponse:
    """The question to a browser that signs somebody in: any passkey of ours will do."""
    options, state = ask()
    _keep(request, "sign-in", state)
    return JsonResponse(options)


@door("public:session:start")
@require_POST
@never_cache
@limit("sign-in", 60)
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey and no name typed; level 2, as the device has verified the person."""
    state = _kept(request, "sign-in")
    user = try_passkey(state, AnswerForm(request.POST).answered(), client_ip(request))
    if user is None:
        messages.error(request, _("這個通行密鑰無法登入，可能已經移除，或等得太久。請再試一次，或改用密碼。"))
        return redirect("sign-in")
    return enter(request, user, [(2, "passkey")], onward(request))


@door("public:session:start")
@require_POST
@never_cache
@limit("passkey-question", 60)
def question_again(request: HttpRequest) -> HttpResponse:
    """The question to who gives a second proof: one of the person's own passkeys."""
    user = prover(request)
    if user is None:
        return JsonResponse({}, status=409)
    options, state = ask(user)
    _keep(request, "again", state)
    return JsonResponse(options)


@door("public:session:start")
@never_cache
@limit("sign-in", 60, methods={"POST"})
def prove(request: HttpRequest) -> HttpResponse:
    """Prove by a passkey: as second proof at signing in, or to reach level 2."""
    user = prover(request)
    if user is None:
        return redirect("sign-in")
    error = ""
    if request.method == "POST":
        state, answer = _kept(request, "again"), AnswerForm(request.POST).answered()

        def right() -> bool:
            try:
                return use_passkey(state, answer, user) == user
            except PasskeyRefused:
                return False

        try:
            if try_factor(user, SignInAttempt.Method.PASSKEY, right, client_ip(request), device_of(request)):
                return proven(request, user, "passkey")
            error = _("這個通行密鑰無法使用，可能已經移除，或等得太久。請再試一次。")
        except Locked as locked:
            error = locked_words(locked.minutes)
    others = [way for way in levels.ways_to(2, user) if way.code != "passkey"]
    context = {"error": error, "next": onward(request), "others": others}
    return render(request, "identity/factors/passkey_prove.html", context, status=422 if error else 200)


@door("own:account:manage")
@require_POST
@limit("passkey-question", 60, key=client_user)
def offer_new(request: SignedInRequest) -> HttpResponse:
    """What the browser needs to make a passkey."""
    if not_fresh(request, request.user):
        return JsonResponse({}, status=409)
    options, state = offer(request.user)
    _keep(request, "new", state)
    return JsonResponse(options)


@door("own:account:manage")
@limit("passkey-new", 20, key=client_user, methods={"POST"})
def passkey_new(request: SignedInRequest) -> HttpResponse:
    """Make a passkey in this browser, its device or a key that is plugged in."""
    if again := not_fresh(request, request.user):
        return again
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            add_passkey(request.user, form.cleaned_data["name"], _kept(request, "new"), form.cleaned_data["answer"])
        except PasskeyRefused:
            form.add_error(None, _("這個通行密鑰沒有加進來，可能等得太久，或已經在您的帳號裡。請再試一次。"))
        else:
            levels.reached(request, 2, "passkey")  # made with the person verified, this very moment
            messages.success(request, _("已經新增通行密鑰，下次可以用它登入。"))
            return redirect("account-security")
    return render(request, "identity/factors/passkey_new.html", {"form": form}, status=422 if form.errors else 200)


@door("own:account:manage")
def passkey(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of my passkeys: its name, and the way to remove it."""
    if again := not_fresh(request, request.user):
        return again
    mine = _mine(request.user, pk)
    form = PasskeyNameForm(request.POST if request.method == "POST" else None, initial={"name": mine.name})
    if form.is_bound and form.is_valid():
        rename_passkey(mine, form.cleaned_data["name"])
        messages.success(request, _("名稱已經更新。"))
        return redirect("account-security")
    context = {"passkey": mine, "form": form, "is_last_entry": _is_last_entry(mine)}
    return render(request, "identity/factors/passkey.html", context, status=422 if form.errors else 200)


@door("own:account:manage")
@require_POST
def passkey_removal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a passkey, unless nothing else would open the account."""
    mine = _mine(request.user, pk)
    if again := not_fresh(request, request.user, mine.get_absolute_url()):
        return again
    if _is_last_entry(mine):
        messages.error(request, _("這是您唯一的登入方式，請先設定密碼或新增另一個通行密鑰。"))
        return redirect(mine)
    remove_passkey(mine)
    messages.success(request, _("已經移除通行密鑰「%(name)s」。") % {"name": mine.name})
    return redirect("account-security")


def _mine(user: User, pk: int) -> Passkey:
    return get_object_or_404(Passkey.objects.of(user), pk=pk)


def _is_last_entry(passkey: Passkey) -> bool:
    """Whether nothing but this passkey opens the account. (The counter can still issue a link.)"""
    return not passkey.user.has_usable_password() and Passkey.objects.of(passkey.user).count() == 1


def _keep(request: HttpRequest, purpose: str, state: dict[str, Any]) -> None:
    request.session[f"identity.passkey.{purpose}"] = {**state, "at": clock.now().timestamp()}


def _kept(request: HttpRequest, purpose: str) -> dict[str, Any]:
    """The question that was asked, once; empty for none, one answered already and one too old."""
    state = request.session.pop(f"identity.passkey.{purpose}", {})
    too_old = clock.now().timestamp() - state.get("at", 0) > QUESTION_AGE.total_seconds()
    return {} if too_old else state
