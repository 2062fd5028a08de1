"""The register of works for everybody: list and map, a page for each work, the whole as CSV."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases.registry import kinds
from cases.wording import promise_in_words
from foundation.clock import today
from foundation.export import csv_response
from foundation.ratelimit import limit
from identity.doors import door
from organisation import directory
from publicworks.actions.finding import TOPIC
from publicworks.actions.matching import WORKS
from publicworks.imports.works import WORKS as IMPORT
from publicworks.imports.works import row_of
from publicworks.models import CitizenReport, Work
from publicworks.models.work import IN_CONSTRUCTION, Stage
from publicworks.querysets import WorkQuerySet
from search.queries import matching

PAGE = 30
ON_MAP = 500  # pins that a phone still draws quickly
REPORTS_SHOWN = 10
ANY = [("", _("不限"))]


class WorkFilter(forms.Form):
    """All fields may be empty; what cannot be read is named and left out, so a wrong address still shows a list."""

    q = forms.CharField(label=_("搜尋"), required=False, max_length=60)
    state = forms.ChoiceField(label=_("辦理階段"), required=False)
    district = forms.ChoiceField(label=_("行政區"), required=False)

    def __init__(self, data) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.fields["state"].choices = [*ANY, ("in_construction", _("在建（施工與停工）")), *Stage.choices]
        self.fields["district"].choices = [*ANY, *((d.code, str(d)) for d in directory.districts().values())]

    @property
    def is_used(self) -> bool:
        """Whether anything was asked for."""
        return any(self.data.get(name) for name in self.fields)

    def apply(self, works: WorkQuerySet) -> WorkQuerySet:
        """The works that the filter lets through."""
        self.is_valid()
        chosen = Q()
        if text := self.cleaned_data.get("q"):
            chosen &= matching(TOPIC, text)
        if state := self.cleaned_data.get("state"):
            chosen &= Q(state__in=IN_CONSTRUCTION) if state == "in_construction" else Q(state=state)
        if district := self.cleaned_data.get("district"):
            chosen &= Q(district_id=district)
        return works.filter(chosen)


def _chosen(request: HttpRequest) -> tuple[WorkQuerySet, WorkFilter]:
    form = WorkFilter(request.GET)
    return form.apply(Work.objects.visible_to(request.user)).newest(), form


def _pin(work: Work, *, current: bool = False) -> dict:
    """A work on the map; its line where it has one."""
    pin = {"lon": work.lon, "lat": work.lat, "title": work.name, "text": work.get_state_display()}
    if work.line:
        pin["line"] = work.line
    return pin | ({"current": True} if current else {"url": work.get_absolute_url()})


@door("public:works:read")
@limit("works", 120)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/works/``: a page of the list, and its works on the map; always the same number of statements."""
    works, form = _chosen(request)
    page = Paginator(works.for_list(), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    on_map = works.filter(lon__isnull=False)[:ON_MAP]
    return render(
        request,
        "publicworks/works.html",
        {
            "page": page,
            "filter": form,
            "filtered": form.is_used,
            "points": [_pin(work) for work in on_map],
            "most": ON_MAP,
            "query": query.urlencode(),
            "today": today(),
        },
    )


@door("public:works:read")
@limit("works", 120)
@require_safe
def work(request: HttpRequest, pk: int) -> HttpResponse:
    """``/works/7/``: the facts of a work, where it is, what was reported about it, and how to report."""
    found = get_object_or_404(Work.objects.visible_to(request.user).for_list(), pk=pk)
    day = today()
    offered = [kind for kind in kinds().values() if kind.active(day) and asks_for_a_work(kind)]
    reports = CitizenReport.objects.about(found)
    return render(
        request,
        "publicworks/work.html",
        {
            "work": found,
            "behind": found.is_behind(day),
            "may_change": Work.objects.changeable_by(request.user).filter(pk=pk).exists(),
            "kinds": [(kind, promise_in_words(kind, day)) for kind in offered],
            "reports": [(report.case, report.case.clock()) for report in reports[:REPORTS_SHOWN]],
            "reported": reports.count(),
            "points": [_pin(found, current=True)] if found.shape else [],
        },
    )


def asks_for_a_work(kind) -> bool:
    """Whether reports of this kind are about a work."""
    return any(field.register == WORKS.code for field in kind.references)


@door("public:works:read")
@limit("works-csv", 10)
@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """``/works.csv``: what the filter chose, with the columns of the import."""
    works, _form = _chosen(request)
    names = [column.name for column in IMPORT.columns]
    rows = (row_of(each) for each in works.for_list().iterator(chunk_size=2000))
    return csv_response("works.csv", names, ([row[name] for name in names] for row in rows))
