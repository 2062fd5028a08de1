"""Routing: which unit answers for a report, as dated rules. Pure: no Django, no database, no clock.

A route is a rule with conditions; an empty condition holds for everything. Of the routes that hold the one of the
highest priority decides. Two of the same priority that can both hold and lead to different units are a clash, which is
refused when rules are written; so their order never matters. Each kind has a route without other conditions, from the
city pack, so there is always an answer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from itertools import combinations
from typing import Any

from search.rules import normalise

# -- Roads -----------

# What each class is called on a sign, the narrowest first: an address in a lane off a road lies in the lane.
_ENDINGS = (
    ("alley", "弄衖"),
    ("lane", "巷"),
    ("street", "街"),
    ("boulevard", ("大道",)),
    ("road", "路"),
)
_NUMBERED = (
    ("national", re.compile(r"國道|高速公路|高速道路|快速道路|快速公路")),
    ("provincial", re.compile(r"省道|台[0-9]{1,2}[甲乙丙丁戊己庚辛]?線")),
    ("county", re.compile(r"[縣市]道|[縣市高][0-9]{1,3}[甲乙丙]?線")),
)
# City, district and village in front: 路竹區 is no road, 後巷里 no lane.
_AREA = re.compile(r"^(?:[0-9]{3,6})?(?:\w{2}[市縣](?!道))?(?:[^0-9\W]{1,3}[區鄉鎮])?(?:[^路街0-9\W]{1,3}里)?")
_NAME = re.compile(r"([^0-9、，,與和及()（）\s]+?(?:大道|路|街)(?:[一二三四五六七八九十0-9]+段)?)")


def road_class(address: str, district: str = "", table: Mapping[tuple[str, str], str] | None = None) -> str:
    """What kind of road an address lies on: one of ``organisation.pack.routing.ROAD_CLASSES``, or "" for unknown.

    By the names: 國道 and 台17線 by their numbers, else the narrowest part: 中正路12巷3號 lies in a lane.
    Only of the roads themselves a ``table`` of the city pack, by (district, road) or ("", road), knows better.
    """
    text = _AREA.sub("", normalise(address), count=1)
    for name, pattern in _NUMBERED:
        if pattern.search(text):
            return name
    found = next((name for name, endings in _ENDINGS if any(ending in text for ending in endings)), "")
    if table and found in {"street", "boulevard", "road"} and (named := _NAME.search(text)):
        return table.get((district, named[1])) or table.get(("", named[1])) or found
    return found


# -- Routes -----------


@dataclass(frozen=True)
class Facts:
    """What is known of a report when it comes in. ``at`` is local time; ``working``: whether the offices are open."""

    kind: str
    district: str
    address: str
    text: str
    at: datetime
    working: Callable[[], bool]
    roads: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def road_class(self) -> str:
        return road_class(self.address, self.district, self.roads)

    @cached_property
    def words(self) -> str:
        return normalise(self.text)

    @cached_property
    def is_working(self) -> bool:
        return self.working()


@dataclass(frozen=True)
class Route:
    """One rule. ``hours``: "working", "off", ""; ``opens`` to ``closes`` may pass midnight; ``words``: any of them."""

    code: str
    unit: str
    priority: int
    source: str
    since: date = date.min
    until: date | None = None
    kinds: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    road_classes: frozenset[str] = frozenset()
    hours: str = ""
    opens: time | None = None
    closes: time | None = None
    words: tuple[str, ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Whether all conditions are met."""
        day = facts.at.date()
        return (
            (not self.kinds or facts.kind in self.kinds)
            and self.since <= day
            and (self.until is None or day <= self.until)
            and (not self.districts or facts.district in self.districts)
            and (self.opens is None or any(a <= facts.at.time() < b for a, b in self._spans()))
            and (not self.road_classes or facts.road_class in self.road_classes)
            and (not self.words or any(word in facts.words for word in self._words))
            and (not self.hours or facts.is_working == (self.hours == "working"))
        )

    def may_meet(self, other: Route) -> bool:
        """Whether some report could meet the conditions of both. Words are taken to be able to stand in one text."""
        return (
            _meet(self.kinds, other.kinds)
            and _meet(self.districts, other.districts)
            and _meet(self.road_classes, other.road_classes)
            and not (self.hours and other.hours and self.hours != other.hours)
            and self.since <= (other.until or date.max)
            and other.since <= (self.until or date.max)
            and (
                self.opens is None
                or other.opens is None
                or any(a < d and c < b for a, b in self._spans() for c, d in other._spans())
            )
        )

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(map(normalise, self.words))

    def _spans(self) -> list[tuple[time, time]]:
        assert self.opens is not None and self.closes is not None
        if self.opens < self.closes:
            return [(self.opens, self.closes)]
        return [(self.opens, time.max), (time.min, self.closes)]

    def to_json(self) -> dict[str, Any]:
        """The rule as it is kept and as packs write it: lists, ISO dates, times as 08:00."""
        kept = asdict(self)
        for name in ("kinds", "districts", "road_classes"):
            kept[name] = sorted(kept[name])
        return kept | {
            "words": list(self.words),
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else "",
            "opens": f"{self.opens:%H:%M}" if self.opens else "",
            "closes": f"{self.closes:%H:%M}" if self.closes else "",
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Route:
        """The rule that was kept. Raises KeyError or ValueError for anything else."""
        return cls(
            code=kept["code"],
            unit=kept["unit"],
            priority=int(kept["priority"]),
            source=kept["source"],
            since=date.fromisoformat(kept["since"]),
            until=date.fromisoformat(kept["until"]) if kept.get("until") else None,
            kinds=frozenset(kept.get("kinds", ())),
            districts=frozenset(kept.get("districts", ())),
            road_classes=frozenset(kept.get("road_classes", ())),
            hours=kept.get("hours", ""),
            opens=time.fromisoformat(kept["opens"]) if kept.get("opens") else None,
            closes=time.fromisoformat(kept["closes"]) if kept.get("closes") else None,
            words=tuple(kept.get("words", ())),
        )


def _meet(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return not ours or not theirs or not ours.isdisjoint(theirs)


class Routing:
    """A set of routes under a version; what is given in another order is the same set.

    Which of two that clash decides is settled all the same (by code): rules that were in force when a new pack brought
    the clash go on. Whoever writes rules asks ``clashes`` first.
    """

    def __init__(self, routes: Iterable[Route], version: str = "") -> None:
        self.version = version
        self.routes = tuple(sorted(routes, key=lambda route: (-route.priority, route.code, route.unit)))
        self._by_kind: dict[str, tuple[Route, ...]] = {}

    def decide(self, facts: Facts) -> Route:
        """The route that decides. Raises LookupError for a kind without a route of its own."""
        routes = self._by_kind.get(facts.kind)
        if routes is None:
            routes = tuple(route for route in self.routes if not route.kinds or facts.kind in route.kinds)
            self._by_kind[facts.kind] = routes
        for route in routes:
            if route.holds(facts):
                return route
        raise LookupError(facts.kind)


def clashes(routes: Collection[Route]) -> list[tuple[str, str]]:
    """Pairs of codes whose routes have the same priority, lead to different units and can both hold."""
    by_priority: dict[int, list[Route]] = {}
    for route in routes:
        by_priority.setdefault(route.priority, []).append(route)
    return [
        (a.code, b.code)
        for group in by_priority.values()
        for a, b in combinations(sorted(group, key=lambda route: route.code), 2)
        if a.unit != b.unit and a.may_meet(b)
    ]


def digest(rules: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over rules as they are kept, whatever their order."""
    lines = sorted(json.dumps(rule, sort_keys=True, ensure_ascii=False) for rule in rules)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
