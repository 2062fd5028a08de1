"""A year long past with a handful of cases whose counts are known by heart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cases.actions.performing import perform
from cases.models import Case
from foundation.clock import TAIPEI

LINGYA, SANMIN = {"lon": 120.3121, "lat": 22.6205}, {"lon": 120.3000, "lat": 22.6500}

# (month, kind, where, hours until it was done, channel). Potholes are promised in 4 hours, noise in 7 working days.
HAPPENED = (
    (1, "pothole", LINGYA, 2, "web"),
    (1, "pothole", LINGYA, 3, "phone"),
    (1, "noise", LINGYA, 30, "web"),
    (3, "pothole", SANMIN, 9, "app"),  # late
    (3, "street_light", SANMIN, 5, "web"),
    (8, "pothole", LINGYA, 1, "app"),
    (8, "petition", SANMIN, 48, "letter"),
    (8, "petition", SANMIN, None, "web"),  # never answered
)
DISPATCHES, PETITIONS, APP, DONE, ON_TIME, LATE_DONE = 5, 3, 2, 7, 6, 1
BY_MONTH = {1: 3, 3: 2, 8: 3}


def file_2022(report: Callable[..., Case], staff: Callable[..., Any]) -> list[Case]:
    """File and finish them, as the doors would have; the figures are not counted yet."""
    heads: dict[str, Any] = {}
    cases = []
    for month, kind, where, hours, channel in HAPPENED:
        received = datetime(2022, month, 8, 9, 0, tzinfo=TAIPEI)  # no holiday
        case = report(kind, received_at=received, channel=channel, email="citizen@example.com", **where)
        if hours is not None:
            head = heads.setdefault(case.unit.code, None) or staff("unit_head", case.unit.code)
            heads[case.unit.code] = head
            done = received + timedelta(hours=hours)
            perform(head, case.pk, "answer", approved=True, text="已處理。", at=done)  # by whoever had to sign
        cases.append(case)
    return cases
