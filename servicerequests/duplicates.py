"""Beside a case on the desk: what may be the same matter, with the way to join it."""

from __future__ import annotations

from typing import Any

from cases.duplicates import twins
from cases.models import Case
from cases.permissions import may


def panel(case: Case, user: Any) -> dict[str, Any] | None:
    """A part of the case page; nothing without a place, for a case that has ended, or where nothing is like it."""
    if case.lon is None or case.lat is None or case.closed_at:
        return None
    among = Case.objects.visible_to(user)
    found = twins(among, case.kind_code, case.lon, case.lat, case.description, case.received_at, besides=case.pk)
    if not found:
        return None
    merges = case.kind.lifecycle.transition("merge", case.state) is not None and may(user, case, "cases:merge")
    return {"template": "servicerequests/panels/twins.html", "case": case, "twins": found, "may_merge": merges}
