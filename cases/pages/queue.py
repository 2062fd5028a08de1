"""The queue: what my unit has promised, the next deadline on top."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cases.models import Case, Contribution, Endorsement, SavedView
from cases.models.case import Channel
from cases.pages.filters import CaseFilter
from cases.querysets import CaseQuerySet, CountOf, ListOf, Moments, Tally, near_counts
from cases.registry import registry
from cases.wording import unit_in_full
from foundation.clock import TAIPEI, now, today
from foundation.export import csv_response
from foundation.roc import roc_datetime
from foundation.templatetags.city import promise
from identity.doors import door
from organisation import directory, storm
from organisation.permissions import grants_of

PAGE = 50


def _end_of_today() -> datetime:
    return datetime.combine(today() + timedelta(days=1), time(), TAIPEI)


# The lists of the rail: name, label, condition. The first is where the day begins.
LISTS: dict[str, tuple[Any, Callable[[Moments], Q]]] = {
    "todo": (gettext_lazy("待處理"), lambda _at: Q(done_at=None, paused_at=None)),
    "today": (gettext_lazy("今日到期"), lambda at: Q(done_at=None, paused_at=None, due_at__lt=at.tomorrow)),
    "late": (gettext_lazy("逾期"), lambda at: Q(done_at=None, paused_at=None, due_at__lt=at.now)),
    "waiting": (gettext_lazy("暫停中"), lambda _at: Q(done_at=None, paused_at__isnull=False)),
    "moved": (gettext_lazy("退回與改分"), lambda _at: Q(done_at=None, transfers__gt=0)),
    "disputed": (gettext_lazy("待研考裁定"), lambda _at: Q(state="disputed")),
    "done": (gettext_lazy("待結案"), lambda _at: Q(done_at__isnull=False)),
}
COUNTED = {name: condition for name, (_label, condition) in LISTS.items()} | {
    "mine": lambda at: Q(officer_id=at.me, done_at=None),
    "soon": lambda at: Q(due_at__gte=at.now, due_at__lt=at.soon, done_at=None, paused_at=None),
    "unsettled": lambda _at: Q(),
}


def _moments(user) -> Moments:
    return Moments(now(), now() + timedelta(hours=1), _end_of_today(), user.pk)


def rail_told(cases: CaseQuerySet, user) -> dict[str, Any]:
    """How many lie in each list of the rail, how many signatures and contributions await this person (``awaiting``,
    ``asked``; without the right nothing is counted), and the saved ``views``: all in one statement."""
    told = cases.unsettled().aggregate(
        counted=Tally(COUNTED, _moments(user)),
        awaiting=CountOf(Endorsement.objects.awaiting(user).values("pk")),
        asked=CountOf(Contribution.objects.visible_to(user).open().values("pk")),
        views=ListOf(
            SavedView.objects.visible_to(user).order_by("pk").values(
                row=JSONObject(pk="pk", name="name", query="query", unit_id="unit_id", owner_id="owner_id")
            )
        ),
    )  # fmt: skip
    return told | told.pop("counted")


def rail(request: HttpRequest, at: str = "") -> dict:
    """The context of the rail: lists with their counts, and the saved views that this person may use."""
    counts = rail_told(Case.objects.visible_to(request.user), request.user)
    place, grants = workplace(request.user), grants_of(request.user)
    return {
        "at": at,
        "counts": counts,
        "lists": [(name, label, counts[name]) for name, (label, _q) in LISTS.items()],
        "views": [SavedView(**row) for row in counts["views"]],
        "may_see_workload": bool(grants.scope("workload:read")),
        "may_see_contacts": bool(grants.scope("cases:view_contact")),
        "may_see_routing": grants.has("city:routing:read"),
        "may_see_models": grants.has("city:models:read"),
        "may_see_retention": grants.has("city:retention:read"),
        "may_approve": bool(grants.scope("cases:approve")),
        "may_contribute": bool(grants.scope("contributions:give")),
        "awaiting": counts["awaiting"],
        "asked_of_us": counts["asked"],
        "desk_pages": [
            page for family in registry.families.values() for page in family.pages if grants.has(page.permission)
        ],
        "workplace": place,
        "several_units": not place or bool(grants.scope("cases:read").agencies),
    }


def workplace(user) -> str:
    """The one unit or agency whose cases a person sees, in words; empty for whoever sees several."""
    scope = grants_of(user).scope("cases:read")
    units = [u for u in directory.units().values() if u.pk in scope.units and u.parent_id not in scope.units]
    agencies = {str(u.agency) for u in directory.units().values() if u.agency_id in scope.agencies}
    if scope.city or len(units) + len(agencies) != 1:
        return ""
    return agencies.pop() if agencies else unit_in_full(units[0])


def chosen(request: HttpRequest) -> tuple[CaseQuerySet, CaseFilter, str]:
    """The cases that the address asks for, the filter form, and the list's name."""
    at = request.GET.get("list", "todo")
    form = CaseFilter(request.GET, user=request.user)
    cases = Case.objects.visible_to(request.user)
    if at == "all":
        cases = form.apply(cases).order_by("-received_at", "-pk")
    else:
        at = at if at == "mine" or at in LISTS else "todo"
        cases = form.apply(cases.unsettled().filter(COUNTED[at](_moments(request.user)))).by_deadline()
    return cases, form, at


