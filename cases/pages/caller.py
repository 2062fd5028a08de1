"""Who is on the line: the earlier cases of a citizen, found by what they say their telephone number or e-mail is."""

from __future__ import annotations

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from cases.models import Case, Contact
from cases.pages.queue import rail
from foundation.forms import CityForm
from foundation.ratelimit import client_ip, client_user, limit
from identity.actions import disclose
from identity.doors import door

MOST = 20
PURPOSE = gettext_lazy("依來電者所報的電話或電子郵件查詢其案件")


class CallerForm(CityForm):
    """What the caller says."""

    known_as = forms.CharField(
        label=gettext_lazy("來電者的電話或電子郵件"),
        help_text=gettext_lazy("要和通報時留的完全相同；查到的每一件都會留下查閱紀錄。"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    def clean_known_as(self) -> str:
        """An address or a number, not a name: names are many people's."""
        typed = self.cleaned_data["known_as"].strip()
        if "@" not in typed and sum(character.isdigit() for character in typed) < 7:
            raise forms.ValidationError(_("請輸入完整的電話號碼或電子郵件，例如 0912-345-678。"))
        return typed


@door("unit:cases:view_contact")
@limit("caller", 60, key=client_user, methods={"POST"})
@never_cache
def caller(request: HttpRequest) -> HttpResponse:
    """``/desk/caller/``: asked by POST, so that no number or address stands in an address, a history or a log."""
    form = CallerForm(request.POST if request.method == "POST" else None)
    found = _cases_of(request, form.cleaned_data["known_as"]) if form.is_bound and form.is_valid() else None
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "found": found, "most": MOST}
    return render(request, "cases/caller.html", rail(request, "caller") | context, status=status)


@transaction.atomic
def _cases_of(request: HttpRequest, known_as: str) -> list[Case]:
    """The newest cases that this citizen reported and whose reporter the reader may look at, each against a line in
    the log; of one that is hidden from the reader's agency not even that it is there."""
    field = "email" if "@" in known_as else "phone"
    same = Contact.objects.open_to(request.user).reached_at(known_as)
    cases = Case.objects.visible_to(request.user, "cases:view_contact").filter(contact__in=same)
    found = list(cases.for_list().order_by("-received_at", "-pk")[:MOST])
    for case in found:
        disclose(request.user, "case", case.number, [field], PURPOSE, client=client_ip(request))
    return found
