"""The very records that a figure counts."""

from __future__ import annotations

import functools
from datetime import date, datetime

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from figures import queries
from figures.pages.common import View, chosen_context, chosen_dims, figure_door
from figures.permissions import READ_ALL, may_list
from figures.registry import Counted, Figure, Period, registry
from foundation.export import csv_response
from foundation.templatetags.city import roc_datetime, roc_short
from identity.doors import refused, to_sign_in

ON_A_PAGE = 50


def records_door(view: View) -> View:
    """A door of one figure's records: open to whoever may read the figure, but where the records are not public."""

    @figure_door
    @functools.wraps(view)
    def guarded(request: HttpRequest, figure: Figure, period: Period) -> HttpResponse:
        if not isinstance(figure, Counted) or may_list(request.user, figure):
            return view(request, figure, period)
        return refused(request, READ_ALL) if request.user.is_authenticated else to_sign_in(request)

    return guarded


@records_door
def records(request: HttpRequest, figure: Figure, period: Period) -> HttpResponse:
    """``/figures/<code>/<period>/records/?district=…``: the records, fifty a page, in the declared columns."""
    counted, dims = _counted(request, figure, period)
    page = Paginator(queries.records(counted.code, period, **dims), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "figure": counted,
        "period": period,
        "topic": registry.topic_of(counted),
        **chosen_context(dims),
        "reading": queries.value(counted.code, period, **dims),
        "page": page,
        "rows": [
            {
                "url": counted.record_url(record) if counted.record_url else None,
                "cells": [{"label": column.label, "value": _shown(column.value(record))} for column in counted.columns],
            }
            for record in page
        ],
    }
    return render(request, "figures/records.html", context)


@records_door
def download(request: HttpRequest, figure: Figure, period: Period) -> HttpResponse:
    """All of them as CSV, streamed."""
    counted, dims = _counted(request, figure, period)
    found = queries.records(counted.code, period, **dims).iterator(chunk_size=2000)
    lines = ([column.value(record) for column in counted.columns] for record in found)
    return csv_response(f"{counted.code}-{period}-records.csv", [str(c.label) for c in counted.columns], lines)


def _shown(value: object) -> object:
    """Days and moments in the reader's calendar; the rest as it is."""
    if isinstance(value, datetime):
        return roc_datetime(value)
    return roc_short(value) if isinstance(value, date) else value


def _counted(request: HttpRequest, figure: Figure, period: Period) -> tuple[Counted, dict[str, str]]:
    if not isinstance(figure, Counted) or period.grain not in registry.grains_of(figure):
        raise Http404(f"{figure.code} is not taken from records of {period}")
    return figure, chosen_dims(request, figure)
