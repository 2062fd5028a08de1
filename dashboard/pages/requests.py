"""The board of citizens' requests: every number from `figures`, none counted here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.rules import change, peak
from figures import queries
from figures.queries import Reading, Row
from figures.registry import MONTH, Period, dimension, figure
from foundation.clock import today
from foundation.export import csv_response
from identity.doors import door

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


def years_with_records() -> list[tuple[int, Reading]]:
    """The years in which something was received, oldest first; one statement."""
    years = range(FIRST_YEAR, today().year + 1)
    readings = queries.series(RECEIVED, [Period.year(year) for year in years])
    return [(year, reading) for year, reading in zip(years, readings, strict=True) if reading.value]


def _default_year(years: list[tuple[int, Reading]]) -> int:
    """The newest year that has a course to show: with records in at least three months, else the newest."""
    for year, _reading in reversed(years):
        months = queries.series(RECEIVED, Period.year(year).months)
        if sum(1 for reading in months if reading.value) >= 3:
            return year
    return years[-1][0] if years else today().year


def choice(request: HttpRequest, years: list[tuple[int, Reading]]) -> Choice:
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
    def is_good(self) -> bool | None:
        if self.better is None or not self.change:
            return None
        return (self.change > 0) == self.better


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
    """``/dashboard/``: a fixed number of statements, whatever the city's size."""
    years = years_with_records()
    chosen = choice(request, years)
    mapped = request.GET.get("map") if request.GET.get("map") in MAPPED else RECEIVED
    parts = []
    for by, title in BREAKDOWNS.items():
        rows, total = breakdown(by, chosen)
        parts.append({"by": by, "title": title, "rows": rows, "total": total, "sentence": _sentence(by, rows)})
    districts = parts[1]["rows"]
    column = COLUMNS.index(mapped)
    return render(
        request,
        "dashboard/requests.html",
        {
            "chosen": chosen,
            "years": [year for year, _reading in years],
            "cards": cards(chosen),
            "columns": [figure(code) for code in COLUMNS],
            "months": parts[0],
            "districts": parts[1],
            "kinds": parts[2],
            "areas": {
                "values": {row.member: _number(row.readings[column]) for row in districts if row.member},
                "urls": {
                    row.member: f"?{urlencode({'year': chosen.period.start.year, 'district': row.member})}"
                    for row in districts
                    if row.member
                },
                "unit": str(figure(mapped).unit),
            },
            "mapped": figure(mapped),
            "maps": [figure(code) for code in MAPPED],
            "filters": [_filter(name, chosen) for name in ("kind", "district")],
            "as_of": queries.up_to_date_at(),
            "definitions": reverse("figures"),
        },
    )


def _number(reading: Reading) -> float:
    return float(reading.value or 0)


def _filter(name: str, chosen: Choice) -> dict:
    found = dimension(name)
    return {"name": name, "label": found.label, "members": list(found.members()), "value": chosen.dims.get(name, "")}


def _sentence(by: str, rows: list[Row]) -> str:
    highest = peak([(row.label, row.readings[0].value) for row in rows])
    if highest is None:
        return _("這段期間沒有受理案件。")
    label, most = highest
    return _("%(label)s最多，受理 %(n)s 件。") % {"label": label, "n": f"{most:,}"}


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
