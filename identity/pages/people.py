"""The accounts of people, for who keeps them. What people may do (memberships) is kept by ``organisation``."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from foundation import clock
from foundation.ratelimit import client_ip
from identity import actions
from identity.doors import SignedInRequest, door
from identity.models import User
from identity.pages.entering import not_fresh
from identity.pages.forms import PeopleFilter, PersonForm
from identity.permissions import capacities_of, grants_for

A_PAGE = 50
SHOWN_EVENTS = 20
PURPOSE = gettext_lazy("帳號管理")


@door("city:users:manage")
def people(request: SignedInRequest) -> HttpResponse:
    """All accounts, searched by account, name or e-mail."""
    form = PeopleFilter(request.GET)
    found = User.objects.visible_to(request.user)
    if form.is_valid():
        found = found.searched(form.cleaned_data["q"].strip())
        if form.cleaned_data["state"]:
            found = found.filter(is_active=form.cleaned_data["state"] == "active")
    else:
        found = found.none()
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "identity/people.html", {"form": form, "page": page})


@door("city:users:manage")
def person_new(request: SignedInRequest) -> HttpResponse:
    """Open an account; the next page has the link with which the person sets a password."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = actions.open_account(request.user, **form.cleaned_data)
        messages.success(request, _("帳號已經建立。請產生設定密碼的連結，交給本人。"))
        return redirect("person", user.pk)
    return render(request, "identity/person_new.html", {"form": form}, status=422 if form.errors else 200)


@door("city:users:manage")
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One account: its data, what was done to it, its last sign-ins. Looking at it is a disclosure and written down."""
    return _person_page(request, _person(request, pk))


@door("city:users:manage")
@require_POST
def person_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a link with which the person sets the first password. It is shown here and nowhere else, and not stored."""
    user = _person(request, pk)
    if not user.is_active:
        messages.error(request, _("這個帳號已經停用，請先恢復使用。"))
        return redirect("person", user.pk)
    if not actions.may_have_link(user):
        messages.error(request, _("這個帳號已經有人使用，要由櫃台的兩位人員復原。"))
        return redirect("person", user.pk)
    address = request.build_absolute_uri(
        reverse("set-password", args=[user.pk, actions.issue_link(request.user, user)])
    )
    return _person_page(request, user, link=address, link_days=settings.PASSWORD_RESET_TIMEOUT // 86400)


@door("city:users:manage")
@require_POST
def person_sessions_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End every session of somebody, whose telephone was stolen, say, and leave the account open."""
    user = _person(request, pk)
    n = actions.end_sessions_of(request.user, user)
    words = ngettext("已經結束%(name)s的 %(n)d 個登入。", "已經結束%(name)s的 %(n)d 個登入。", n)
    messages.success(request, words % {"name": user, "n": n})
    return redirect("person", user.pk)


@door("city:users:manage")
def everybodys_sessions_end(request: SignedInRequest) -> HttpResponse:
    """End every session of everybody but this one: after a break-in, say. Reading the page only asks."""
    if again := not_fresh(request, request.user):
        return again
    if request.method != "POST":
        return render(request, "identity/sessions_end.html")
    n = actions.end_everybodys_sessions(request.user, but=actions.sid_of(request))
    words = ngettext("已經結束全市政廳的 %(n)d 個登入。", "已經結束全市政廳的 %(n)d 個登入。", n)
    messages.success(request, words % {"n": n})
    return redirect("people")


@door("city:users:manage")
@require_POST
def person_deactivation(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close the account at once."""
    user = _person(request, pk)
    if user == request.user:
        messages.error(request, _("不能停用自己的帳號，請由另一位系統管理員處理。"))
    else:
        actions.deactivate(request.user, user)
        messages.success(request, _("%(name)s的帳號已經停用，所有登入都已結束。") % {"name": user})
    return redirect("person", user.pk)


@door("city:users:manage")
@require_POST
def person_activation(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open a closed account again."""
    user = _person(request, pk)
    actions.activate(request.user, user)
    messages.success(request, _("%(name)s的帳號已經恢復使用。") % {"name": user})
    return redirect("person", user.pk)


def _person(request: SignedInRequest, pk: int) -> User:
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


def _person_page(request: SignedInRequest, user: User, **extra: object) -> HttpResponse:
    with transaction.atomic():
        if user != request.user:
            actions.disclose(
                request.user, "user", user.pk, ["username", "name", "email"], PURPOSE, client=client_ip(request)
            )
        context = {
            "person": user,
            "words": capacities_of(user),
            "may_have_link": actions.may_have_link(user),
            "n_sessions": user.sessions.filter(expire_date__gt=clock.now()).count(),
            # The page of memberships stands at an address of ``organisation``, above this app.
            "may_appoint": grants_for(request.user).has("city:memberships:manage"),
            "events": user.events.select_related("actor", "acting_for")[:SHOWN_EVENTS],
            "sign_ins": user.sign_ins.all()[:SHOWN_EVENTS],
            **extra,
        }
        return render(request, "identity/person.html", context)
