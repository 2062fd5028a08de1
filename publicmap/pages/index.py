"""The map and its list: the list is the page, the map lies over it where there are scripts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases.models import Case
from foundation.ratelimit import limit
from identity.doors import door
from publicmap.pages.filters import PERIODS, STAND_LABELS, MapFilter, public_kinds
from publicmap.rules import STAND_OF, STANDS

PAGE = 20
MOST_PAGES = 500  # further back than that people narrow down what they look for


def said(form: MapFilter, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """The parts of the address that say what is asked for."""
    return {
        name: form.data[name] for name in form.fields if form.data.get(name) and name not in (*form.errors, *without)
    }


def in_words(case: Case) -> dict[str, Any]:
    """What a line of the list says of a case: what anybody may know, the place by district and village."""
    stand = STAND_OF[case.state]
    place = " ".join(filter(None, (str(case.district or ""), str(case.village or ""))))
    return {
        "case": case, "stand": stand, "label": STAND_LABELS[stand], "place": place,
        "clock": case.clock() if stand != "history" else None,
    }  # fmt: skip


@door("public:map:read")
@limit("map", 240)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/map/``: three statements, whatever there is."""
    form = MapFilter(request.GET)
    asked = form.asked()
    raw = request.GET.get("page", "1")
    page = min(max(int(raw), 1), MOST_PAGES) if raw.isdecimal() else 1
    newest = asked.cases().order_by("-received_at", "-pk")
    rows = newest.page((page - 1) * PAGE, page * PAGE + 1, "village")
    counts = asked.by_stand()
    query = urlencode(said(form))
    days = form.cleaned_data.get("days") or "30"
    context = {
        "form": form,
        "rows": [in_words(case) for case in rows[:PAGE]],
        "more": len(rows) > PAGE and page < MOST_PAGES,
        "page": page,
        "total": sum(counts.values()),
        "stands": [
            (stand, STAND_LABELS[stand], counts[stand], urlencode(said(form, without=("stand",)) | {"stand": stand}))
            for stand in STANDS
        ],
        "period": PERIODS[days],
        "query": query,
        "whole_city": urlencode(said(form, without=("box",))) if asked.box else "",
        "box": asked.box,
        "feeds": [(name, f"{reverse(f'map-{name}')}?{query}") for name in ("atom", "geojson", "csv")],
        "map": {
            "tiles": "/map/tiles/{z}/{x}/{y}.json?" + urlencode(said(form, without=("box",))),
            "box": str(asked.box or ""),
            "track": reverse("track-number", args=["-"]),
            "kinds": dict(public_kinds()),
            "stands": {stand: str(label) for stand, label in STAND_LABELS.items()},
        },
    }
    return render(request, "publicmap/index.html", context)
