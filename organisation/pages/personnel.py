"""What the personnel system changed lately, for who answers for it and for who keeps the accounts."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from foundation.ratelimit import client_ip
from identity.actions import disclose
from identity.doors import SignedInRequest, door
from identity.models import AccountEvent
from identity.permissions import grants_for
from organisation.models import StaffRecord

A_PAGE = 50
PURPOSE = _("核對人事系統的異動")
VERBS = ("created", "changed", "joined", "left", "deactivated", "activated", "link_issued")


class ChangesFilter(forms.Form):
    """Whose changes, and which."""

    q = forms.CharField(label=_("員工編號、帳號或姓名"), required=False, max_length=100)
    verb = forms.ChoiceField(
        label=_("事項"),
        required=False,
        choices=lambda: [("", _("全部")), *((verb, AccountEvent.Verb(verb).label) for verb in VERBS)],
    )


@door("city:people:read")
def changes(request: SignedInRequest) -> HttpResponse:
    """The events of accounts that programs made, the newest first. Looking is a disclosure and written down."""
    form = ChangesFilter(request.GET)
    found = AccountEvent.objects.visible_to(request.user).by_programs()
    if form.is_valid():
        words = form.cleaned_data["q"].strip()
        if words:
            whose = Q(user__username__icontains=words) | Q(user__name__icontains=words)
            found = found.filter(whose | Q(user__staff_record__employee_number__icontains=words))
        if form.cleaned_data["verb"]:
            found = found.filter(verb=form.cleaned_data["verb"])
    else:
        found = found.none()
    page = Paginator(found.select_related("actor", "user__staff_record"), A_PAGE).get_page(request.GET.get("page"))
    if page.object_list:
        shown = ["username", "name", "employee_number"]
        disclose(request.user, "user", "list", shown, PURPOSE, client=client_ip(request))
    context = {
        "form": form,
        "page": page,
        "asked": any(request.GET.get(name) for name in ("q", "verb")),
        "people": StaffRecord.objects.visible_to(request.user).on_the_books().count(),
        "keeps": grants_for(request.user).has("city:users:manage"),
    }
    return render(request, "organisation/personnel.html", context)
