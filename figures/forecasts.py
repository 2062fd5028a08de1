"""What figures are likely to come to, where a forecast makes sense.

Counts go by the day (the days of the week differ) and by the month (so do the months of the year); everything else that
has values by the month goes by the month. A forecast is made from what the records say of finished periods; how, is
``holt_winters``, and docs/decisions/0018-forecasts.md says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from figures import queries
from figures.holt_winters import Outlook, outlook
from figures.quality import bounds
from figures.registry import DAY, MONTH, Count, Figure, Period, RuleFigure, registry
from figures.rules import half_up
from foundation.clock import today
from foundation.drawing import Expected

SEASON = {DAY: 7, MONTH: 12}
AHEAD = {DAY: 14, MONTH: 6}
LEAST = {DAY: 84, MONTH: 24}  # periods without a gap: twelve weeks, two years
MOST = {DAY: 365, MONTH: 60}  # what lies further back says little of what comes next


class Likely(NamedTuple):
    """What a period is likely to come to, and between what bounds four of five are; rounded as the figure is."""

    period: Period
    value: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Forecast:
    """The next periods of a figure. ``known`` are the finished periods that it was made from; ``method``, ``error`` and
    ``tried`` are those of ``holt_winters.Outlook``."""

    figure: Figure
    known: tuple[Period, ...]
    points: tuple[Likely, ...]
    method: str
    error: Decimal
    tried: int

    @property
    def until(self) -> Period:
        """The last period that it was made from."""
        return self.known[-1]


def grains(figure: Figure) -> tuple[str, ...]:
    """By which periods a figure can be forecast, the finer first. What a rule lays down is changed by a rule."""
    if isinstance(figure, RuleFigure):
        return ()
    allowed = (DAY, MONTH) if isinstance(figure, Count) else (MONTH,)
    return tuple(grain for grain in allowed if grain in registry.grains_of(figure))


def periods(grain: str, until: date | None = None) -> list[Period]:
    """The finished periods that a forecast looks at, up to a day or yesterday."""
    last = Period.of(grain, min(until or date.max, today() - timedelta(days=1)))
    found = [last if last.is_over and last.end <= (until or date.max) else last.previous]
    while len(found) < MOST[grain]:
        found.append(found[-1].previous)
    return found[::-1]


def forecast(code: str, grain: str, until: date | None = None, **dims: str) -> Forecast | None:
    """The next periods after a day (without one: after yesterday); None where nothing can be said honestly.

    Asks the database as ``queries.series`` does. Raises LookupError for what the figure does not have.
    """
    figure = registry.figure(code)
    if grain not in grains(figure):
        raise LookupError(f"{code} is not forecast by {grain}")
    found = queries.series(code, periods(grain, until), **dims)
    return from_values(figure, [reading.period for reading in found], [reading.current for reading in found])


def from_values(figure: Figure, of: Sequence[Period], values: Sequence[Decimal | None]) -> Forecast | None:
    """The periods after some neighbouring ones whose values are known, in order."""
    grain = of[0].grain
    run = _run(values, SEASON[grain])
    if len(run) < LEAST[grain]:
        return None
    least, most = bounds(figure)
    if least is None and min(run) >= 0:
        least = Decimal(0)
    said = _outlook(
        tuple(map(float, run)), SEASON[grain], AHEAD[grain], *(None if b is None else float(b) for b in (least, most))
    )
    if said is None:
        return None
    points, period = [], of[-1]
    for each in said.points:
        period = period.next
        rounded = (half_up(Decimal(str(number)), figure.decimals) for number in (each.value, each.low, each.high))
        points.append(Likely(period, *rounded))
    error = half_up(Decimal(str(said.error)), 2)
    return Forecast(figure, tuple(of[-len(run) :]), tuple(points), said.method, error, said.tried)


def _run(values: Sequence[Decimal | None], season: int) -> list[Decimal]:
    """The values at the end without a gap: a whole season of nothing is a time from which there are no records."""
    run: list[Decimal] = []
    for value in reversed(values):
        if value is None:  # a rate of nothing: there is no knowing
            break
        run.append(value)
        if not any(run[-season:]) and len(run) >= season:
            run = run[:-season]
            break
    while run and not run[-1]:
        run.pop()
    return run[::-1]


# What is over changes rarely, and a board is read often.
@lru_cache(maxsize=256)
def _outlook(
    series: tuple[float, ...], season: int, ahead: int, least: float | None, most: float | None
) -> Outlook | None:
    return outlook(series, season, ahead, least, most)


def expected(found: Forecast) -> list[Expected]:
    """A forecast as it is drawn."""
    unit = str(found.figure.unit)
    return [
        Expected(
            each.low,
            each.value,
            each.high,
            _("%(when)s推估 %(value)s %(unit)s（%(low)s 至 %(high)s）")
            % {"when": each.period.short_label, "value": each.value, "low": each.low, "high": each.high, "unit": unit},
        )
        for each in found.points
    ]


def legend() -> str:
    """What the dashed line and its band are."""
    return _("推估，與五次裡有四次會落入的範圍")


def plain(found: Forecast | None, figure: Figure, grain: str) -> dict[str, Any]:
    """A forecast for JSON; without values where nothing can be said."""
    return {
        "figure": figure.code,
        "grain": grain,
        "until": str(found.until) if found else None,
        "method": found.method if found else None,
        "error": float(found.error) if found else None,
        "tried": found.tried if found else 0,
        "interval": 0.8,
        "values": [
            {"period": str(each.period), "value": float(each.value), "low": float(each.low), "high": float(each.high)}
            for each in (found.points if found else ())
        ],
    }
