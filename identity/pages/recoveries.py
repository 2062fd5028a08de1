"""Recovering accounts at a counter: what officers begin and confirm, and the page behind the link that comes of it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from foundation import clock
from foundation.qr import qr_code
from foundation.ratelimit import client_ip, client_user, limit
from identity.actions import (
    RecoveryRefused,
    Why,
    begin_recovery,
    cannot_confirm,
    confirm_recovery,
    disclose,
    recovery_by,
    stop_recovery,
    use_recovery,
)
from identity.doors import SignedInRequest, door
from identity.models import Recovery
from identity.pages.entering import not_fresh
from identity.pages.forms import NewPasswordForm
from identity.pages.recovery_forms import RecoveryForm

A_PAGE = 50
PURPOSE = gettext_lazy("櫃台帳號復原")
WHY: dict[Why, str | Promise] = {
    Why.CLOSED: gettext_lazy("這個帳號已經停用，請洽系統管理員。"),
    Why.OWN: gettext_lazy("不能復原自己的帳號，請由另外兩位人員處理。"),
    Why.SAME: gettext_lazy("查驗與覆核要由不同的人做，請找另一位人員覆核。"),
    Why.MADE: gettext_lazy("兩位之中有一位的帳號是另一位最近 30 天內開的，請由別的人員覆核。"),
    Why.STAFF: gettext_lazy("這是有職務的帳號，要由系統管理員覆核。"),
    Why.OVER: gettext_lazy("這次復原已經結束或已經有人覆核。"),
}


@door("city:users:recover")
def recoveries(request: SignedInRequest) -> HttpResponse:
    """What waits for a second officer, and what was done before. A fixed number of statements."""
    found = Recovery.objects.visible_to(request.user).select_related("user", "begun_by", "confirmed_by")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    waiting = found.waiting().order_by("begun_at")[:A_PAGE]
    return render(request, "identity/recoveries/list.html", {"page": page, "waiting": waiting})


@door("city:users:recover")
@limit("recovery-new", 20, key=client_user, methods={"POST"})
def recovery_new(request: SignedInRequest) -> HttpResponse:
    """Say whose account it is and which papers were seen."""
    if again := not_fresh(request, request.user, resolve_url("recovery-new")):
        return again
    form = RecoveryForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            recovery = begin_recovery(
                request.user,
                said["user"],
                papers=said["papers"],
                reason=said["reason"],
                removes_factors=said["lost"] == "all",
            )
        except RecoveryRefused as refused:
            form.add_error("account", str(WHY[refused.why]))
        else:
            messages.success(request, _("已經記下查驗。請另一位人員在兩小時內看過本人與證件，再覆核。"))
            return redirect("recovery", recovery.pk)
    return render(request, "identity/recoveries/new.html", {"form": form}, status=422 if form.errors else 200)


@door("city:users:recover")
def recovery(request: SignedInRequest, pk: int) -> HttpResponse:
    """One recovery, for the second officer to confirm. Looking at it is a disclosure and written down."""
    return _page(request, _recovery(request, pk))


@door("city:users:recover")
@require_POST
@limit("recovery-confirmation", 20, key=client_user)
def recovery_confirmation(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second officer has seen the person too: the link is shown here and nowhere else."""
    found = _recovery(request, pk)
    if again := not_fresh(request, request.user, resolve_url("recovery", pk)):
        return again
    if request.POST.get("seen") != "1":
        messages.error(request, _("請先看過本人與證件，勾選之後再覆核。"))
        return redirect("recovery", pk)
    try:
        token = confirm_recovery(request.user, found)
    except RecoveryRefused as refused:
        messages.error(request, str(WHY[refused.why]))
        return redirect("recovery", pk)
    link = request.build_absolute_uri(reverse("recover", args=[token]))
    return _page(request, found, link=link, picture=qr_code(link))


@door("city:users:recover")
@require_POST
def recovery_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a recovery that was not used."""
    if stop_recovery(request.user, _recovery(request, pk)):
        messages.success(request, _("已經取消這次復原。"))
    else:
        messages.error(request, str(WHY[Why.OVER]))
    return redirect("recovery", pk)


@door("own:account:manage")
@require_POST
def my_recovery_stop(request: SignedInRequest) -> HttpResponse:
    """The owner of the account says that nobody is to be given it."""
    for found in Recovery.objects.open().filter(user=request.user):
        if stop_recovery(request.user, found):
            messages.success(request, _("已經取消櫃台的復原。請變更密碼，並告訴市府櫃台有人冒用您的身分。"))
    return redirect("account")


@door("public:session:start")
@sensitive_post_parameters()
@never_cache
@limit("recover", 20)
def recover(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password by the counter's link. It signs nobody in."""
    found = recovery_by(token)
    if found is None:
        return render(request, "identity/recoveries/spent.html", status=410)
    if found.opens_at > clock.now():
        return render(request, "identity/recoveries/cooling.html", {"recovery": found})
    form = NewPasswordForm(found.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if not use_recovery(found, form.cleaned_data["new_password"]):
            return render(request, "identity/recoveries/spent.html", status=410)
        messages.success(request, _("密碼已經設定好，請用新密碼登入。"))
        return redirect("sign-in")
    context = {"form": form, "person": found.user, "removes_factors": found.removes_factors}
    return render(request, "identity/set_password.html", context, status=422 if form.errors else 200)


def _recovery(request: SignedInRequest, pk: int) -> Recovery:
    found = Recovery.objects.visible_to(request.user).select_related("user", "begun_by", "confirmed_by", "stopped_by")
    return get_object_or_404(found, pk=pk)


def _page(request: SignedInRequest, found: Recovery, **extra: object) -> HttpResponse:
    with transaction.atomic():
        disclose(request.user, "user", found.user_id, ["username", "name"], PURPOSE, client=client_ip(request))
        why = cannot_confirm(request.user, found) if found.state == "waiting" else None
        context = {"recovery": found, "why": WHY[why] if why else "", **extra}
        return render(request, "identity/recoveries/one.html", context)
