"""What the crews of a unit used: sums for a span of days, and every use as a file."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from foundation.clock import TAIPEI, today
from foundation.export import csv_response
from foundation.forms import CityForm, DateBox
from foundation.language import in_language
from identity.doors import door
from servicerequests.models import MaterialUse


class SpanForm(CityForm):
    """From which day to which."""

    since = forms.DateField(label=gettext_lazy("從"), widget=DateBox())
    until = forms.DateField(label=gettext_lazy("到"), widget=DateBox())

    def clean(self) -> dict:
        said = super().clean() or self.cleaned_data
        if {"since", "until"} <= set(said) and said["until"] < said["since"]:
            raise ValidationError({"until": _("結束日早於起始日。")})
        return said


def _span(request: HttpRequest) -> tuple[SpanForm, date, date]:
    """The form and its days; this month's where none or nothing sensible was asked for."""
    default = {"since": today().replace(day=1), "until": today()}
    form = SpanForm(request.GET if "since" in request.GET else None, initial=default)
    said = form.cleaned_data if form.is_bound and form.is_valid() else default
    return form, said["since"], said["until"]


def _used(request: HttpRequest, since: date, until: date):
    """The uses on trips that ended in a span of days, of the units that the reader answers for."""
    begin = datetime.combine(since, time(), TAIPEI)
    end = datetime.combine(until + timedelta(days=1), time(), TAIPEI)
    return MaterialUse.objects.visible_to(request.user).filter(job__ended_at__gte=begin, job__ended_at__lt=end)


@door("unit:workload:read")
@require_safe
def materials(request: HttpRequest) -> HttpResponse:
    """``/desk/materials/?since=2022-03-01&until=2022-03-31``: a line for each material and crew."""
    form, since, until = _span(request)
    sums = (
        _used(request, since, until)
        .values("material", "label_zh", "label_en", "unit_zh", "unit_en", "job__crew__name", "job__crew__name_en")
        .annotate(total=Sum("amount"), jobs=Count("job", distinct=True))
        .order_by("material", "unit_zh", "job__crew__order", "job__crew__name")
    )
    rows = [
        {
            "label": in_language(row["label_zh"], row["label_en"]),
            "unit": in_language(row["unit_zh"], row["unit_en"]),
            "crew": in_language(row["job__crew__name"], row["job__crew__name_en"]),
            "total": f"{row['total'].normalize():f}",
            "jobs": row["jobs"],
        }
        for row in sums
    ]
    context = {"form": form, "since": since, "until": until, "rows": rows}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "servicerequests/desk/materials.html", context, status=status)


COLUMNS = ("number", "kind", "crew", "ended_at", "material", "label", "amount", "unit")


@door("unit:workload:read")
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """``/desk/materials.csv``: every use, with the number of its case; streamed."""
    _form, since, until = _span(request)
    uses = _used(request, since, until).select_related("job__crew", "job__case").order_by("job__ended_at", "pk")
    rows = (
        (
            use.job.case.number, use.job.case.kind_code, use.job.crew.code, use.job.ended_at, use.material, use.label,
            use.amount.normalize(), use.unit,
        )
        for use in uses.iterator(chunk_size=2000)
    )  # fmt: skip
    return csv_response(f"materials-{since}-{until}.csv", COLUMNS, rows)
