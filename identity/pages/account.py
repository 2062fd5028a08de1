"""My own account."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_post_parameters

from foundation.ratelimit import client_user, limit
from identity.actions import ask_to_confirm, change_account, change_password, sid_of
from identity.doors import SignedInRequest, door
from identity.models import Disclosure, Recovery, User
from identity.pages.entering import not_fresh, speak
from identity.pages.forms import ChangePasswordForm, EmailForm, MyselfForm
from identity.permissions import capacities_of

A_PAGE = 50


@door("own:account:manage")
def account(request: SignedInRequest) -> HttpResponse:
    """Who I am here, what I may do, and who looked at my data."""
    # A record of its own: the form writes what was typed into it, and the page's header shows the person as they are.
    person = User.objects.visible_to(request.user).get(pk=request.user.pk)
    form = MyselfForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        change_account(request.user, request.user, form.cleaned_data)
        with override(request.user.language):
            messages.success(request, _("您的資料已經更新。"))
        return speak(redirect("account"), request.user)
    context = {
        "form": form,
        "words": capacities_of(request.user),
        "recovery": Recovery.objects.open().filter(user=request.user).first(),
        "about_me": Disclosure.objects.about(request.user).select_related("actor")[:5],
    }
    return render(request, "identity/account.html", context, status=422 if form.errors else 200)


@door("own:account:manage")
@limit("account-email", 10, key=client_user, methods={"POST"})
def email(request: SignedInRequest) -> HttpResponse:
    """Another address for my account: by it a password can be reset, so it asks for a fresh proof (ASVS 7.5.1)."""
    if again := not_fresh(request, request.user, resolve_url("account-email")):
        return again
    person = User.objects.visible_to(request.user).get(pk=request.user.pk)
    form = EmailForm(request.POST if request.method == "POST" else None, instance=person)
    if form.is_bound and form.is_valid():
        change_account(request.user, request.user, form.cleaned_data)
        if form.changed_data and ask_to_confirm(request.user):
            messages.info(request, _("確認信已經寄到新的電子郵件，請在 24 小時內打開信裡的連結。"))
        return redirect("account")
    return render(request, "identity/email.html", {"form": form}, status=422 if form.errors else 200)


@door("own:account:manage")
@sensitive_post_parameters()
@limit("password", 10, key=client_user, methods={"POST"})
def password(request: SignedInRequest) -> HttpResponse:
    """Change my password. Every other session of mine ends; this one goes on under a new key."""
    form = ChangePasswordForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        change_password(request.user, form.cleaned_data["new_password"], keeps=sid_of(request))
        update_session_auth_hash(request, request.user)
        messages.success(request, _("密碼已經變更，其他裝置上的登入都已結束。"))
        return redirect("account")
    return render(request, "identity/password.html", {"form": form}, status=422 if form.errors else 200)


@door("own:disclosures:read")
def my_disclosures(request: SignedInRequest) -> HttpResponse:
    """Whose personal data I have looked at: what an auditor sees of me."""
    mine = Disclosure.objects.made_by(request.user).select_related("actor")
    page = Paginator(mine, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "identity/my_disclosures.html", {"page": page})
