"""Where agencies enter the figures that have no records yet: what is missing, one value, a file of many."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from figures import actions, queries
from figures.actions.entering import EVIDENCE
from figures.imports.values import VALUES, Context
from figures.models import ManualEntry
from figures.pages.common import chosen_year, owner_label, with_files, years_with_data
from figures.permissions import enterable, visible_evidence
from figures.queries import Reading
from figures.registry import MONTH, YEAR, Figure, Manual, Period, registry
from foundation.files import check_upload, serve
from foundation.forms import CityForm, FilesField
from foundation.imports import FileError, run
from foundation.imports.reader import REJECT_PREFIX
from foundation.ratelimit import client_ip
from identity.actions import disclose
from identity.doors import SignedInRequest, door

LARGEST_FILE = 2 * 1024 * 1024


@dataclass(frozen=True)
class Line:
    """A value that is entered or is to be: a figure, a period, and what stands there."""

    figure: Manual
    reading: Reading
    entry: ManualEntry | None

    @property
    def period(self) -> Period:
        return self.reading.period


@door("agency:figures:enter")
def entries(request: SignedInRequest) -> HttpResponse:
    """``/figures/manual/``: the values of a year that the reader's agency enters, the missing ones marked."""
    years = years_with_data()
    year = chosen_year(request, years)
    mine = enterable(request.user)
    owners = sorted({registry.owner_of(figure) for figure in mine})
    chosen = request.GET.get("owner", "")
    lines = _lines([f for f in mine if chosen in ("", registry.owner_of(f))], year)
    missing = [line for line in lines if line.entry is None]
    only = request.GET.get("only") == "missing"
    context = {
        "topics": _by_topic(missing if only else lines),
        "only": only,
        "count": len(lines),
        "missing": len(missing),
        "years": years,
        "period": Period.year(year),
        "owners": [(code, owner_label(_of(mine, code))) for code in owners],
        "chosen": chosen,
    }
    return render(request, "figures/entries.html", context)


def _of(figures: Collection[Manual], owner: str) -> Manual:
    return next(figure for figure in figures if registry.owner_of(figure) == owner)


def _lines(figures: list[Manual], year: int) -> list[Line]:
    """Each figure with the periods of a year that have begun: two statements for a grain, however many figures."""
    whole = Period.year(year)
    found = ManualEntry.objects.that_hold([f.code for f in figures], whole.start, whole.end)
    held = {(entry.figure, entry.of_period): entry for entry in found}
    lines = []
    for grain, periods in ((YEAR, [whole]), (MONTH, whole.months)):
        codes = [figure.code for figure in figures if grain in registry.grains_of(figure)]
        for period in [each for each in periods if codes and each.has_begun]:
            readings = queries.values(codes, period)
            lines += [Line(f, readings[f.code], held.get((f.code, period))) for f in figures if f.code in readings]
    return sorted(lines, key=lambda line: (line.figure.code, line.period.grain != YEAR, line.period.start))


