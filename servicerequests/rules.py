"""Pure rules of reporting and tracking. No Django here."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import cos, hypot, log, radians

from cases.rules import METRES_A_DEGREE
from search.rules import normalise

# -- From typed words to a kind -----------

_LATIN = re.compile(r"[a-z0-9]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
# A longer piece of text in common says more than its parts do; a single character says little.
_WEIGHT = {1: 0.25, 2: 1.0, 3: 1.6}
_PHRASE = 4.0  # a whole word of the pack stands in the text
SURE = 2.0  # so many times the runner-up's score
ENOUGH = 2.0  # less than one shared pair of characters that only this kind has is a guess


@dataclass(frozen=True)
class Ranked:
    """A kind that fits a text, with a score that only orders."""

    code: str
    score: float


def grams(text: str) -> dict[str, float]:
    """The pieces of a text that can be compared, with their weights: 1 to 3 Han characters, Latin words, their stems.

    Nothing reaches across punctuation or from one script into another.
    """
    text = normalise(text)
    found: dict[str, float] = {}
    for run in _HAN.findall(text):
        for size, weight in _WEIGHT.items():
            for start in range(len(run) - size + 1):
                found[run[start : start + size]] = weight
    for word in _LATIN.findall(text):
        if len(word) > 2:
            found[word] = 2.0
            found[_stem(word) + "*"] = 1.0
    return found


def _stem(word: str) -> str:
    """A Latin word without its plainest endings: lights, light; trees, tree; parking, parked, park."""
    for ending in ("ing", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    return word.removesuffix("e")


def rank_kinds(text: str, vocabulary: Mapping[str, Iterable[str]]) -> list[Ranked]:
    """The kinds that a text may be about, best first; kinds with nothing in common are left out.

    ``vocabulary`` is kind code to its words and labels. What many kinds have in common counts for little (壞掉 may
    stand in half of them), what one alone has counts fully. Equal scores keep the vocabulary's order, so the result is
    deterministic.
    """
    asked, whole = grams(text), normalise(text)
    known = {code: [normalise(word) for word in words if word] for code, words in vocabulary.items()}
    pieces = {code: set().union(*map(grams, words)) for code, words in known.items()}
    spread: dict[str, int] = {}
    for own in pieces.values():
        for piece in own:
            spread[piece] = spread.get(piece, 0) + 1
    rarity = {piece: log(1 + len(known) / count) / log(1 + len(known)) for piece, count in spread.items()}
    scores: list[Ranked] = []
    for code, own in pieces.items():
        score = sum(weight * rarity[piece] for piece, weight in asked.items() if piece in own)
        score += sum(_PHRASE for word in set(known[code]) if _says(whole, word))
        if score > 0:
            scores.append(Ranked(code, round(score, 6)))
    return sorted(scores, key=lambda ranked: -ranked.score)


def _says(text: str, word: str) -> bool:
    """Whether a word stands in a text: a Han one of two characters or more as it is, a Latin one by its stems."""
    if word.isascii():
        stems = set(map(_stem, _LATIN.findall(word)))
        return bool(stems) and stems <= set(map(_stem, _LATIN.findall(text)))
    return len(word) > 1 and word in text


def is_sure(ranked: list[Ranked]) -> bool:
    """Whether the first of a ranking stands out enough to be named as what the text is about."""
    if not ranked or ranked[0].score < ENOUGH:
        return False
    return len(ranked) == 1 or ranked[0].score >= SURE * ranked[1].score


# -- Numbers and codes as people write them -----------

_NUMBER = re.compile(r"([A-Z])([0-9]{2,3})-([0-9]{1,9})")
_RUN_TOGETHER = re.compile(r"([A-Z])([0-9]{2,3})([0-9]{7})")


def tidy_number(typed: str) -> str:
    """A case number as the city writes it, from what somebody typed: ``ｄ111 - 99781`` gives ``D111-0099781``.

    What is no such number comes back in capitals, for the message that it was not found.
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", typed)).upper()
    text = re.sub(r"[‐‑‒–—―−_]", "-", text)
    found = _NUMBER.fullmatch(text) or _RUN_TOGETHER.fullmatch(text)
    if not found:
        return text[:40]
    series, year, running = found.groups()
    return f"{series}{year}-{running.zfill(7)}"


