"""For who compiles: the reports there are, one as a tree with who is late, its publication, to whom it went."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annualreport.actions import checking
from annualreport.actions.compiling import add_section, open_report
from annualreport.actions.documents import document, parts_of
from annualreport.actions.publishing import publish
from annualreport.actions.reading import address_of
from annualreport.models import Publication, Recipient, Report, Section
from annualreport.pages.reading import ENDINGS, file_response
from annualreport.querysets import with_progress
from annualreport.registry import kinds
from annualreport.rules import mark
from figures.registry import Period
from foundation.clock import today
from foundation.forms import CityForm, Select
from foundation.ratelimit import client_user, limit
from identity.doors import SignedInRequest, door
from organisation import directory
from organisation.permissions import grants_of

COMPILE = "city:annualreport:compile"


class OpenForm(CityForm):
    """Which report of which period is begun."""

    kind = forms.ChoiceField(label=gettext_lazy("種類"), widget=Select)
    year = forms.IntegerField(label=gettext_lazy("民國年"), min_value=104, max_value=200,
                              widget=forms.NumberInput(attrs={"class": "chars-4"}))  # fmt: skip
    month = forms.IntegerField(
        label=gettext_lazy("月份"), required=False, min_value=1, max_value=12,
        help_text=gettext_lazy("按月的報告才要填。"), widget=forms.NumberInput(attrs={"class": "chars-2"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "—"), *((kind.code, kind.label) for kind in kinds().values())]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind, year, month = kinds().get(cleaned.get("kind", "")), cleaned.get("year"), cleaned.get("month")
        if kind and year and kind.grain == "month" and not month and "month" not in self.errors:
            self.add_error("month", _("請填寫「月份」。"))
        elif kind and year and not self.errors:
            monthly = kind.grain == "month"
            cleaned["period"] = Period.month(year + 1911, month) if monthly else Period.year(year + 1911)
        return cleaned


@door("unit:annualreport:read", post=COMPILE)
def reports(request: SignedInRequest) -> HttpResponse:
    """``/desk/reports/``: the reports in which one has a part; who compiles may begin one."""
    form = OpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            report = open_report(request.user, kinds()[form.cleaned_data["kind"]], form.cleaned_data["period"])
        except ValidationError as error:
            form.add_error("year", error.messages[0])
        else:
            messages.success(request, _("報告已開始彙編，各節都有了撰寫單位與期限。"))
            return redirect(report)
    found = with_progress(Report.objects.visible_to(request.user), today()).newest()
    mine = Section.objects.waiting_for(request.user).for_list()
    context = {
        "reports": found,
        "mine": [(each, each.clock()) for each in mine.order_by("due_on", "pk")[:30]],
        "form": form if grants_of(request.user).has(COMPILE) else None,
    }
    return render(request, "annualreport/reports.html", context, status=422 if form.errors else 200)


def report_of(request: SignedInRequest, pk: int) -> Report:
    """A report that the reader may see. 404 otherwise."""
    return get_object_or_404(Report.objects.visible_to(request.user), pk=pk)


@door("unit:annualreport:read")
def overview(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/reports/7/``: the tree with states and promise bars, who is late first in words."""
    report, day = report_of(request, pk), today()
    sections = Section.objects.visible_to(request.user).filter(report=report).for_list()
    lines = [
        {
            "section": section,
            "mark": mark(section.code),
            "level": section.code.count(".") + 1,
            "clock": section.clock(day),
            "is_heading": section.state == "final" and not section.agreed and section.version == 1,
        }
        for section in sorted(sections, key=lambda each: each.place)
    ]
    counted = [line for line in lines if not line["is_heading"]]
    context = {
        "report": report,
        "lines": lines,
        "total": len(counted),
        "final": sum(line["section"].state == "final" for line in counted),
        "late": [line["section"] for line in counted if line["clock"].state == "late"],
        "may_compile": grants_of(request.user).has(COMPILE),
        "publication": Publication.objects.of(report.kind_code, report.period).first(),
        "address": address_of(report.kind, report.of_period),
        "forms": ENDINGS,
    }
    return render(request, "annualreport/overview.html", context)


@door("unit:annualreport:read")
@limit("report-draft", per_minute=10, key=client_user)
def draft(request: SignedInRequest, pk: int, form: str) -> HttpResponse:
    """``/desk/reports/7/draft.pdf``: the report as it stands, to be read before it is signed."""
    report = report_of(request, pk)
    if form not in ENDINGS:
        raise Http404(form)
    made = document(report.kind, report.of_period, parts_of(report))
    return file_response(request, made, form, f"draft-{report.kind_code}-{report.period}")


class SectionForm(CityForm):
    """A new section: below which, called what, written by whom."""

    parent = forms.ChoiceField(label=gettext_lazy("放在哪一節之下"), required=False, widget=Select)
    title_zh = forms.CharField(label=gettext_lazy("標題"), max_length=120)
    title_en = forms.CharField(label=gettext_lazy("英文標題"), max_length=240)
    unit = forms.ChoiceField(label=gettext_lazy("撰寫單位"), widget=Select)

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = sorted(report.sections.for_list(), key=lambda each: each.place)
        chapter = _("（新的一章）")
        self.fields["parent"].choices = [("", chapter), *((each.code, str(each)) for each in places)]
        self.fields["unit"].choices = [("", "—"), *unit_choices()]


def unit_choices() -> list[tuple[str, str]]:
    """The units that may write: those that are no crew."""
    units = sorted((unit for unit in directory.units().values() if not unit.is_crew), key=lambda u: (u.agency_id, u.pk))
    return [(unit.code, f"{unit.agency} {unit}") for unit in units]


@door(COMPILE)
def section_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/reports/7/sections/``: add a section that the outline does not have."""
    report = report_of(request, pk)
    form = SectionForm(request.POST or None, report=report)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        unit = directory.unit(facts.pop("unit"))
        section = add_section(request.user, report, facts.pop("parent"), unit=unit, **facts)
        messages.success(request, _("已新增「%(section)s」。") % {"section": section})
        return redirect(report)
    context = {"report": report, "form": form}
    return render(request, "annualreport/section_new.html", context, status=422 if form.errors else 200)


class PublicationForm(CityForm):
    """What a later version changes; the first needs no words."""

    note = forms.CharField(label=gettext_lazy("與前一版的差異"), required=False, widget=forms.Textarea,
                           help_text=gettext_lazy("讀者會看到。第一版不必填。"))  # fmt: skip


@door(COMPILE)
def publication(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/reports/7/publication/``: what a check finds, then the button that publishes."""
    report = report_of(request, pk)
    form = PublicationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            published = publish(request.user, report, form.cleaned_data["note"])
        except ValidationError as error:
            for line in error.messages:
                form.add_error("note" if "note" in request.POST else None, line)
        else:
            messages.success(request, _("第 %(number)d 版已公布。") % {"number": published.number})
            return redirect("report-dispatches", report.pk)
    context = {
        "report": report,
        "form": form,
        "findings": checking.by_sort(checking.findings(report)),
        "versions": Publication.objects.of(report.kind_code, report.period),
        "recipients": Recipient.objects.visible_to(request.user).by_mail(report.kind_code).count(),
    }
    return render(request, "annualreport/publication.html", context, status=422 if form.errors else 200)
