"""Where the owner of a figure says what it is to come to."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from figures import actions, queries
from figures.models import Target
from figures.pages.common import owner_label
from figures.permissions import answered_for
from figures.registry import DAY, Figure, Period, registry
from foundation.forms import CityForm
from identity.doors import SignedInRequest, door


class TargetForm(CityForm):
    """A target and where it comes from."""

    value = forms.DecimalField(
        label=gettext_lazy("目標"),
        widget=forms.TextInput(attrs={"class": "chars-20", "inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("「目標」請填數字，例如 95 或 1200。")},
    )
    at_most = forms.BooleanField(label=gettext_lazy("越低越好：目標是最多這麼多"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("依據"), max_length=200, help_text=gettext_lazy("哪個計畫或會議訂的。會公開。")
    )


@door("agency:figures:enter")
def target(request: SignedInRequest, figure: Figure, period: Period) -> HttpResponse:
    """``/figures/<code>/<period>/target/``: set or change the target of a period that is not over."""
    if (
        figure not in answered_for(request.user)
        or period.grain == DAY
        or period.grain not in registry.grains_of(figure)
    ):
        raise Http404(f"{figure.code} has no target to set here for {period}")
    form = TargetForm(request.POST) if request.method == "POST" else TargetForm()
    form.fields["value"].help_text = _("單位：%(unit)s") % {"unit": figure.unit}
    if request.method == "POST" and form.is_valid():
        try:
            actions.aim(figure, period, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            for field, words in error.message_dict.items():
                form.add_error(field if field in form.fields else None, words)
        else:
            messages.success(
                request, _("「%(figure)s」%(period)s的目標已訂定。") % {"figure": figure.label, "period": period.label}
            )
            return redirect("figure-period", figure, period)
    context = {
        "figure": figure,
        "period": period,
        "topic": registry.topic_of(figure),
        "owner": owner_label(figure),
        "form": form,
        "reading": queries.value(figure.code, period),
        "before": queries.value(figure.code, period.year_before),
        "targets": Target.objects.of(figure.code, period),
    }
    return render(request, "figures/target.html", context, status=422 if form.errors else 200)