def spell_code(code: str) -> str:
    """A secret code in groups of four, for reading it out: ``7K4M-9QXR``."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


# -- Points -----------

_POINT = re.compile(r"\(?\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*[,，、 ]\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*\)?")


def read_point(text: str) -> tuple[float, float]:
    """Longitude and latitude from ``22.6273, 120.3014``, as maps on phones copy it, or the other way round.

    Raises ValueError for anything else. Which of the two is which the numbers say themselves: no latitude is above 90.
    """
    found = _POINT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        raise ValueError(f"not a point: {text!r}")
    lat, lon = float(found[1]), float(found[2])
    if abs(lat) > 90:
        lat, lon = lon, lat
    if abs(lat) > 90 or abs(lon) > 180:
        raise ValueError(f"not on earth: {text!r}")
    return lon, lat


def write_point(lon: float, lat: float) -> str:
    """``22.627300, 120.301400``: latitude first, as people know it; six digits are 11 cm."""
    return f"{lat:.6f}, {lon:.6f}"


# -- The same matter again -----------


def likeness(one: str, other: str) -> float:
    """How much two texts say the same, 0 to 1: twice what they share of pairs of characters and of words, over both
    (Dice). Symmetric; 1 for equal texts; 0 where either says nothing."""
    pieces = [{piece for piece in grams(text) if len(piece) > 1} for text in (one, other)]
    total = sum(map(len, pieces))
    return 2 * len(pieces[0] & pieces[1]) / total if all(pieces) else 0.0


# -- Words in a messenger -----------

_COMMANDS: dict[str, tuple[str, str]] = {
    "通報": ("report", "zh-hant"), "我要通報": ("report", "zh-hant"), "report": ("report", "en"),
    "進度": ("state", "zh-hant"), "查進度": ("state", "zh-hant"), "status": ("state", "en"),
    "連結": ("link", "zh-hant"), "link": ("link", "en"),
    "關注": ("follow", "zh-hant"), "follow": ("follow", "en"),
    "解除": ("unlink", "zh-hant"), "unlink": ("unlink", "en"),
    "我的案件": ("mine", "zh-hant"), "cases": ("mine", "en"),
    "送出": ("send", "zh-hant"), "send": ("send", "en"),
    "取消": ("cancel", "zh-hant"), "cancel": ("cancel", "en"),
    "說明": ("help", "zh-hant"), "help": ("help", "en"),
}  # fmt: skip


def line_command(text: str) -> tuple[str, str, str]:
    """The command that a message begins with, its language, and what follows; an empty command for other words.

    A command stands alone or before a blank: 「通報路燈」 is a sentence about a report, 「通報 路燈不亮」 begins one.
    """
    first, _blank, rest = unicodedata.normalize("NFKC", text).strip().partition(" ")
    command, language = _COMMANDS.get(first.casefold(), ("", ""))
    return command, language, rest.strip() if command else ""


# -- The order of a crew's way -----------

SOON = timedelta(hours=1)  # what is due by then is not put off for a shorter way

type Place = tuple[float, float]  # longitude and latitude


@dataclass(frozen=True)
class Stop:
    """Where a job is and until when; either may be unknown."""

    place: Place | None = None
    due: datetime | None = None


def way(stops: Sequence[Stop], at: datetime, start: Place | None = None) -> list[int]:
    """The order in which to drive to ``stops``, as their indexes: first what is late or due within the hour, then the
    rest, each part by the shortest way that nearest neighbour and 2-opt find from where the one before it ended.

    Without ``start`` the way begins at what is due first. A stop without a place stands at the head of the urgent part
    (somebody must ring up and ask) or at the end of the other. Same stops, same order.
    """
    by_deadline = sorted(range(len(stops)), key=lambda i: (stops[i].due is None, stops[i].due or at, i))
    soon = [i for i in by_deadline if (due := stops[i].due) is not None and due <= at + SOON]
    rest = [i for i in by_deadline if i not in set(soon)]
    order = [i for i in soon if stops[i].place is None]
    for part in (soon, rest):
        placed = [(i, place) for i in part if (place := stops[i].place) is not None]
        driven = _shortened(_nearest_first(placed, start), start)
        order += [i for i, _place in driven]
        start = driven[-1][1] if driven else start
    return order + [i for i in rest if stops[i].place is None]


def _flat(a: Place, b: Place) -> float:
    """Metres between two points of a city, where the earth is flat."""
    return hypot((a[1] - b[1]) * 111_320, (a[0] - b[0]) * 111_320 * cos(radians(a[1])))


def length(places: Iterable[Place]) -> float:
    """Metres of a way from place to place."""
    return sum(_flat(a, b) for a, b in pairwise(places))


def _nearest_first(placed: list[tuple[int, Place]], start: Place | None) -> list[tuple[int, Place]]:
    if not placed:
        return []
    left, driven = list(placed), []
    here: Place = start or placed[0][1]
    while left:
        following = min(left, key=lambda stop: (_flat(here, stop[1]), stop[0]))
        left.remove(following)
        driven.append(following)
        here = following[1]
    return driven


def _shortened(driven: list[tuple[int, Place]], start: Place | None) -> list[tuple[int, Place]]:
    """2-opt on an open way: turn a piece round as long as that makes the whole shorter. Without a start the first
    stop stays the first."""
    fixed = 0 if start else 1
    better = True
    while better:
        better = False
        for i in range(fixed, len(driven) - 1):
            before = driven[i - 1][1] if i else start
            for j in range(i + 1, len(driven)):
                after = driven[j + 1][1] if j + 1 < len(driven) else None
                first, last = driven[i][1], driven[j][1]
                old = (_flat(before, first) if before else 0) + (_flat(last, after) if after else 0)
                new = (_flat(before, last) if before else 0) + (_flat(first, after) if after else 0)
                if new < old - 0.001:
                    driven[i : j + 1] = driven[i : j + 1][::-1]
                    better = True
                    break
    return driven


# -- Which reports belong to an incident -----------


@dataclass(frozen=True)
class Gathering:
    """By what an incident gathers its reports: where, of which kinds, and received when. An empty part asks nothing.

    At most one of ``districts``, ``circle`` (longitude, latitude, metres) and ``polygon`` (corners) says where; without
    any it is the whole city. A report without a point lies in no circle and no polygon.
    `servicerequests.querysets.gathered` says the same to the database.
    """

    since: datetime
    until: datetime | None = None
    kinds: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    circle: tuple[float, float, float] | None = None
    polygon: tuple[tuple[float, float], ...] = ()

    def takes(self, kind: str, district: str | None, point: tuple[float, float] | None, received: datetime) -> bool:
        """Whether a report belongs to it."""
        if received < self.since or (self.until is not None and received >= self.until):
            return False
        if (self.kinds and kind not in self.kinds) or (self.districts and district not in self.districts):
            return False
        if self.circle:
            return point is not None and in_circle(point, self.circle)
        return not self.polygon or (point is not None and in_polygon(point, self.polygon))


def in_circle(point: tuple[float, float], circle: tuple[float, float, float]) -> bool:
    """Whether a point lies within so many metres of another, on the plane that touches the earth there: within a city
    that is right to a metre."""
    lon, lat, metres = circle
    east = (point[0] - lon) * METRES_A_DEGREE * cos(radians(lat))
    north = (point[1] - lat) * METRES_A_DEGREE
    return east * east + north * north <= metres * metres


def in_polygon(point: tuple[float, float], corners: tuple[tuple[float, float], ...]) -> bool:
    """Whether a point lies inside a polygon: a ray from it to the east crosses the outline an odd number of times."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


# -- How long intake takes -----------

# Upper bounds in milliseconds; what takes longer than the last one is counted behind it.
BOUNDS = (5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000)


def bucket(milliseconds: float) -> int:
    """The place in a histogram over ``BOUNDS`` of a request that took so long."""
    return bisect_left(BOUNDS, milliseconds)


def percentile(counts: Sequence[int], share: float) -> int | None:
    """The bound (ms) within which this share of the requests of a histogram stayed; None for none counted.

    For those beyond the last bound it is the last one: read it as "or more".
    """
    total, seen = sum(counts), 0
    for place, count in enumerate(counts):
        seen += count
        if total and seen >= share * total:
            return BOUNDS[min(place, len(BOUNDS) - 1)]
    return None
