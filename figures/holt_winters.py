"""What a series is likely to go on like. Pure: no Django, no database, no clock.

Additive exponential smoothing with a season and a damped trend (Holt 1957, Winters 1960, Gardner & McKenzie 1985), held
against the seasonal naive forecast ("as a season ago"), which is used in its place wherever it errs less. How well a
method does is measured, never assumed: it forecasts the end of the series from ever later days of it, without knowing
what came after. The decision is docs/decisions/0018-forecasts.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from statistics import fmean

SMOOTHED, NAIVE = "smoothed", "naive"
INTERVAL = 0.8  # the part of the errors that the band is as wide as

DAMPING = 0.95  # what is left of the trend after each step
LEVELS = (0.1, 0.05, 0.2, 0.4)  # the first of each is used where the series is too short to choose by
TRENDS = (0.0, 0.02, 0.1)
SEASONS = (0.1, 0.05, 0.2)


@dataclass(frozen=True)
class Point:
    """What is expected, and between what bounds four of five values are."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Outlook:
    """The next values of a series. ``error`` is the mean absolute error of the method in the backtest as a multiple of
    that of the seasonal naive forecast (MASE with it as the scale): 1 where the naive one is used, never above;
    ``tried`` is how many forecasts of the past it was measured by."""

    points: tuple[Point, ...]
    method: str
    error: float
    tried: int


@dataclass(frozen=True)
class _State:
    level: float
    trend: float
    season: tuple[float, ...]  # of the next steps, in order

    def ahead(self, steps: int) -> list[float]:
        found, slope = [], 0.0
        for step in range(steps):
            slope = (slope + self.trend) * DAMPING
            found.append(self.level + slope + self.season[step % len(self.season)])
        return found


def outlook(
    series: Sequence[float], season: int, ahead: int, least: float | None = None, most: float | None = None
) -> Outlook | None:
    """The next ``ahead`` values of a series that repeats itself every ``season`` steps.

    ``least`` and ``most`` are bounds that no value can pass (a count is not below zero). None where the series is
    shorter than two seasons, where too little of it can be tried (a day of tests at least), and where nothing varies.
    """
    tested = tested_steps(len(series), season)
    if len(series) < 2 * season or tested < 1 or min(series) == max(series):
        return None
    trained = len(series) - tested
    chosen = _fitted(series[:trained], season)
    errors: dict[str, list[list[float]]] = {SMOOTHED: [[] for _ in range(ahead)], NAIVE: [[] for _ in range(ahead)]}
    states = dict(enumerate(_states(series, season, *chosen), season))
    for origin in range(trained, len(series)):
        known = series[:origin]
        for method, values in ((SMOOTHED, states[origin].ahead(ahead)), (NAIVE, _naive(known, season, ahead))):
            for step, (said, came) in enumerate(zip(values, series[origin : origin + ahead], strict=False)):
                errors[method][step].append(abs(_within(said, least, most) - came))
    means = {method: fmean(error for step in steps for error in step) for method, steps in errors.items()}
    method = SMOOTHED if means[SMOOTHED] < means[NAIVE] else NAIVE
    values = states[len(series)].ahead(ahead) if method == SMOOTHED else _naive(series, season, ahead)
    points = tuple(
        Point(*(_within(each, least, most) for each in (value, value - wide, value + wide)))
        for value, wide in zip(values, _widths(errors[method]), strict=True)
    )
    error = means[method] / means[NAIVE] if means[NAIVE] else 1.0
    return Outlook(points, method, error, sum(map(len, errors[method])))


def tested_steps(length: int, season: int) -> int:
    """How many of the last steps are forecast to measure a method: a quarter, a season at least, and never so many that
    less than a season is left to learn from."""
    return min(max(length // 4, season), length - season)


def _fitted(series: Sequence[float], season: int) -> tuple[float, float, float]:
    """The weights of level, trend and season that would have erred least, a step ahead, in the known part."""

    def errs(weights: tuple[float, float, float]) -> float:
        said = (state.ahead(1)[0] for state in _states(series, season, *weights))
        return sum((value - came) ** 2 for value, came in zip(said, series[season:], strict=False))

    return min(product(LEVELS, TRENDS, SEASONS), key=errs)


def _states(
    series: Sequence[float], season: int, weight_level: float, weight_trend: float, weight_season: float
) -> Iterator[_State]:
    """What is known after the first season, and after each value that follows."""
    level, trend = fmean(series[:season]), 0.0
    rest = [value - level for value in series[:season]]
    yield _State(level, trend, tuple(rest))
    for value in series[season:]:
        usual = rest.pop(0)
        slope = trend * DAMPING
        before, level = level, weight_level * (value - usual) + (1 - weight_level) * (level + slope)
        trend = weight_trend * (level - before) + (1 - weight_trend) * slope
        rest.append(weight_season * (value - before - slope) + (1 - weight_season) * usual)
        yield _State(level, trend, tuple(rest))


def _naive(known: Sequence[float], season: int, ahead: int) -> list[float]:
    return [known[len(known) - season + step % season] for step in range(ahead)]


def _widths(errors: Sequence[Sequence[float]]) -> Iterator[float]:
    """Half the width of the band at each step: as large as four of five errors were at steps up to it, so that no
    distribution is assumed, and never narrower than at the step before."""
    seen: list[float] = []
    widest = 0.0
    for step in errors:
        seen = sorted([*seen, *step])
        rank = min(ceil(INTERVAL * (len(seen) + 1)), len(seen))
        widest = max(widest, seen[rank - 1])
        yield widest


def _within(value: float, least: float | None, most: float | None) -> float:
    low = value if least is None else max(value, least)
    return low if most is None else min(low, most)
