"""From when on something is older than its term. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta

UNITS = ("days", "years")


def cutoff(at: datetime, amount: int, unit: str) -> datetime:
    """What began before this moment has had its term at ``at``; 29 February counts as the 28th in other years.

    Years are those of the calendar (民法 121, 123). ValueError for a negative amount or another unit than ``UNITS``.
    """
    if amount < 0 or unit not in UNITS:
        raise ValueError(f"no such term: {amount} {unit}")
    if unit == "days":
        return at - timedelta(days=amount)
    year = at.year - amount
    return at.replace(year=year, day=min(at.day, monthrange(year, at.month)[1]))
