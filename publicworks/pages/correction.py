"""Correcting a work by hand: for the unit that has it built, and for the inspection office."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from foundation.forms import CityFormMixin, DateBox
from identity.doors import SignedInRequest, door
from organisation import directory
from organisation.geography import locate
from publicworks.actions.correcting import correct, in_words, take_from_file
from publicworks.imports.works import MOST
from publicworks.models import Correction, Work

POINT = ("lon", "lat")
SHOWN = 20  # earlier corrections


class WorkForm(CityFormMixin, forms.ModelForm):
    """All that the register says but the number, by which a work is known, and a line, which comes by import."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    budget = forms.IntegerField(
        label=gettext_lazy("預算或契約金額（元）"), required=False, min_value=0, max_value=int(MOST),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    class Meta:
        model = Work
        fields = (
            "name", "state", "agency_name", "unit", "contractor", "budget", "planned_start", "planned_end", "district",
            "address", *POINT,
        )  # fmt: skip
        widgets = {"planned_start": DateBox, "planned_end": DateBox}
        labels = {"district": gettext_lazy("行政區")}
        help_texts = {
            "unit": gettext_lazy("民眾的通報送到這裡；空著表示市府不是主辦機關。"),
            "lon": gettext_lazy("WGS 84，例如 120.3121"),
            "lat": gettext_lazy("WGS 84，例如 22.6205"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = sorted(
            (unit for unit in directory.units().values() if not unit.is_crew), key=lambda u: (u.agency_id, u.pk)
        )
        self.fields["unit"].choices = [("", "—"), *((u.pk, f"{u.agency} {u}") for u in units)]
        self.fields["district"].choices = [("", "—"), *((d.code, str(d)) for d in directory.districts().values())]
        self.fields["seen"].initial = self.instance.digest
        if self.instance.line:
            for name in POINT:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("planned_start"), cleaned.get("planned_end")
        if start and end and end < start:
            self.add_error("planned_end", _("預定完工早於預定開工"))
        lon, lat = cleaned.get("lon"), cleaned.get("lat")
        if not self.errors and (lon is None) != (lat is None):
            self.add_error("lon" if lon is None else "lat", _("經度與緯度要一起有"))
        elif lon is not None and lat is not None and locate(lon, lat) is None:
            self.add_error("lat", _("這個位置（%(lat)s, %(lon)s）不在本市") % {"lat": lat, "lon": lon})
        return cleaned

    def _post_clean(self) -> None:
        """Nothing is put into the record here: the verb does that, on the record as it is then."""


@door("unit:works:change")
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/works/7/change/``: what the register says of a work, to be corrected."""
    work = get_object_or_404(Work.objects.changeable_by(request.user).for_list(), pk=pk)
    form = WorkForm(request.POST or None, instance=work)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        if correct(request.user, work, facts.pop("seen"), **facts):
            messages.success(request, _("工程資料已經更正。"))
            return redirect(work)
        form.add_error(None, _("這項工程剛剛有人更正過。請對照工程頁現在的資料，看過再送出一次。"))
        form.data = form.data.copy()
        form.data["seen"] = work.digest
    return _page(request, work, form)


def _page(request: SignedInRequest, work: Work, form: WorkForm) -> HttpResponse:
    status = 422 if form.errors else 200
    labels = {field.name: field.verbose_name for field in Work._meta.fields} | {"lon": _("位置")}
    # As (field, label, what was typed by hand, what the file says).
    differing = [
        (name, labels[name], in_words(name, work.said(name)), in_words(name, said))
        for name, said in work.by_hand.items()
        if said is not None
    ]
    earlier = Correction.objects.of(work)[:SHOWN]
    context = {"form": form, "work": work, "earlier": earlier, "differing": differing, "seen": work.digest}
    return render(request, "publicworks/change.html", context, status=status)


@door("unit:works:change")
@require_POST
def take(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/works/7/change/file/``: take what the file says of one field in place of what was typed by hand."""
    work = get_object_or_404(Work.objects.changeable_by(request.user).for_list(), pk=pk)
    form = WorkForm(instance=work)
    try:
        taken = take_from_file(request.user, work, request.POST.get("seen", ""), request.POST.get("field", ""))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return _page(request, work, form)
    if taken:
        messages.success(request, _("已採用檔案的值。之後匯入的檔案會再更正這一欄。"))
        return redirect(work)
    messages.error(request, _("這項工程剛剛有人更正過。請對照工程頁現在的資料，看過再送出一次。"))
    return _page(request, work, form)
