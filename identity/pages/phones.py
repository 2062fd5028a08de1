"""Opening an account with a mobile number, and the number of one's own account."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from foundation.ratelimit import client_ip, client_user, limit
from identity.actions import (
    AddressTaken,
    ask_for_phone,
    can_text,
    drop_phone,
    open_by_code,
    register_by_phone,
    take_phone,
)
from identity.doors import SignedInRequest, door
from identity.models import Language
from identity.pages.entering import not_fresh
from identity.pages.phone_forms import CodeForm, PhoneForm, PhoneRegistrationForm

PROOF: Final = "identity.phone"  # in the session: under which key the code of a text message is asked for


@door("public:session:start")
@sensitive_post_parameters()
@never_cache
@limit("register", 10, methods={"POST"})
def registration(request: HttpRequest) -> HttpResponse:
    """Name, number and password; then a code. What follows is the same whether the number is known or not."""
    if not can_text():
        raise Http404
    form = PhoneRegistrationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        language = get_language() or ""
        request.session[PROOF] = register_by_phone(
            phone=form.cleaned_data["phone"],
            name=form.cleaned_data["name"],
            password=form.cleaned_data["new_password"],
            language=language if language in Language.values else Language.TRADITIONAL_CHINESE,
            client=client_ip(request),
        )
        return redirect("register-phone-code")
    return render(request, "identity/phones/register.html", {"form": form}, status=422 if form.errors else 200)


@door("public:session:start")
@never_cache
@limit("phone-code", 20, methods={"POST"})
def registration_code(request: HttpRequest) -> HttpResponse:
    """The code of the text message opens the account."""
    if not can_text():
        raise Http404
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            user = open_by_code(request.session.get(PROOF, ""), form.cleaned_data["code"])
        except AddressTaken:
            form.add_error("code", _("這個手機號碼已經是另一個帳號的，請直接登入。"))
        else:
            if user is not None:
                del request.session[PROOF]
                messages.success(request, _("帳號已經開好，請用手機號碼與密碼登入。"))
                return redirect("sign-in")
            form.add_error("code", _("驗證碼不正確或已經過期。輸入五次都不對時，請重新要一個。"))
    context = {"form": form, "again": resolve_url("register-phone"), "registers": True}
    return render(request, "identity/phones/code.html", context, status=422 if form.errors else 200)


@door("own:account:manage")
@limit("account-phone", 10, key=client_user, methods={"POST"})
def phone(request: SignedInRequest) -> HttpResponse:
    """My mobile number: another one, or none."""
    if again := not_fresh(request, request.user, resolve_url("account-phone")):
        return again
    form = PhoneForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if not can_text():
            form.add_error("phone", _("這個市政廳沒有簡訊，現在不能登記手機號碼。"))
        elif key := ask_for_phone(request.user, form.cleaned_data["phone"], client_ip(request)):
            request.session[PROOF] = key
            return redirect("account-phone-code")
        else:
            form.add_error("phone", _("剛才已經傳過幾次簡訊，請等一下再試。"))
    context = {"form": form, "can_text": can_text()}
    return render(request, "identity/phones/mine.html", context, status=422 if form.errors else 200)


@door("own:account:manage")
@limit("phone-code", 20, key=client_user, methods={"POST"})
def phone_code(request: SignedInRequest) -> HttpResponse:
    """The code of the text message makes the number mine."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            taken = take_phone(request.user, request.session.get(PROOF, ""), form.cleaned_data["code"])
        except AddressTaken:
            form.add_error("code", _("這個手機號碼已經是另一個帳號的。"))
        else:
            if taken:
                del request.session[PROOF]
                messages.success(request, _("手機號碼已經確認，以後也可以用它登入。"))
                return redirect("account")
            form.add_error("code", _("驗證碼不正確或已經過期。輸入五次都不對時，請重新要一個。"))
    context = {"form": form, "again": resolve_url("account-phone")}
    return render(request, "identity/phones/code.html", context, status=422 if form.errors else 200)


@door("own:account:manage")
@require_POST
def phone_removal(request: SignedInRequest) -> HttpResponse:
    """Forget my mobile number."""
    if again := not_fresh(request, request.user, resolve_url("account-phone")):
        return again
    if request.user.email_verified:
        drop_phone(request.user)
        messages.success(request, _("已經移除手機號碼。"))
    else:
        messages.error(request, _("請先確認電子郵件，才能移除手機號碼；不然忘記密碼時找不到您。"))
    return redirect("account")
