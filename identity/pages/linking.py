"""My other account: that of my office, or the one that I have as a citizen."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from foundation.forms import CityForm
from foundation.ratelimit import client_user, limit
from identity.actions import ended, serves, sid_of
from identity.actions.linking import GOOD_FOR, LinkRefused, link_accounts, offer_link, other_account, unlink
from identity.doors import SignedInRequest, door


class LinkCodeForm(CityForm):
    """The code that the other account had shown."""

    code = forms.CharField(
        label=gettext_lazy("另一個帳號顯示的連結碼"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "chars-20"}
        ),
        error_messages={"required": gettext_lazy("請輸入連結碼。"), "max_length": gettext_lazy("連結碼不正確。")},
    )


@door("own:account:manage")
@never_cache
@limit("link-code", 10, key=client_user, methods={"POST"})
def account_other(request: SignedInRequest) -> HttpResponse:
    """Which other account is mine; where there is none, the form that links one."""
    form = LinkCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            link_accounts(request.user, form.cleaned_data["code"])
        except LinkRefused as refused:
            form.add_error("code", _why(refused.reason))
        else:
            messages.success(request, _("兩個帳號已經連結。"))
            return redirect("account-other")
    return _page(request, form)


@door("own:account:manage")
@require_POST
@never_cache
@limit("link-code", 10, key=client_user)
def account_other_code(request: SignedInRequest) -> HttpResponse:
    """Show a code for the other account. It stands on this page and nowhere else."""
    if other_account(request.user) is not None:
        return redirect("account-other")
    return _page(request, LinkCodeForm(), code=offer_link(request.user), minutes=GOOD_FOR.seconds // 60)


@door("own:account:manage")
@require_POST
def account_other_entrance(request: SignedInRequest) -> HttpResponse:
    """Leave this account for the other: this session ends, and the other begins by signing in."""
    sid = sid_of(request)
    logout(request)
    ended(sid)
    return redirect("sign-in")


@door("own:account:manage")
@require_POST
def account_other_end(request: SignedInRequest) -> HttpResponse:
    """End the link. Both accounts stay as they are."""
    if unlink(request.user):
        messages.success(request, _("連結已經解除，兩個帳號都照常使用。"))
    return redirect("account-other")


def _page(request: SignedInRequest, form: LinkCodeForm, **extra: object) -> HttpResponse:
    context = {"form": form, "other": other_account(request.user), "serves": serves(request.user), **extra}
    return render(request, "identity/other.html", context, status=422 if form.errors else 200)


def _why(reason: str) -> str:
    return {
        "kind": _("要連結的是一個公務帳號和一個市民帳號；這兩個帳號是同一種。"),
        "linked": _("其中一個帳號已經連結了別的帳號，請先解除。"),
    }.get(reason, _("連結碼不正確，或已經過期。請在另一個帳號重新產生。"))
