"""Giving a second proof: a code of the authenticator app, a recovery code or a passkey.

The same pages serve who is signed in and needs a higher level (``identity.levels``), and who gave the right password
and wants to be asked for a second proof always.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from foundation.ratelimit import client_ip, limit
from foundation.telephone import masked_number
from identity import levels
from identity.actions import (
    Locked,
    by_text,
    has_second_factor,
    second_was,
    send_second,
    try_factor,
    use_recovery_code,
    use_totp,
)
from identity.doors import door
from identity.models import RecoveryCode, SignInAttempt, User
from identity.pages.entering import device_of, locked_words, onward, proven, prover
from identity.pages.factor_forms import RecoveryCodeForm, TotpForm
from identity.rules import RECOVERY_FEW

Method = SignInAttempt.Method
TEXT: Final = "identity.text"  # in the session: under which key the code was sent


@door("public:session:start")
@never_cache
def second(request: HttpRequest) -> HttpResponse:
    """The password was right: by which second proof to go on."""
    user = prover(request)
    if user is None or request.user.is_authenticated:
        return redirect("sign-in")
    # The weakest way is for who has no better one.
    is_by_text = by_text(user) and not has_second_factor(user)
    context = {"ways": levels.ways_to(2, user), "person": user, "is_by_text": is_by_text}
    return render(request, "identity/factors/second.html", context)


@door("public:session:start")
@sensitive_post_parameters("code")
@never_cache
@limit("sign-in", 60, methods={"POST"})
def text(request: HttpRequest) -> HttpResponse:
    """A code by text message, after the right password: sent by a button, good in this browser alone."""
    user = prover(request)
    if user is None or request.user.is_authenticated or not by_text(user) or has_second_factor(user):
        return redirect("sign-in")
    if request.method == "POST" and "send" in request.POST:
        if key := send_second(user, client_ip(request)):
            request.session[TEXT] = key
            messages.success(request, _("已經寄出驗證碼，10 分鐘內有效。"))
        else:
            messages.error(request, _("這個號碼最近寄過太多驗證碼，請晚一點再試，或改用別的方式。"))
        return redirect("sign-in-text")
    key = request.session.get(TEXT, "")
    form = TotpForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            judge = partial(second_was, user, key, code)
            if try_factor(user, Method.TEXT, judge, client_ip(request), device_of(request)):
                request.session.pop(TEXT, None)
                return proven(request, user, Method.TEXT.value, level=1)
        except Locked as locked:
            form.add_error(None, locked_words(locked.minutes))
        else:
            form.add_error("code", _("驗證碼不正確、已經用過或過期了。可以再寄一個。"))
    context = {"form": form, "is_sent": bool(key), "phone": masked_number(user.phone)}
    return render(request, "identity/factors/text.html", context, status=422 if form.errors else 200)


@door("public:session:start")
@sensitive_post_parameters("code")
@never_cache
@limit("sign-in", 60, methods={"POST"})
def totp(request: HttpRequest) -> HttpResponse:
    """A code of the authenticator app."""
    title, wrong = gettext_lazy("輸入驗證碼"), gettext_lazy("驗證碼不正確或已經用過，請輸入 App 現在顯示的號碼。")
    return _by_code(request, Method.TOTP, TotpForm, use_totp, title, wrong)


@door("public:session:start")
@sensitive_post_parameters("code")
@never_cache
@limit("sign-in", 60, methods={"POST"})
def recovery(request: HttpRequest) -> HttpResponse:
    """A recovery code; how many are left is said when they run low."""
    title, wrong = gettext_lazy("輸入備用碼"), gettext_lazy("備用碼不正確或已經用過，請換一個。")
    user = prover(request)
    response = _by_code(request, Method.RECOVERY, RecoveryCodeForm, use_recovery_code, title, wrong)
    if user and response.status_code == 302 and request.method == "POST":
        left = RecoveryCode.objects.left(user)
        if left <= RECOVERY_FEW:
            messages.warning(request, _("備用碼還剩 %(n)d 個，請到「登入與安全」產生新的。") % {"n": left})
    return response


def _by_code(
    request: HttpRequest,
    method: SignInAttempt.Method,
    form_class: type[forms.Form],
    use: Callable[[User, str], bool],
    title: str | Promise,
    wrong: str | Promise,
) -> HttpResponse:
    user = prover(request)
    if user is None:
        return redirect("sign-in")
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            if try_factor(user, method, lambda: use(user, code), client_ip(request), device_of(request)):
                return proven(request, user, method.value)
        except Locked as locked:
            form.add_error(None, locked_words(locked.minutes))
        else:
            form.add_error("code", str(wrong))
    context: dict[str, Any] = {"form": form, "next": onward(request), "title": title, "method": method.value}
    context["others"] = [way for way in levels.ways_to(2, user) if way.code != method.value]
    return render(request, "identity/factors/code.html", context, status=422 if form.errors else 200)