@door("unit:cases:read")
def queue(request: HttpRequest) -> HttpResponse:
    """``/desk/``: one page of 50, always the same number of statements."""
    if "q" in request.GET and "list" not in request.GET:
        # Whoever searches means everything, not only what is due.
        request.GET = request.GET.copy()
        request.GET["list"] = "all"
    cases, form, at = chosen(request)
    page = _page_number(request)
    rows = list(cases.page((page - 1) * PAGE, page * PAGE + 1))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    counted = [] if storm.is_on() else [case.pk for case in rows if case.lat is not None and not case.done_at]
    near = near_counts(counted)
    query = request.GET.copy()
    query.pop("page", None)
    rail_context = rail(request, at)
    return render(
        request,
        "cases/queue.html",
        rail_context
        | {
            "rows": [_in_words(case, near.get(case.pk, 0)) for case in rows],
            "filter": form,
            "title": {"all": _("全部案件"), "mine": _("我承辦的")}.get(at) or LISTS[at][0],
            "page": page,
            "more": more,
            "query": query.urlencode(),
            "total": rail_context["counts"].get(at),
            "may_export": bool(grants_of(request.user).scope("cases:export")),
            "filtered": form.is_used,
            "own_view": next(
                (v for v in rail_context["views"] if v.owner_id == request.user.pk and v.shows(query.urlencode())), None
            ),
        },
    )


def _in_words(case: Case, near: int) -> dict:
    """A row as the page prints it: fifty times what a template looks up and translates is most of the page's time."""
    place = case.place or case.beginning  # a petition without a place is told from others by what it says
    return {
        "address": reverse("case", args=[case.number]),
        "number": case.number,
        "kind": case.kind.label,
        "place": place if len(place) <= 60 else f"{place[:59]}…",
        "near": near,
        "reopened": case.reopened,
        "promise": promise(case.clock(), "slim"),
        "state": case.now_in.label,
        "transfers": case.transfers,
        "refusals": case.refusals,
        "officer": case.officer.name if case.officer else "—",
        "unit": case.unit,
    }


def _page_number(request: HttpRequest) -> int:
    raw = request.GET.get("page", "1")
    return min(max(int(raw), 1), 10_000) if raw.isdecimal() else 1


@door("unit:cases:export")
def export(request: HttpRequest) -> HttpResponse:
    """The list as CSV, with the same filter; streamed, so that its length does not matter. No personal data."""
    cases, _form, at = chosen(request)
    cases = cases & Case.objects.visible_to(request.user, "cases:export")
    header = [
        _("案件編號"), _("種類"), _("狀態"), _("管道"), _("行政區"), _("地點"), _("內容"), _("主責機關"), _("主責單位"),
        _("受理時間"), _("期限"), _("完成時間"), _("期限內完成"), _("處理結果"), _("改分次數"), _("滿意度"),
    ]  # fmt: skip
    return csv_response(f"cases-{at}-{today():%Y%m%d}.csv", header, _export_rows(cases))


def _export_rows(cases: CaseQuerySet) -> Iterator[list]:
    for case in cases.select_related("unit__agency", "district").iterator(chunk_size=2000):
        yield [
            case.number, case.kind.label, case.now_in.label, Channel(case.channel).label,
            str(case.district or ""), case.address, case.description, str(case.unit.agency), str(case.unit),
            roc_datetime(case.received_at), _or_empty(case.due_at), _or_empty(case.done_at),
            {True: _("是"), False: _("否"), None: ""}[case.on_time], case.get_outcome_display(), case.transfers,
            case.rating or "",
        ]  # fmt: skip


def _or_empty(at: datetime | None) -> str:
    return roc_datetime(at) if at else ""


@door("unit:workload:read")
def workload(request: HttpRequest) -> HttpResponse:
    """Load and lateness of each officer, for the head: three statements, whatever the number of officers."""
    result = storm.last_result(("workload", request.user.pk, get_language()), lambda: _loads(request.user))
    context = {"rows": result.value, "kept_at": result.at if result.is_kept else None}
    return render(request, "cases/workload.html", rail(request, "workload") | context)


def _loads(user) -> list[dict]:
    cases = Case.objects.visible_to(user, "workload:read")
    month = now() - timedelta(days=30)
    open_, kept = Q(closed_at=None, done_at=None), Q(done_at__gte=month)
    rows = (
        cases.filter(open_ | kept)
        .values("unit_id", "officer_id", "officer__name")
        .annotate(
            open=Count("pk", filter=open_),
            late=Count("pk", filter=open_ & Q(paused_at=None, due_at__lt=now())),
            today=Count("pk", filter=open_ & Q(paused_at=None, due_at__lt=_end_of_today())),
            waiting=Count("pk", filter=open_ & Q(paused_at__isnull=False)),
            done=Count("pk", filter=kept),
            on_time=Count("pk", filter=kept & Q(on_time=True)),
        )
        .order_by("-late", "-open", "unit__name", "officer__name")[:500]
    )
    rows = list(rows)
    most = max((row["open"] for row in rows), default=0) or 1
    for row in rows:
        unit = directory.unit_by_id(row["unit_id"])
        row["unit"] = unit_in_full(unit)
        row["share"] = row["open"] / most
        row["kept_share"] = row["on_time"] / row["done"] if row["done"] else None
        row["link"] = "?" + urlencode({"list": "all", "officer": row["officer_id"] or "none", "state": "open"})
    return rows
