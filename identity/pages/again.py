"""Proving once more who I am: because it was long ago, or because more surety is asked for."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from foundation.ratelimit import client_ip, limit
from identity import levels
from identity.actions import Locked, try_sign_in
from identity.doors import SignedInRequest, door
from identity.pages.entering import device_of, locked_words, onward
from identity.pages.forms import PasswordForm


@door("own:account:manage")
@sensitive_post_parameters("password")
@never_cache
@limit("sign-in", 60, methods={"POST"})
def again(request: SignedInRequest) -> HttpResponse:
    """Confirm with the password, or reach the level that ``level`` asks for by one of the ways that lead there."""
    next_ = onward(request)
    asked = request.GET.get("level", request.POST.get("level", ""))
    wanted = int(asked) if asked in ("1", "2", "3") else 1
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_bound and wanted == 1 and form.is_valid():
        try:
            user = try_sign_in(
                request.user.username, form.cleaned_data["password"], client_ip(request), device_of(request)
            )
        except Locked as locked:
            form.add_error(None, locked_words(locked.minutes))
        else:
            if user is not None:
                request.session.cycle_key()  # what was known of the session before is worth no more (ASVS 7.2.4)
                levels.reached(request, levels.PASSWORD, "password")
                return HttpResponseRedirect(next_) if next_ else redirect("account")
            form.add_error("password", _("密碼不正確，請再試一次。"))
    context = {"form": form, "next": next_, "level": wanted, "ways": levels.ways_to(max(wanted, 2), request.user)}
    return render(request, "identity/again.html", context, status=422 if form.errors else 200)
