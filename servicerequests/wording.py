"""An incident and its sums in words, for every page that shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.registry import kinds
from foundation.drawing import columns
from organisation import directory
from servicerequests.actions.counting import WHAT, Sums, rate
from servicerequests.models import Incident


def label_of(by: str, code: str) -> str:
    """The words of a district's or kind's code, as the sums have it."""
    if by == "districts":
        return str(directory.district(code) or _("沒有行政區"))
    return kinds()[code].label if code in kinds() else code


def scope_words(incident: Incident) -> list[tuple[str, str]]:
    """Where, of which kinds and when, in words."""
    known = directory.districts()
    if incident.metres:
        where = _("%(point)s 周圍 %(metres)s 公尺") % {
            "point": f"{incident.lat:.5f}, {incident.lon:.5f}", "metres": f"{incident.metres:,}"
        }  # fmt: skip
    elif incident.polygon:
        where = _("自訂邊界，%(n)d 個頂點") % {"n": len(incident.polygon)}
    else:
        where = _("、").join(str(known[code]) for code in incident.districts if code in known) or _("全市")
    of = _("、").join(kinds()[code].label for code in incident.kind_codes if code in kinds()) or _("所有種類")
    return [(_("範圍"), where), (_("案件種類"), of)]


def sums_context(incident: Incident, sums: Sums, *, links: bool = True) -> dict[str, Any]:
    """The sums as tables: each cell with its number and the address of its records."""
    address = reverse("incident-cases", args=[incident.pk])

    def cell(name: str, value: Any, **by: str) -> dict[str, Any]:
        url = f"{address}?{urlencode({'what': name, **by})}" if links else ""
        return {"value": value, "url": url, "label": WHAT[name][0]}

    def row(by: str, each: dict[str, Any]) -> dict[str, Any]:
        key = {"districts": "district", "kinds": "kind"}[by]
        return {
            "code": each["code"],
            "label": label_of(by, each["code"]),
            "cells": [cell(name, each[name], **{key: each["code"]}) for name in WHAT],
            "median": each["median_hours"],
            "rate": rate(each),
        }

    names, hours = ("received", "done"), [hour_label(each["hour"]) for each in sums.hours]
    return {
        "curve": columns(
            hours,
            [str(WHAT[name][0]) for name in names],
            [[Decimal(each[name]) for each in sums.hours] for name in names],
            _("件"),
            stacked=False,
        ) if hours else None,
        "total": [cell(name, sums.total[name]) for name in WHAT],
        "rate": sums.on_time_rate,
        "median": sums.total["median_hours"],
        "hours": [
            {"label": hour_label(each["hour"]), "received": cell("received", each["received"], hour=each["hour"]),
             "done": cell("done", each["done"], hour=each["hour"])}
            for each in sums.hours
        ],
        "peak": {"label": hour_label(sums.peak["hour"]), "n": sums.peak["received"]} if sums.peak else None,
        "districts": [row("districts", each) for each in sums.districts],
        "kinds": [row("kinds", each) for each in sums.kinds],
        "columns": [label for label, _condition in WHAT.values()],
    }  # fmt: skip


def hour_label(hour: str) -> str:
    """``11/30 14:00`` of ``2026-11-30T14``."""
    return f"{hour[5:7]}/{hour[8:10]} {hour[11:13]}:00"
