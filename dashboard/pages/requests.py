"""The board of citizens' requests: every number from `figures`, none counted here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dashboard.rules import change, peak
from figures import queries
from figures.queries import Reading, Row
from figures.registry import MONTH, Period, dimension, figure
from foundation.clock import today
from foundation.export import csv_response
from identity.doors import door
from organisation import storm

RECEIVED, DONE = "servicerequests.requests", "servicerequests.done"
ON_TIME, LATE_DONE, RATE = (
    "servicerequests.done_on_time",
    "servicerequests.done_late",
    "servicerequests.on_time_rate",
)
MEDIAN, OPEN, LATE = "servicerequests.median_hours", "servicerequests.open", "servicerequests.late"
COLUMNS = (RECEIVED, DONE, ON_TIME, RATE, OPEN, LATE)
CARDS = (RECEIVED, RATE, MEDIAN, LATE)
MAPPED = (RECEIVED, DONE, RATE, LATE)
# Whether more of it is good news.
BETTER_UP = {RATE: True, MEDIAN: False, LATE: False}
FIRST_YEAR = 2015
BREAKDOWNS = {
    "month": gettext_lazy("每月"),
    "district": gettext_lazy("各行政區"),
    "kind": gettext_lazy("各種類"),
}


@dataclass(frozen=True)
class Choice:
    """What the address chooses: a year, and maybe one kind or one district."""

    period: Period
    dims: dict[str, str]

    @property
    def query(self) -> str:
        return urlencode({"year": self.period.start.year, **self.dims})


def years_with_records() -> dict[int, int]:
    """The years in which something was received, oldest first, with their number of such months; one statement."""
    years = [Period.year(year) for year in range(FIRST_YEAR, today().year + 1)]
    readings = queries.series(RECEIVED, [month for year in years for month in year.months])
    months = Counter(reading.period.start.year for reading in readings if reading.value)
    return dict(sorted(months.items()))


def _default_year(years: dict[int, int]) -> int:
    """The newest year that has a course to show: with records in at least three months, else the newest."""
    return next((year for year in reversed(years) if years[year] >= 3), max(years, default=today().year))


def choice(request: HttpRequest, years: dict[int, int]) -> Choice:
    """Read the address; what it names and the city does not have is not found."""
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and FIRST_YEAR <= int(asked) <= today().year else _default_year(years)
    dims = {name: request.GET[name] for name in ("kind", "district") if request.GET.get(name)}
    for name, value in dims.items():
        if value not in {member for member, _label in dimension(name).members()}:
            raise Http404(name)
    return Choice(Period.year(year), dims)


@dataclass(frozen=True)
class Card:
    """One big number with its change from the year before."""

    reading: Reading
    before: Reading
    better: bool | None
    compared: bool

    @property
    def change(self) -> Decimal | None:
        # A year without any record is no year to compare with.
        return change(self.reading.value, self.before.value) if self.compared else None

    @property
    def amount(self) -> str:
        """The change without its direction, which words say: ``91,060``, ``1.7``."""
        return "" if self.change is None else f"{round(abs(self.change), 1).normalize():,f}"

    @property
    def is_good(self) -> bool | None:
        if self.better is None or not self.change:
            return None
        return (self.change > 0) == self.better

    @property
    def is_alarm(self) -> bool:
        """Whether the number itself is bad news: something is late."""
        return self.reading.figure.code == LATE and bool(self.reading.value)


def cards(chosen: Choice) -> list[Card]:
    """The numbers on top, this year and the one before."""
    this = queries.values(CARDS, chosen.period, **chosen.dims)
    last = queries.values(CARDS, chosen.period.previous, **chosen.dims)
    compared = bool(last[RECEIVED].value)
    return [Card(this[code], last[code], BETTER_UP.get(code), compared) for code in CARDS]


def breakdown(by: str, chosen: Choice) -> tuple[list[Row], Row]:
    """The columns by month, district or kind, with their total."""
    if by == MONTH:
        months = chosen.period.months
        by_code = [queries.series(code, months, **chosen.dims) for code in COLUMNS]
        rows = [
            Row(str(month), month.short_label, list(readings))
            for month, *readings in zip(months, *by_code, strict=True)
            if month.has_begun
        ]
        total = queries.values(COLUMNS, chosen.period, **chosen.dims)
        return rows, Row(None, _("全年"), [total[code] for code in COLUMNS])
    dims = {name: value for name, value in chosen.dims.items() if name != by}
    table = queries.table(COLUMNS, chosen.period, by, **dims)
    return [row for row in table.rows if any(reading.value for reading in row.readings)], table.total


@door("public:dashboard:read")
def board(request: HttpRequest) -> HttpResponse:
    """``/dashboard/``: a fixed number of statements, whatever the city's size; in a storm mostly none."""
    asked = tuple((name, request.GET.get(name, "")) for name in ("year", "kind", "district", "map"))
    result = storm.last_result(("dashboard", asked, get_language()), lambda: _board(request))
    return render(request, "dashboard/requests.html", result.value | {"kept_at": result.at if result.is_kept else None})


