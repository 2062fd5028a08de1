"""Which periods are closed, what was corrected since, and the form that closes one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from figures import actions
from figures.models import Correction, Freeze
from figures.permissions import may_freeze, readable
from figures.registry import Period, registry
from identity.doors import door


class ClosingForm(forms.Form):
    """A period to close, and the word that it is meant."""

    period = forms.CharField(
        label=gettext_lazy("期間"),
        max_length=7,
        help_text=gettext_lazy("西元年度或年月，例如 2022 或 2022-08。"),
        widget=forms.TextInput(attrs={"class": "chars-10", "inputmode": "numeric", "autocomplete": "off"}),
    )
    certain = forms.BooleanField(label=gettext_lazy("我知道結帳之後不能撤銷，往後的變動只會列為更正。"))

    def clean_period(self) -> Period:
        try:
            return Period.parse(self.cleaned_data["period"])
        except ValueError:
            raise ValidationError(_("請填寫年度或年月，例如 2022 或 2022-08。")) from None


@door("public:figures:read", post="city:figures:freeze")
def closing(request: HttpRequest) -> HttpResponse:
    """``/figures/closing/``: closed periods and corrections; a controller closes a month or a year here."""
    form = ClosingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            freeze = actions.freeze(form.cleaned_data["period"], request.user)
        except ValidationError as error:
            form.add_error("period", error)
        else:
            messages.success(request, _("%(period)s已經結帳。") % {"period": freeze.period.label})
            return redirect("figures-closing")
    mine = {figure.code for figure in readable(request.user)}
    page = Paginator(Correction.objects.of_totals(mine), 50).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "form": form,
        "may_freeze": may_freeze(request.user),
        "freezes": Freeze.objects.newest_first(),
        "page": page,
        "corrections": [(correction, registry.figure(correction.figure)) for correction in page],
    }
    return render(request, "figures/closing.html", context, status=422 if form.errors else 200)
