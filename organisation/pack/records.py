"""What a pack says, as plain frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple


@dataclass(frozen=True)
class CityInfo:
    """The city itself. ``center`` is (lon, lat), ``bbox`` (west, south, east, north), both WGS 84."""

    code: str
    name: str
    name_en: str
    aliases: tuple[str, ...]
    brand: str
    brand_en: str
    phone: str
    website: str
    center: tuple[float, float]
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True)
class AgencyRow:
    """A line of agencies.csv."""

    code: str
    name: str
    name_en: str
    organ_code: str
    oid: str


@dataclass(frozen=True)
class UnitRow:
    """A line of units.csv; ``agency`` and ``parent`` are codes."""

    code: str
    agency: str
    parent: str
    name: str
    name_en: str
    is_crew: bool


@dataclass(frozen=True)
class CrewRow:
    """A line of crews.csv: what there is to know of a crew. ``depot`` is (lon, lat) in WGS 84, or None."""

    unit: str
    is_contractor: bool
    depot: tuple[float, float] | None


@dataclass(frozen=True)
class PostRow:
    """A line of posts.csv; ``unit`` is a code, ``role`` one of ``identity.permissions.ROLES`` or empty."""

    unit: str
    title: str
    title_en: str
    role: str = ""


@dataclass(frozen=True)
class DistrictRow:
    """A line of districts.csv; ``aliases`` are other ways to write the name, such as that of the township before."""

    code: str
    name: str
    name_en: str
    zip3: str
    lon: float
    lat: float
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class VillageRow:
    """A line of villages.csv; ``district`` is a code."""

    code: str
    district: str
    name: str
    name_en: str
    lon: float
    lat: float


@dataclass(frozen=True)
class OverrideRow:
    """A line of calendar.csv; ``district`` is a code, or empty for the whole city."""

    date: date
    district: str
    kind: str
    reason: str
    source: str


class ExampleRow(NamedTuple):
    """A line of examples.csv: what somebody might write, with its kind (or none) and its agency."""

    text: str
    kind: str
    agency: str


class RoadRow(NamedTuple):
    """A line of roads.csv; ``district`` is a code, or empty for the whole city."""

    district: str
    road: str
    road_class: str


class RuleEntry(NamedTuple):
    """A value of rule data, in force from ``since`` until ``until`` (the last day; None: open), with its source.

    ``confidence``: H read in the law or the specification itself, M one agency or a secondary source, L weak,
    default: not found anywhere, chosen by this software, for the city to decide.
    """

    value: Any
    since: date
    until: date | None
    source: str
    confidence: str


@dataclass(frozen=True)
class Rule:
    """A rule of the city, with its values over time, the earliest first."""

    name: str
    label_zh: str
    label_en: str
    unit: str
    entries: tuple[RuleEntry, ...]

    def on(self, day: date) -> RuleEntry:
        """The value in force on a day. LookupError when there is none."""
        for entry in reversed(self.entries):
            if entry.since <= day and (entry.until is None or day <= entry.until):
                return entry
        raise LookupError(f"rule {self.name!r} has no value in force on {day}")
