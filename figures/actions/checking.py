"""The checks as a job: findings are opened when they appear, and ended when they are gone."""

from __future__ import annotations

from django.db import transaction

from figures import quality
from figures.models import Finding, Observation
from foundation.clock import now, today


@transaction.atomic
def check(years: list[int] | None = None) -> int:
    """Check the values of some years, else of this one, the one before, and those of the last five that something is
    stored for; returns how many findings stand."""
    this = today().year
    years = years or sorted({this, this - 1, *(year for year in Observation.objects.years() if year > this - 5)})
    found = {each: each for year in years for each in quality.check(year)}
    at = now()
    for finding in Finding.objects.still_there().filter(period__year__in=years):
        still = found.pop(quality.Found(finding.kind, finding.subject, finding.of_period), None)
        if still is None:
            finding.gone_at = at
        finding.detail = still.detail if still else finding.detail
        finding.save(update_fields=["detail", "gone_at"])
    Finding.objects.bulk_create(
        Finding(
            kind=each.kind, subject=each.subject, grain=each.period.grain, period=each.period.start,
            detail=each.detail, found_at=at,
        )
        for each in found
    )  # fmt: skip
    return Finding.objects.still_there().count()