def _by_topic(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    topics: dict[str, list[Line]] = {}
    for line in lines:
        topics.setdefault(str(registry.topic_of(line.figure)), []).append(line)
    return list(topics.items())


class EntryForm(CityForm):
    """A value with its evidence; the reason only where a value stands already."""

    value = forms.DecimalField(
        label=gettext_lazy("數值"),
        widget=forms.TextInput(attrs={"class": "chars-20", "inputmode": "decimal", "autocomplete": "off"}),
    )
    evidence = forms.CharField(
        label=gettext_lazy("佐證資料"),
        max_length=400,
        help_text=gettext_lazy("這個數字是從哪裡來的：公文文號、報告與頁次、統計表名稱。會公開。"),
    )
    address = forms.URLField(
        label=gettext_lazy("佐證網址"), max_length=400, required=False, assume_scheme="https",
        help_text=gettext_lazy("資料公開在網路上的話，填它的網址。可以不填。"),
    )  # fmt: skip
    files = FilesField(
        label=gettext_lazy("佐證檔案"), required=False, check=lambda file: check_upload(file, EVIDENCE),
        accept=EVIDENCE.accept,
        help_text=gettext_lazy(
            "PDF、照片或 CSV，最多 5 個，可以不附。不公開：主管機關、研考與稽核人員看得到，每次開啟都有紀錄。"
        ),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("更正原因"),
        max_length=200,
        help_text=gettext_lazy("原來的數值會留著，與更正後的並列。會公開。"),
    )

    def __init__(self, figure: Manual, last: ManualEntry | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].help_text = _("單位：%(unit)s") % {"unit": figure.unit}
        self.fields["value"].error_messages["invalid"] = _("「數值」請填數字，例如 1234 或 85.97。")
        if last is None:
            del self.fields["reason"]


@door("agency:figures:enter")
def entry(request: SignedInRequest, figure: Figure, period: Period) -> HttpResponse:
    """``/figures/<code>/<period>/entry/``: enter a value, or correct the one that is there."""
    if figure not in enterable(request.user) or period.grain not in registry.grains_of(figure) or not period.has_begun:
        raise Http404(f"{figure.code} is not entered here for {period}")
    assert isinstance(figure, Manual)
    history = list(ManualEntry.objects.of(figure.code, period))
    last = history[0] if history else None
    sent = (_without_commas(request), request.FILES) if request.method == "POST" else ()
    form = EntryForm(figure, last, *sent)
    if request.method == "POST" and form.is_valid():
        try:
            actions.enter(figure, period, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("「%(figure)s」%(period)s的數值已填報。") % {"figure": figure.label, "period": period.label}
            )
            return redirect("figures-entries")
    context = {
        "figure": figure,
        "period": period,
        "topic": registry.topic_of(figure),
        "owner": owner_label(figure),
        "form": form,
        "reading": queries.value(figure.code, period),
        "before": queries.value(figure.code, period.previous),
        "history": with_files(request.user, history),
    }
    return render(request, "figures/entry.html", context, status=422 if form.errors else 200)


@door("agency:evidence:read")
@require_safe
def evidence(request: SignedInRequest, figure: Figure, pk: int) -> HttpResponse:
    """``/figures/<code>/evidence/7/``: a file of evidence, written into the log of disclosures."""
    found = get_object_or_404(visible_evidence(request.user), pk=pk, entry__figure=figure.code)
    response = serve(found.path, found.name, found.content_type)
    disclose(request.user, "figure", figure.code, ["evidence"], _("看佐證檔案"), client=client_ip(request))
    return response


def _without_commas(request: SignedInRequest) -> Any:
    """What was sent, with the value as a number: people copy 2,684,300 from a report."""
    sent = request.POST.copy()
    sent["value"] = sent.get("value", "").replace(",", "").replace("，", "").strip()
    return sent


def _csv(file: UploadedFile) -> None:
    if (file.size or 0) > LARGEST_FILE:
        raise ValidationError(_("檔案太大，最多 2 MB。"))


class FileForm(CityForm):
    """A CSV file of values."""

    file = forms.FileField(
        label=gettext_lazy("CSV 檔"),
        validators=[_csv],
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


@door("agency:figures:enter")
def bring(request: SignedInRequest) -> HttpResponse:
    """``/figures/manual/import/``: many values from a CSV file; lines that are refused are told with their reasons."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    context: dict[str, Any] = {"form": form, "columns": VALUES.columns}
    if request.method == "POST" and form.is_valid():
        try:
            context |= _imported(form.cleaned_data["file"], request)
        except FileError as error:
            form.add_error("file", str(error))
    return render(request, "figures/entries_import.html", context, status=422 if form.errors else 200)


def _imported(file: UploadedFile, request: SignedInRequest) -> dict[str, Any]:
    """Import the file as the reader; the report, and the refused lines with line, column and reason."""
    context = Context(by=request.user, allowed={figure.code for figure in enterable(request.user)})
    with TemporaryDirectory() as folder:
        path, rejects = Path(folder) / "values.csv", Path(folder) / "rejects.csv"
        path.write_bytes(file.read())
        report = run(replace(VALUES, begin=lambda: context), path, rejects=rejects, actor=request.user.get_username())
        refused = _refused(rejects)
    return {"report": report, "refused": refused}


def _refused(rejects: Path) -> list[dict[str, str]]:
    """The refused lines of a rejects file, which is not there when all were taken."""
    if not rejects.exists():
        return []
    with rejects.open(encoding="utf-8-sig", newline="") as lines:
        names = ("line", "column", "reason")
        return [
            {"code": row.get("code", "")} | {name: row[REJECT_PREFIX + name] for name in names}
            for row in csv.DictReader(lines)
        ]
