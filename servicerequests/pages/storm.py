"""Storm mode at the desk: what waits, how intake does, and the switch."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from foundation.drawing import Drawing, columns
from foundation.forms import CityForm
from foundation.templatetags.city import clock_time
from identity.doors import SignedInRequest, door
from organisation import storm
from organisation.actions.storms import begin_storm, end_storm
from organisation.models import Storm
from organisation.permissions import grants_of
from servicerequests.actions.watching import backlog


class BeginForm(CityForm):
    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=200, help_text=gettext_lazy("例如：凱米颱風登陸，預期大量通報。")
    )


@door("city:storm:read")
@require_safe
def state(request: SignedInRequest) -> HttpResponse:
    """``/desk/storm/``: a fixed number of statements."""
    return _page(request, BeginForm())


def _curve(by_minute: list[tuple[datetime, int]]) -> Drawing | None:
    labels, values = [clock_time(minute) for minute, _n in by_minute], [Decimal(n) for _minute, n in by_minute]
    return columns(labels, [_("受理")], [values], _("件"), stacked=False) if any(values) else None


def _page(request: SignedInRequest, form: BeginForm, status: int = 200) -> HttpResponse:
    waiting = backlog()
    context = {
        "going_on": storm.storm(),
        "backlog": waiting,
        "minutes": _curve(waiting.by_minute),
        "form": form,
        "sees_incidents": grants_of(request.user).has("unit:incidents:read"),
        "may": grants_of(request.user).everywhere("city:storm:declare"),
        "earlier": Storm.objects.visible_to(request.user).exclude(ended_at=None).select_related("began_by")[:10],
        "rules": {
            name: f"{storm.rule(name):g}" for name in ("multiple", "minutes", "at_least", "hours", "pause_seconds")
        },
    }
    return render(request, "servicerequests/storm.html", context, status=status)


@door("city:storm:declare")
@require_POST
def begin(request: SignedInRequest) -> HttpResponse:
    """Switch it on."""
    form = BeginForm(request.POST)
    if form.is_valid():
        try:
            begin_storm(request.user, form.cleaned_data["reason"])
        except ValidationError as refusal:
            form.add_error("reason", refusal.message_dict["reason"])
    if form.errors:
        return _page(request, form, status=422)
    messages.success(request, _("已進入尖峰模式，各處幾秒內生效。"))
    return redirect("storm")


@door("city:storm:declare")
@require_POST
def end(request: SignedInRequest) -> HttpResponse:
    """Switch it off."""
    end_storm(request.user)
    messages.success(request, _("尖峰模式已結束，延後的工作會在幾分鐘內補齊。"))
    return redirect("storm")
