"""Who may do what: roles by permissions, who holds each of them and why, and what one person may do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.clock import now, today
from foundation.export import csv_response
from foundation.ratelimit import client_ip
from identity.actions import disclose
from identity.doors import SignedInRequest, door
from identity.models import User
from identity.permission_words import SCOPES, action_label, resource_label
from identity.permissions import PERMISSIONS, ROLES, STRONG
from identity.rules import parse
from organisation.models import AuthorityEvent, Deputyship, Membership
from organisation.permissions import grants_of

PURPOSE = gettext_lazy("權限查核")
A_PAGE = 100
SHOWN_EVENTS = 20


class MatrixFilter(forms.Form):
    """Which permissions to show."""

    q = forms.CharField(
        label=gettext_lazy("找權限"),
        help_text=gettext_lazy("中文或代碼，例如：核定、cases"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )


@door("city:memberships:read")
def permissions(request: SignedInRequest) -> HttpResponse:
    """Each deed with the roles that may do it and how far; a deed and a role lead to who holds it."""
    form = MatrixFilter(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    groups = [
        {"label": resource_label(resource), "rows": rows} for resource, rows in _matrix(words).items()
    ] if form.is_valid() else []  # fmt: skip
    context = {
        "form": form,
        "groups": groups,
        "roles": [{"role": role, "is_strong": role.code in STRONG} for role in ROLES.values()],
        "query": request.GET.urlencode(),
    }
    return render(request, "organisation/permissions.html", context, status=422 if form.errors else 200)


@door("city:memberships:read")
def permissions_csv(request: SignedInRequest) -> HttpResponseBase:
    """The same as a file: a line for each deed, a column for each role, the scope in each cell."""
    form = MatrixFilter(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    header = [_("代碼"), _("對象"), _("動作"), *(str(role.label) for role in ROLES.values())]
    rows = (
        [row["deed"], resource_label(resource), row["label"], *(cell["scope"] for cell in row["cells"])]
        for resource, found in _matrix(words).items()
        for row in found
    )
    return csv_response(f"permissions-{today():%Y%m%d}.csv", header, rows)


@door("city:memberships:read")
def holders(request: SignedInRequest) -> HttpResponse:
    """Who holds a role (``?role=``) or a permission (``?permission=``) today, and what it comes from."""
    role, permission = request.GET.get("role", ""), request.GET.get("permission", "")
    if role in ROLES and role != "citizen":
        codes, title = [role], str(ROLES[role].label)
    elif permission in PERMISSIONS:
        codes = [code for code, each in ROLES.items() if each.may(permission) and code != "citizen"]
        title = _permission_label(permission)
    else:
        raise Http404
    held = Membership.objects.visible_to(request.user).in_force(today()).filter(role__in=codes, user__is_active=True)
    page = Paginator(held.for_list().given().order_by("user__name", "pk"), A_PAGE).get_page(request.GET.get("page"))
    acting = Deputyship.objects.visible_to(request.user).acting(now()).told().filter(membership__role__in=codes)
    context = {
        "title": title,
        "permission": permission if permission in PERMISSIONS else "",
        "everyone": permission in PERMISSIONS and ROLES["citizen"].may(permission),
        "page": page,
        "acting": acting,
    }
    return render(request, "organisation/holders.html", context)


@door("city:memberships:read")
def person_permissions(request: SignedInRequest, pk: int) -> HttpResponse:
    """All that one person may do today, each permission with the membership or the deputyship that it comes from."""
    person = get_object_or_404(User.objects.all_for(request.user), pk=pk)
    if person != request.user:
        disclose(request.user, "user", person.pk, ["username", "name"], PURPOSE, client=client_ip(request))
    grants = grants_of(person)
    sources: dict[str, list[str]] = defaultdict(list)
    for reach, words in zip(grants.reaches, grants.words(), strict=True):
        for permission in ROLES[reach.role].permissions:
            sources[permission].append(words)
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for permission in sorted(sources):
        scope, resource, action = parse(permission)
        row = {"code": permission, "label": action_label(action), "scope": SCOPES[scope], "from": sources[permission]}
        groups[resource].append(row)
    held = Membership.objects.visible_to(request.user).in_force(today()).filter(user=person).for_list().given()
    context = {
        "person": person,
        "held": held.order_by("since", "pk"),
        "acting": Deputyship.objects.visible_to(request.user).acting(now()).told().filter(deputy=person),
        "groups": [{"label": resource_label(resource), "rows": rows} for resource, rows in groups.items()],
        "events": AuthorityEvent.objects.visible_to(request.user).filter(user=person).told()[:SHOWN_EVENTS],
    }
    return render(request, "organisation/person_permissions.html", context)


def _matrix(words: str) -> dict[str, list[dict[str, Any]]]:
    """By resource the deeds that the words ask for, each with the scope in which every role may do it."""
    deeds: dict[str, set[str]] = defaultdict(set)
    for permission in PERMISSIONS:
        parsed = parse(permission)
        deeds[parsed.resource].add(parsed.action)
    found: dict[str, list[dict[str, Any]]] = {}
    for resource in sorted(deeds, key=resource_label):
        for action in sorted(deeds[resource]):
            deed, label = f"{resource}:{action}", action_label(action)
            if words and not any(words.lower() in text.lower() for text in (deed, label, resource_label(resource))):
                continue
            cells = [_cell(role.permissions, deed) for role in ROLES.values()]
            found.setdefault(resource, []).append(
                {"deed": deed, "label": label, "cells": cells, "narrowest": _narrowest(deed)}
            )
    return found


def _cell(held: Iterable[str], deed: str) -> dict[str, str]:
    scope = next((scope for scope in reversed(SCOPES) if f"{scope}:{deed}" in held), "")
    return {"scope": str(SCOPES[scope]) if scope else "", "code": scope}


def _narrowest(deed: str) -> str:
    """The permission that whoever may do the deed anywhere at all satisfies."""
    return next(f"{scope}:{deed}" for scope in SCOPES if f"{scope}:{deed}" in PERMISSIONS)


def _permission_label(permission: str) -> str:
    scope, resource, action = parse(permission)
    return _("%(resource)s：%(action)s（%(scope)s）") % {
        "resource": resource_label(resource), "action": action_label(action), "scope": SCOPES[scope],
    }  # fmt: skip
