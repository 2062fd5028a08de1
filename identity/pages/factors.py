"""How I sign in: my passkeys, authenticator app and recovery codes, and whether a second proof is always asked for."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import pyotp
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from foundation.encryption import decrypt, encrypt
from foundation.qr import qr_code
from foundation.ratelimit import client_user, limit
from identity import levels
from identity.actions import (
    add_totp,
    by_text,
    has_second_factor,
    new_recovery_codes,
    new_totp_secret,
    remove_totp,
    set_always_second,
)
from identity.doors import SignedInRequest, door
from identity.models import Passkey, RecoveryCode, Totp
from identity.pages.entering import not_fresh
from identity.pages.factor_forms import TotpForm
from identity.rules import RECOVERY_FEW

NEW_SECRET: Final = "identity.totp"  # in the session, sealed: the secret that the person is just scanning


@door("own:account:manage")
def security(request: SignedInRequest) -> HttpResponse:
    """All the ways by which I prove who I am."""
    passkeys = list(Passkey.objects.of(request.user))
    totp = Totp.objects.of(request.user).first()
    left = RecoveryCode.objects.left(request.user)
    context = {
        "passkeys": passkeys,
        "totp": totp,
        "codes_left": left,
        "codes_few": left <= RECOVERY_FEW,
        "has_second": bool(passkeys or totp),
        "is_by_text": by_text(request.user),
        "has_password": request.user.has_usable_password(),
    }
    return render(request, "identity/factors/security.html", context)


@door("own:account:manage")
@require_POST
def always_second(request: SignedInRequest) -> HttpResponse:
    """Whether to be asked for a second proof at every sign-in by password."""
    if again := not_fresh(request, request.user, resolve_url("account-security")):
        return again
    always = request.POST.get("always") == "1"
    if always and not (has_second_factor(request.user) or by_text(request.user)):
        messages.error(request, _("請先設定驗證碼 App 或通行密鑰。"))
    else:
        set_always_second(request.user, always)
        messages.success(
            request,
            _("以後用密碼登入時，都會再問第二道驗證。") if always else _("以後用密碼登入時，不再另外問第二道驗證。"),
        )
    return redirect("account-security")


@door("own:account:manage")
@sensitive_post_parameters("code")
@limit("totp-new", 20, key=client_user, methods={"POST"})
def totp(request: SignedInRequest) -> HttpResponse:
    """Set up an authenticator app: scan or type the secret, then show by a code that it worked."""
    if again := not_fresh(request, request.user):
        return again
    if Totp.objects.of(request.user).exists():
        return render(request, "identity/factors/totp_is_set.html")
    sealed = request.session.get(NEW_SECRET)
    secret = decrypt(sealed) if sealed else new_totp_secret()
    if not sealed:
        request.session[NEW_SECRET] = encrypt(secret)
    form = TotpForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if add_totp(request.user, secret, form.cleaned_data["code"]):
            del request.session[NEW_SECRET]
            request.session.cycle_key()
            levels.reached(request, 2, "totp")
            messages.success(request, _("驗證碼 App 設定好了。"))
            return redirect("account-security" if RecoveryCode.objects.left(request.user) else "recovery-codes")
        form.add_error("code", _("驗證碼不正確。請確認手機的時間是自動設定的，再輸入 App 現在顯示的號碼。"))
    address = pyotp.TOTP(secret).provisioning_uri(
        name=request.user.username, issuer_name=urlsplit(settings.PUBLIC_URL).hostname
    )
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {"form": form, "picture": qr_code(address), "secret": groups, "address": address}
    return render(request, "identity/factors/totp.html", context, status=422 if form.errors else 200)


@door("own:account:manage")
@require_POST
def totp_removal(request: SignedInRequest) -> HttpResponse:
    """Remove my authenticator app."""
    if again := not_fresh(request, request.user, resolve_url("totp")):
        return again
    if remove_totp(request.user):
        messages.success(request, _("已經移除驗證碼 App。"))
    return redirect("account-security")


@door("own:account:manage")
@limit("recovery-codes", 10, key=client_user, methods={"POST"})
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    """Make ten new recovery codes and show them this once; the old ones end."""
    if again := not_fresh(request, request.user):
        return again
    codes = new_recovery_codes(request.user) if request.method == "POST" else []
    left = RecoveryCode.objects.left(request.user)
    return render(request, "identity/factors/recovery_codes.html", {"codes": codes, "left": left})
