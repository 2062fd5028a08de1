"""Opening an account of one's own, and the page behind the link in the letter."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from foundation.ratelimit import client_user, limit
from identity.actions import AddressTaken, ask_to_confirm, asked_by, can_text, confirm, register
from identity.doors import SignedInRequest, door
from identity.models import Language
from identity.pages.forms import RegistrationForm


@door("public:session:start")
@sensitive_post_parameters()
@never_cache
@limit("register", 10, methods={"POST"})
def registration(request: HttpRequest) -> HttpResponse:
    """Name, address and password; then a letter. What follows is the same whether the address is known or not."""
    form = RegistrationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        language = get_language() or ""
        register(
            email=form.cleaned_data["email"],
            name=form.cleaned_data["name"],
            password=form.cleaned_data["new_password"],
            language=language if language in Language.values else Language.TRADITIONAL_CHINESE,
        )
        return render(request, "identity/registration/letter_sent.html", {"email": form.cleaned_data["email"]})
    context = {"form": form, "can_text": can_text()}
    return render(request, "identity/registration/register.html", context, status=422 if form.errors else 200)


@door("public:session:start")
@never_cache
@limit("confirm-address", 30)
def confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link. Reading it changes nothing: programs that look through mail open links too."""
    proof = asked_by(token)
    if proof is None:
        return render(request, "identity/registration/spent.html", status=410)
    if request.method == "POST":
        try:
            user = confirm(proof)
        except AddressTaken:
            return render(request, "identity/registration/spent.html", {"taken": True}, status=409)
        if user is None:
            return render(request, "identity/registration/spent.html", status=410)
        if proof.user is None:
            messages.success(request, _("帳號已經開好，請用電子郵件與密碼登入。"))
        else:
            messages.success(request, _("電子郵件已經確認，以後也可以用它登入。"))
        return redirect("account" if request.user.is_authenticated else "sign-in")
    return render(request, "identity/registration/confirm.html", {"proof": proof})


@door("own:account:manage")
@require_POST
@limit("confirm-address", 10, key=client_user)
def confirmation_letter(request: SignedInRequest) -> HttpResponse:
    """Send the letter for the address of my account once more."""
    if ask_to_confirm(request.user):
        messages.success(
            request, _("確認信已經寄到 %(email)s，請在 24 小時內打開信裡的連結。") % {"email": request.user.email}
        )
    else:
        messages.error(request, _("剛才已經寄過幾次，請等一下再試，也請看看垃圾郵件。"))
    return redirect("account")
