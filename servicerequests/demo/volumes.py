"""How much happens in the demo year, and when. Pure.

At scale 1 the totals are those that the city's report prints for ROC year 111.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

TOTALS = {"petition": 215_876, "dispatch": 99_781}
APP_CASES = 4_351  # among them, through the app

KIND_WEIGHTS = {
    "pothole": 41, "street_light": 27, "traffic_signal": 18, "fallen_tree": 14,
    "illegal_parking": 36, "noise": 27, "waste": 20, "petition": 17,
}  # fmt: skip
CHANNELS = {
    "dispatch": {"phone": 74, "web": 22, "counter": 3, "fax": 1},
    "petition": {"phone": 58, "web": 31, "counter": 6, "letter": 4, "fax": 1},
}
MONTHS = {
    "dispatch": (84, 78, 92, 92, 97, 110, 115, 124, 104, 98, 88, 85),
    "petition": (96, 82, 101, 98, 103, 104, 106, 105, 101, 100, 97, 95),
}
# People report in the day and in the evening; noise at night.
HOURS = (5, 3, 2, 2, 2, 4, 12, 30, 55, 60, 58, 50, 38, 46, 56, 54, 52, 50, 46, 42, 36, 28, 18, 10)
NIGHT_HOURS = (40, 30, 18, 10, 6, 5, 6, 12, 18, 20, 20, 18, 20, 22, 20, 18, 18, 22, 30, 40, 52, 66, 70, 58)
WEEKDAYS = (108, 106, 104, 103, 104, 90, 82)
# Inhabitants of the districts by their official codes, in thousands, rounded: weights, not statistics.
INHABITANTS = {
    "64000010": 23, "64000020": 140, "64000030": 197, "64000040": 190, "64000050": 330, "64000060": 49,
    "64000070": 27, "64000080": 165, "64000090": 180, "64000100": 27, "64000110": 155, "64000120": 355,
    "64000130": 69, "64000140": 112, "64000150": 41, "64000160": 34, "64000170": 95, "64000180": 44,
    "64000190": 97, "64000200": 40, "64000210": 29, "64000220": 7, "64000230": 28, "64000240": 51,
    "64000250": 29, "64000260": 29, "64000270": 13, "64000280": 18, "64000290": 35, "64000300": 35,
    "64000310": 37, "64000320": 12, "64000330": 6, "64000340": 11, "64000350": 13, "64000360": 2,
    "64000370": 4, "64000380": 3,
}  # fmt: skip


class Draw[T]:
    """Draws from weighted values; a bisection a draw."""

    def __init__(self, weights: dict[T, float]) -> None:
        self.values = list(weights)
        self.sums = list(accumulate(weights.values()))

    def __call__(self, rng: Random) -> T:
        return self.values[bisect(self.sums, rng.random() * self.sums[-1])]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One report before it has a place and words."""

    at: datetime
    family: str
    kind: str
    channel: str


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Split a whole number by weights so that the parts add up exactly (largest remainders)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: exact[i] - parts[i], reverse=True)
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def year_of_arrivals(year: int, scale: float, kinds: dict[str, list[str]], rng: Random, zone) -> list[Arrival]:
    """The reports of a common-era year in the order of arrival. ``kinds`` gives the pack's kind codes by family.

    The totals are exact: each family's, and the app's share of them.
    """
    arrivals: list[Arrival] = []
    for family, total in TOTALS.items():
        wanted = round(total * scale)
        codes = kinds.get(family, [])
        if not codes:
            continue
        by_kind = shares(wanted, [KIND_WEIGHTS.get(code, 10) for code in codes])
        days = _days(year)
        per_day = shares(wanted, [MONTHS[family][day.month - 1] * WEEKDAYS[day.weekday()] for day in days])
        pool = [code for code, count in zip(codes, by_kind, strict=True) for _i in range(count)]
        rng.shuffle(pool)
        channel = Draw(CHANNELS[family])
        position = 0
        for day, count in zip(days, per_day, strict=True):
            for code in pool[position : position + count]:
                arrivals.append(Arrival(moment(day, code, rng, zone), family, code, channel(rng)))
            position += count
    app = round(APP_CASES * scale)
    for i in rng.sample(range(len(arrivals)), min(app, len(arrivals))):
        a = arrivals[i]
        arrivals[i] = Arrival(a.at, a.family, a.kind, "app")
    return sorted(arrivals, key=lambda arrival: arrival.at)


_DAY_HOURS, _NIGHT_HOURS = Draw(dict(enumerate(HOURS))), Draw(dict(enumerate(NIGHT_HOURS)))


def moment(day: date, kind: str, rng: Random, zone) -> datetime:
    """A moment of a day at which such a thing is reported."""
    hour = (_NIGHT_HOURS if kind == "noise" else _DAY_HOURS)(rng)
    return datetime(day.year, day.month, day.day, hour, rng.randrange(60), rng.randrange(60), tzinfo=zone)


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=i) for i in range((date(year + 1, 1, 1) - first).days)]
