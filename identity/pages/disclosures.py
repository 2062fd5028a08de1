"""The log of disclosures, for auditors."""

import csv
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from foundation import clock
from identity.doors import SignedInRequest, door
from identity.models import Disclosure
from identity.pages.forms import DisclosureFilter
from identity.querysets import DisclosureQuerySet
from identity.registry import field_labels, subject_label, subjects

A_PAGE = 50


@door("city:disclosures:read")
def disclosures(request: SignedInRequest) -> HttpResponse:
    """Who looked at whose personal data, newest first."""
    form = _form(request)
    page = Paginator(_found(request, form), A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "query": request.GET.urlencode()}
    return render(request, "identity/disclosures.html", context, status=422 if form.errors else 200)


@door("city:disclosures:export")
def disclosures_csv(request: SignedInRequest) -> HttpResponseBase:
    """The same list as a CSV file, streamed: ISO 8601 times, UTF-8 with a mark so that spreadsheets see Chinese."""
    form = _form(request)
    found = _found(request, form)
    if form.errors:
        return disclosures(request)
    name = f"disclosures-{clock.today():%Y%m%d}.csv"
    return StreamingHttpResponse(
        _lines(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _form(request: SignedInRequest) -> DisclosureFilter:
    return DisclosureFilter(request.GET, subjects=[(subject.code, str(subject.label)) for subject in subjects()])


def _found(request: SignedInRequest, form: DisclosureFilter) -> DisclosureQuerySet:
    """What the filter asks for; nothing where it is wrong, so that nobody takes everything for what they asked for."""
    entries = Disclosure.objects.visible_to(request.user).select_related("actor")
    if not form.is_valid():
        return entries.none()
    asked = form.cleaned_data
    entries = entries.between(asked["first"], asked["last"])
    if asked["actor"]:
        entries = entries.filter(actor__username=asked["actor"].strip().lower())
    if asked["subject"]:
        entries = entries.filter(subject=asked["subject"])
    if asked["subject_id"]:
        entries = entries.filter(subject_id=asked["subject_id"].strip())
    return entries


class _Echo:
    """A file that returns what is written to it: what ``csv`` writes can be streamed."""

    def write(self, line: str) -> str:
        return line


def _lines(entries: DisclosureQuerySet) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow(
        [
            _("時間"),
            _("查閱人帳號"),
            _("查閱人"),
            _("職務"),
            _("資料種類"),
            _("資料編號"),
            _("欄位"),
            _("目的"),
            _("來源位址"),
        ]
    )
    for entry in entries.iterator(chunk_size=2000):
        cells = [
            entry.at.astimezone(clock.TAIPEI).isoformat(timespec="seconds"),
            entry.actor.username,
            entry.actor.name,
            entry.capacity,
            subject_label(entry.subject),
            entry.subject_id,
            _("、").join(field_labels(entry.subject, entry.fields)),
            entry.purpose,
            entry.client,
        ]
        yield writer.writerow([_harmless(cell) for cell in cells])


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: people type names and purposes, and auditors open the file."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