def _board(request: HttpRequest) -> dict[str, Any]:
    years = years_with_records()
    chosen = choice(request, years)
    mapped = request.GET.get("map") if request.GET.get("map") in MAPPED else RECEIVED
    parts = []
    for by, title in BREAKDOWNS.items():
        rows, total = breakdown(by, chosen)
        parts.append({"by": by, "title": title, "rows": rows, "total": total, "sentence": _sentence(rows, RECEIVED)})
    districts = parts[1]["rows"]
    column = COLUMNS.index(mapped)
    return {
        "chosen": chosen,
        "years": list(years),
        "cards": cards(chosen),
        "columns": [figure(code) for code in COLUMNS],
        "months": parts[0],
        "districts": parts[1],
        "kinds": parts[2],
        "areas": {
            "values": {row.member: _number(row.readings[column]) for row in districts if row.member},
            "urls": {
                row.member: f"?{replace(chosen, dims={**chosen.dims, 'district': row.member}).query}"
                for row in districts
                if row.member
            },
            "unit": str(figure(mapped).unit),
        },
        "mapped": figure(mapped),
        "mapped_sentence": _sentence(districts, mapped),
        "maps": [figure(code) for code in MAPPED],
        "filters": [_filter(name, chosen) for name in ("kind", "district")],
        "as_of": queries.up_to_date_at(),
        "definitions": reverse("figures"),
    }


def _number(reading: Reading) -> float:
    return float(reading.value or 0)


def _filter(name: str, chosen: Choice) -> dict:
    found = dimension(name)
    return {"name": name, "label": found.label, "members": list(found.members()), "value": chosen.dims.get(name, "")}


def _sentence(rows: list[Row], code: str) -> str:
    """What a chart or map of one column shows."""
    column = COLUMNS.index(code)
    highest = peak([(row.label, row.readings[column].value) for row in rows])
    shown = figure(code)
    if highest is None:
        return _("這段期間沒有%(what)s。") % {"what": shown.label}
    words = (
        _("%(label)s最高：%(what)s %(n)s %(unit)s。") if code == RATE else _("%(label)s最多：%(what)s %(n)s %(unit)s。")
    )
    return words % {"label": highest[0], "what": shown.label, "n": f"{highest[1]:,}", "unit": shown.unit}


@door("public:dashboard:read")
def download(request: HttpRequest, by: str) -> HttpResponse:
    """The table behind a chart as CSV, with the values as numbers."""
    if by not in BREAKDOWNS:
        raise Http404
    chosen = choice(request, years_with_records())
    rows, total = breakdown(by, chosen)
    header = [str(BREAKDOWNS[by]), *(f"{figure(code).label}（{figure(code).unit}）" for code in COLUMNS)]

    def lines() -> Iterator[list]:
        for row in [*rows, total]:
            yield [row.label, *("" if r.value is None else r.value for r in row.readings)]

    return csv_response(f"requests-{chosen.period}-by-{by}.csv", header, lines())
