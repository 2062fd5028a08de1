"""Putting a hold on a case, so that its personal data outlive their term, and lifting it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cases.actions import holding
from cases.models import Case, LegalHold
from cases.models.hold import HoldReason
from cases.pages.case import case_or_404
from cases.pages.queue import rail
from cases.permissions import may
from foundation.forms import CityForm
from identity.doors import door


class HoldForm(CityForm):
    """Why data are kept beyond their term."""

    reason = forms.ChoiceField(label=gettext_lazy("種類"), choices=HoldReason.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("原因"), help_text=gettext_lazy("例如訴願案號；會留在歷程裡。"), max_length=300,
        error_messages={"required": gettext_lazy("請寫明保全的原因。")},
    )  # fmt: skip


def _case(request: HttpRequest, number: str) -> Case:
    case = case_or_404(request, number)
    if not may(request.user, case, holding.PERMISSION):
        raise PermissionDenied(holding.PERMISSION)
    return case


@door("unit:cases:hold")
def hold(request: HttpRequest, number: str) -> HttpResponse:
    """``/desk/cases/D111-0099781/hold/``: the holds that were and are, and a form for a new one."""
    case = _case(request, number)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            holding.hold(request.user, case, form.cleaned_data["reason"], form.cleaned_data["text"])
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("已保全；解除以前不會依期限刪除。"))
            return redirect("case-hold", number=case.number)
    holds = list(LegalHold.objects.of(case))
    current = next((each for each in holds if each.lifted_at is None), None)
    context = {"case": case, "form": form, "holds": holds, "current": current}
    return render(request, "cases/hold.html", rail(request) | context, status=422 if form.errors else 200)


@door("unit:cases:hold")
@require_POST
def release(request: HttpRequest, number: str) -> HttpResponse:
    """``POST /desk/cases/D111-0099781/hold/release/``."""
    case = _case(request, number)
    try:
        holding.release(request.user, case)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已解除保全；資料回到原本的保存期限。"))
    return redirect("case-hold", number=case.number)
