"""The directory in memory: units and districts by code, for paths that may not ask the database each time.

A process reads it again after a minute, so a new unit is known everywhere a minute after the pack was loaded.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from foundation.clock import today
from identity.models import User
from organisation.models import District, Membership, Unit

_KEEP_SECONDS = 60.0
_kept: dict[str, tuple[float, dict]] = {}


def _remembered(name: str, read: Callable[[], dict]) -> dict:
    at, found = _kept.get(name, (0.0, {}))
    if not found or time.monotonic() - at > _KEEP_SECONDS:
        found = read()
        _kept[name] = (time.monotonic(), found)
    return found


def units() -> dict[str, Unit]:
    """The active units by code, each with its agency."""
    return _remembered("units", lambda: {u.code: u for u in Unit.objects.active().select_related("agency")})


def unit(code: str) -> Unit:
    """One unit. Raises KeyError for a code that the directory does not know."""
    return units()[code]


def districts() -> dict[str, District]:
    """The active districts by code, in the pack's order."""
    return _remembered("districts", lambda: {d.code: d for d in District.objects.active()})


def district(code: str | None) -> District | None:
    """One district, or None."""
    return districts().get(code or "")


def heads_of(unit_id: int) -> list[User]:
    """The heads of a unit, or of the next unit above that has one, or of its agency."""
    held = Membership.objects.in_force(today())
    while unit_id:
        if heads := list(User.objects.filter(memberships__in=held.filter(unit_id=unit_id, role="unit_head")).distinct()):
            return heads
        above = Unit.objects.filter(pk=unit_id).values("parent_id", "agency_id").first()
        if above is None or above["parent_id"] is None:
            agency = above["agency_id"] if above else None
            return list(User.objects.filter(memberships__in=held.filter(agency_id=agency, role="agency_head")).distinct())
        unit_id = above["parent_id"]
    return []


def forget() -> None:
    """Read again at the next question (after the pack was loaded in this process, and between tests)."""
    _kept.clear()
