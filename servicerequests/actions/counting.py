"""What the cases of an incident add up to. Each sum is the number of records of a condition, and leads to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DurationField, F, Min, Q
from django.db.models.aggregates import Aggregate
from django.db.models.functions import TruncHour
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.querysets import CaseQuerySet
from foundation.clock import TAIPEI, now
from servicerequests.models import Incident

# What is counted of an incident's cases: label and condition, as in `servicerequests.figures`.
WHAT: dict[str, tuple[Any, Callable[[], Q]]] = {
    "received": (_("受理"), Q),
    "done": (_("完成"), lambda: Q(done_at__isnull=False)),
    "on_time": (_("期限內完成"), lambda: Q(on_time=True)),
    "done_late": (_("逾期完成"), lambda: Q(on_time=False)),
    "open": (_("辦理中"), lambda: Q(done_at__isnull=True, closed_at__isnull=True)),
    "late": (
        _("逾期未完成"),
        lambda: Q(done_at__isnull=True, closed_at__isnull=True, paused_at__isnull=True, due_at__lt=now()),
    ),
}


class _MedianTime(Aggregate):
    """The middle of what lies between receipt and completion."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def cases_of(incident: Incident) -> CaseQuerySet:
    """The cases that belong to an incident now."""
    return Case.objects.public().filter(incidents__incident=incident, incidents__removed_at__isnull=True)


def records(incident: Incident, what: str = "received", district: str = "", kind: str = "", hour: str = ""):
    """The cases behind a number. Raises KeyError for an unknown ``what``, ValueError for an unreadable hour."""
    found = cases_of(incident).filter(WHAT[what][1]())
    if district:
        found = found.filter(district_id=None if district == "-" else district)
    if kind:
        found = found.filter(kind_code=kind)
    if hour:
        start = datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=TAIPEI)
        found = found.filter(received_at__gte=start, received_at__lt=start + timedelta(hours=1))
    return found


MOST_HOURS = timedelta(days=3)


@dataclass(frozen=True)
class Sums:
    """The sums of an incident: ``total`` by the names of ``WHAT`` and ``median_hours``; by hour, district and kind."""

    total: dict[str, Any]
    hours: list[dict[str, Any]]
    districts: list[dict[str, Any]]
    kinds: list[dict[str, Any]]

    @classmethod
    def of(cls, incident: Incident) -> Sums:
        """Count now; four statements, whatever the number of cases."""
        cases = cases_of(incident).order_by()
        counted = {f"n_{name}": Count("pk", filter=condition()) for name, (_label, condition) in WHAT.items()}
        median = {"median": _MedianTime(F("done_at") - F("received_at"))}
        total = _row(cases.aggregate(first=Min("received_at"), **counted, **median))
        by_hour = cases.annotate(hour=TruncHour("received_at", tzinfo=TAIPEI)).values("hour")
        by_hour = by_hour.annotate(received=Count("pk"), done=Count("pk", filter=WHAT["done"][1]())).order_by("hour")
        return cls(
            total,
            [{**row, "hour": f"{row['hour']:%Y-%m-%dT%H}"} for row in _with_lulls(list(by_hour))],
            _rows(cases, "district_id", counted | median),
            _rows(cases, "kind_code", counted | median),
        )

    @property
    def plain(self) -> dict[str, Any]:
        """As kept with the closed incident."""
        return {**self.total, "hours": self.hours, "districts": self.districts, "kinds": self.kinds}

    @classmethod
    def kept(cls, plain: dict[str, Any]) -> Sums:
        """From what was kept at the closing."""
        rest = {name: value for name, value in plain.items() if name not in {"hours", "districts", "kinds"}}
        return cls(rest, plain["hours"], plain["districts"], plain["kinds"])

    @property
    def peak(self) -> dict[str, Any] | None:
        """The hour in which most came in; the first of several."""
        return max(self.hours, key=lambda row: row["received"], default=None)

    @property
    def on_time_rate(self) -> float | None:
        """Of what is done, the part that was done in time."""
        return rate(self.total)


def _with_lulls(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The hours from the first to the last, also those in which nothing came in; of more than some days only those in
    which something did, or the quiet would be all that is seen."""
    if not rows or (span := rows[-1]["hour"] - rows[0]["hour"]) > MOST_HOURS:
        return rows
    known = {row["hour"]: row for row in rows}
    every = (rows[0]["hour"] + timedelta(hours=n) for n in range(span // timedelta(hours=1) + 1))
    return [known.get(hour, {"hour": hour, "received": 0, "done": 0}) for hour in every]


def rate(row: dict[str, Any]) -> float | None:
    """The part of the done that was in time, of one row of sums; None where nothing with a deadline is done."""
    judged = row["on_time"] + row["done_late"]
    return row["on_time"] / judged if judged else None


def _row(row: dict[str, Any]) -> dict[str, Any]:
    # A sum may not bear the name of a column (on_time) while the database counts it.
    row = {name.removeprefix("n_"): value for name, value in row.items()}
    median, first = row.pop("median"), row.pop("first", None)
    row["median_hours"] = round(median.total_seconds() / 3600, 1) if median is not None else None
    if first is not None:
        row["first"] = first.isoformat()
    return row


def _rows(cases: CaseQuerySet, by: str, counted: dict[str, Any]) -> list[dict[str, Any]]:
    rows = cases.values(by).annotate(**counted).order_by(F("n_received").desc(), by)
    return [{"code": row.pop(by) or "-", **_row(row)} for row in rows]
