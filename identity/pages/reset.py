"""The pages of a forgotten password. None of them signs anybody in."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from foundation.ratelimit import client_ip, limit
from identity.actions import ask_to_reset, can_text, reset_by, reset_password, reset_password_by_code
from identity.doors import door
from identity.pages.forms import NewPasswordForm
from identity.pages.phone_forms import ForgottenForm, ResetByCodeForm
from identity.pages.phones import PROOF


@door("public:session:start")
@never_cache
@limit("password-forgotten", 10, methods={"POST"})
def forgotten(request: HttpRequest) -> HttpResponse:
    """An address or a number; then a letter or a code. What follows is the same whether it is known or not."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        address, key = form.cleaned_data["address"], str(uuid4())
        by_phone = address.startswith("+")
        if by_phone and not can_text():
            form.add_error("address", _("這個市政廳沒有簡訊，請用電子郵件，或到櫃台辦理。"))
        else:
            ask_to_reset(address, key, client_ip(request))
            if not by_phone:
                return render(request, "identity/reset/letter_sent.html", {"email": address})
            request.session[PROOF] = key
            return redirect("password-reset-code")
    context = {"form": form, "can_text": can_text()}
    return render(request, "identity/reset/forgotten.html", context, status=422 if form.errors else 200)


@door("public:session:start")
@sensitive_post_parameters()
@never_cache
@limit("password-reset", 20)
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password by the link of the letter."""
    proof = reset_by(token)
    if proof is None or proof.user is None:
        return render(request, "identity/reset/spent.html", status=410)
    form = NewPasswordForm(proof.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if not reset_password(proof, form.cleaned_data["new_password"]):
            return render(request, "identity/reset/spent.html", status=410)
        return _done(request)
    context = {"form": form, "person": proof.user}
    return render(request, "identity/set_password.html", context, status=422 if form.errors else 200)


@door("public:session:start")
@sensitive_post_parameters()
@never_cache
@limit("password-reset", 20, methods={"POST"})
def reset_by_code(request: HttpRequest) -> HttpResponse:
    """Set a new password by the code of the text message, in the browser that asked for it."""
    if not can_text():
        raise Http404
    form = ResetByCodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        if reset_password_by_code(request.session.get(PROOF, ""), said["code"], said["new_password"]):
            del request.session[PROOF]
            return _done(request)
        form.add_error("code", _("驗證碼不正確或已經過期。輸入五次都不對時，請重新要一個。"))
    return render(request, "identity/reset/code.html", {"form": form}, status=422 if form.errors else 200)


def _done(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("密碼已經重設，所有登入都已結束。請用新密碼登入。"))
    return redirect("sign-in")
