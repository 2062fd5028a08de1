"""The log of authentications."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from foundation import clock
from foundation.clock import TAIPEI
from foundation.forms import CityForm, DateBox
from identity.doors import SignedInRequest, door
from singlesignon.models import Authentication

A_PAGE = 100


class DayForm(CityForm):
    """Which day."""

    day = forms.DateField(label=gettext_lazy("日期"), required=False, widget=DateBox)


@door("agency:authentications:read")
def authentications(request: SignedInRequest) -> HttpResponse:
    """A day of the log, the latest first; further back by the time of the last line, so that no page counts all."""
    form = DayForm(request.GET or None)
    day: date = (form.cleaned_data.get("day") if form.is_valid() else None) or clock.today()
    begin = datetime.combine(day, time.min, TAIPEI)
    found = Authentication.objects.visible_to(request.user).filter(at__gte=begin, at__lt=begin + timedelta(days=1))
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 17:
        found = found.filter(at__lt=datetime.fromtimestamp(int(before) / 1e6, TAIPEI))
    lines = list(found.select_related("system__agency", "user").order_by("-at", "-id")[: A_PAGE + 1])
    more = int(lines[A_PAGE - 1].at.timestamp() * 1e6) if len(lines) > A_PAGE else None
    context = {"form": form, "day": day, "lines": lines[:A_PAGE], "more": more}
    return render(request, "singlesignon/log.html", context, status=422 if form.errors else 200)
