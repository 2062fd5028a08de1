"""What a person may do and where: memberships, begun and ended by who keeps them. Accounts are ``identity``'s."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.clock import now, today
from foundation.ratelimit import client_ip
from identity.actions import disclose
from identity.doors import SignedInRequest, door
from identity.models import User
from identity.permissions import ROLES, STRONG
from organisation.actions import appoint, dismiss, propose
from organisation.models import AuthorityEvent, Deputyship, Membership, Nomination
from organisation.pages.appointment import AppointmentForm, DismissalForm

PURPOSE = gettext_lazy("任職管理")
SHOWN_EVENTS = 20


@door("city:memberships:manage")
def person_roles(request: SignedInRequest, pk: int) -> HttpResponse:
    """A person's memberships in words, and the form that begins another one."""
    person = _person(request, pk)
    why_not = _why_not(request, person)
    form = (
        None
        if why_not
        else AppointmentForm(request.POST or None, reader=request.user, person=person, initial={"since": today()})
    )
    if request.method == "POST":
        if form is None:
            messages.error(request, why_not)
            return redirect("person-roles", person.pk)
        if form.is_valid() and _appointed(request, person, form):
            return redirect("person-roles", person.pk)
    return _page(request, person, "organisation/roles.html", {"form": form, "why_not": why_not})


@door("city:memberships:manage")
def person_dismissal(request: SignedInRequest, pk: int, membership: int) -> HttpResponse:
    """End one membership: its last day. It is never made longer here; a new appointment says who gave it."""
    person = _person(request, pk)
    held = get_object_or_404(_memberships(request, person), pk=membership)
    why_not = _why_not(request, person, is_ending=True)
    if why_not or _is_over(held):
        messages.error(request, why_not or _("這項任職已經結束。"))
        return redirect("person-roles", person.pk)
    form = DismissalForm(request.POST or None, membership=held, initial={"until": max(today(), held.since)})
    if form.is_bound and form.is_valid():
        try:
            dismiss(request.user, held, form.cleaned_data["until"])
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, _("%(name)s的「%(role)s」任職已經設定結束日。") % {"name": person, "role": _role(held)}
            )
            return redirect("person-roles", person.pk)
    return _page(request, person, "organisation/dismissal.html", {"form": form, "membership": _in_words(held)})


def _appointed(request: SignedInRequest, person: User, form: AppointmentForm) -> bool:
    terms = form.appointment
    try:
        if terms["role"] in STRONG:
            propose(request.user, person, **terms)
            messages.success(request, _("已經提名；另一位系統管理員同意之後才會生效。"))
            return True
        with transaction.atomic():
            held = appoint(request.user, person, **terms)
    except ValidationError as refusal:
        form.refuse(refusal)
        return False
    except IntegrityError:  # somebody else was quicker by a moment
        form.add_error("role", form.already)
        return False
    messages.success(request, _("%(name)s已經任職為「%(role)s」。") % {"name": person, "role": _role(held)})
    return True


def _person(request: SignedInRequest, pk: int) -> User:
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


def _memberships(request: SignedInRequest, person: User):
    return (
        Membership.objects.visible_to(request.user)
        .filter(user=person)
        .select_related("unit__agency", "agency", "post")
        .order_by("since", "pk")
    )


def _why_not(request: SignedInRequest, person: User, is_ending: bool = False) -> str:
    """Why this person's memberships cannot be changed by the reader; empty when they can.

    Nobody widens their own rights; nor narrows them, so that somebody who may appoint is always left.
    """
    if person == request.user:
        return _("不能變更自己的任職，請由另一位系統管理員處理。")
    if not person.is_active and not is_ending:
        return _("這個帳號已經停用，恢復使用之後才能任職。")
    return ""


def _page(request: SignedInRequest, person: User, template: str, context: dict) -> HttpResponse:
    form = context["form"]
    with transaction.atomic():
        if person != request.user:
            disclose(request.user, "user", person.pk, ["username", "name"], PURPOSE, client=client_ip(request))
        form_is_wrong = bool(form and form.errors)
        held = [_in_words(membership) for membership in _memberships(request, person)]
        context |= {
            "person": person,
            "is_self": person == request.user,
            "present": [each for each in held if not each["is_over"]],
            "past": [each for each in reversed(held) if each["is_over"]],
            "waiting": Nomination.objects.visible_to(request.user).waiting().filter(user=person).told(),
            "deputyships": Deputyship.objects.visible_to(request.user).of(person).acting(now()).told(),
            "events": AuthorityEvent.objects.visible_to(request.user).filter(user=person).told()[:SHOWN_EVENTS],
        }
        return render(request, template, context, status=422 if form_is_wrong else 200)


def _is_over(membership: Membership) -> bool:
    return membership.until is not None and membership.until < today()


def _role(membership: Membership) -> str:
    return str(ROLES[membership.role].label) if membership.role in ROLES else membership.role


def _in_words(membership: Membership) -> dict:
    """A membership as the page says it: role, place, post, from when and until when."""
    unit, agency = membership.unit, membership.agency
    if unit:
        place = _("%(agency)s %(unit)s") % {"agency": unit.agency.label, "unit": unit.label}
    else:
        place = _("%(agency)s（整個機關）") % {"agency": agency.label} if agency else _("全市")
    return {
        "pk": membership.pk,
        "role": _role(membership),
        "place": place,
        "post": membership.post.label if membership.post else "",
        "since": membership.since,
        "until": membership.until,
        "is_over": _is_over(membership),
        "is_to_come": membership.since > today(),
    }
