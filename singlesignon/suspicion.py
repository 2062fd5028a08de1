"""What is unusual about sign-ins, as pure rules: journeys that nobody can make, countries never seen, many failures.

Places are coarse: a network's, as a database of networks has it. So a journey counts only when it is long, and two
networks of one provider may seem far apart; the rules find what is worth a look, and prove nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt

EARTH = 6371.0  # mean radius in km


@dataclass(frozen=True)
class Place:
    """Where a network is: country (ISO 3166-1), latitude and longitude in degrees."""

    country: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Seen:
    """Somebody got in: when, and where from."""

    at: datetime
    place: Place


def kilometres(one: Place, other: Place) -> float:
    """The great circle between two places (haversine)."""
    lat, other_lat = radians(one.lat), radians(other.lat)
    across, along = (other_lat - lat) / 2, radians(other.lon - one.lon) / 2
    return 2 * EARTH * asin(min(1.0, sqrt(sin(across) ** 2 + cos(lat) * cos(other_lat) * sin(along) ** 2)))


def is_impossible(before: Seen, after: Seen, *, speed: float, least: float) -> bool:
    """Whether nobody gets from one place to the other in the time at ``speed`` km/h; never below ``least`` km."""
    distance = kilometres(before.place, after.place)
    hours = abs((after.at - before.at).total_seconds()) / 3600
    return distance >= least and distance > hours * speed


def is_new_country(known: Iterable[str], country: str) -> bool:
    """Whether somebody whose countries are known comes from another one; the first time of all is not unusual."""
    countries = set(known)
    return bool(countries) and country not in countries


@dataclass(frozen=True)
class Burst:
    """Many failures of one subject: how many, from when to when."""

    subject: str
    number: int
    first: datetime
    last: datetime


def bursts(failures: Iterable[tuple[str, datetime]], *, most: int, within: timedelta) -> Iterator[Burst]:
    """The subjects with more than ``most`` failures within a time: each with the fullest such time."""
    moments: Mapping[str, list[datetime]] = defaultdict(list)
    for subject, at in failures:
        moments[subject].append(at)
    for subject, times in sorted(moments.items()):
        number, first, last = _fullest(sorted(times), within)
        if number > most:
            yield Burst(subject, number, first, last)


def _fullest(times: Sequence[datetime], within: timedelta) -> tuple[int, datetime, datetime]:
    start, best = 0, (0, times[0], times[0])
    for end, at in enumerate(times):
        while at - times[start] > within:
            start += 1
        if end - start + 1 > best[0]:
            best = (end - start + 1, times[start], at)
    return best
