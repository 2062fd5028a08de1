"""A whole pack, checked: each file by itself, and what files say about each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date, time
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from identity.permissions import ROLES
from organisation.pack.figures import CityFigures, read_figures
from organisation.pack.kinds import read_kinds, read_rules
from organisation.pack.reading import SLUG, Entry, PackError, Problem, Source
from organisation.pack.records import (
    AgencyRow,
    CityInfo,
    CrewRow,
    DistrictRow,
    ExampleRow,
    OverrideRow,
    PostRow,
    RoadRow,
    Rule,
    RuleEntry,
    UnitRow,
    VillageRow,
)
from organisation.pack.reports import read_report
from organisation.pack.routing import read_example, read_road, read_routing
from organisation.rules import OPEN_HALVES, OpeningHours

DISTRICTS, VILLAGES = "boundaries/districts.geojson", "boundaries/villages.geojson"
FILES = (
    "city.toml", "agencies.csv", "units.csv", "posts.csv", "districts.csv", "villages.csv", "calendar.csv",
    "rules.toml", "kinds.toml", "texts.toml", "crews.csv", DISTRICTS, VILLAGES,
)  # fmt: skip
# Files that a pack may leave out.
OPTIONAL_FILES = ("routing.toml", "roads.csv", "examples.csv", "boards.toml", "figures.toml", "figures.csv")
REPORTS = "reports"  # a folder that it may leave out: a file for each kind of report
# What the pages ask a pack for.
TEXTS = ("emergency", "privacy", "open_data_licence")


@dataclass(frozen=True)
class Pack:
    """A city pack in memory. ``kinds`` are checked dicts, in order; their schema is in ``organisation.pack.kinds``."""

    path: Path
    digest: str
    city: CityInfo
    hours: OpeningHours
    agencies: tuple[AgencyRow, ...]
    units: tuple[UnitRow, ...]
    posts: tuple[PostRow, ...]
    districts: tuple[DistrictRow, ...]
    villages: tuple[VillageRow, ...]
    overrides: tuple[OverrideRow, ...]
    kinds: list[dict[str, Any]]
    rules: dict[str, Rule]
    texts: dict[str, tuple[str, str]]
    routing: list[dict[str, Any]]  # checked dicts; their schema is in ``organisation.pack.routing``
    roads: tuple[RoadRow, ...]
    examples: tuple[ExampleRow, ...]
    crews: tuple[CrewRow, ...]
    figures: CityFigures
    reports: list[dict[str, Any]]  # checked dicts; their schema is in ``organisation.pack.reports``

    @property
    def code(self) -> str:
        """The pack's code, which is the name of its folder."""
        return self.city.code

    def rule(self, name: str, on: date) -> RuleEntry:
        """The value of a rule in force on a day. KeyError for an unknown rule, LookupError when none is in force."""
        return self.rules[name].on(on)

    def text(self, name: str, language: str | None = None) -> str:
        """A text of the city in a language, by default that of the page. KeyError for an unknown one."""
        chinese, english = self.texts[name]
        return english if (language or get_language() or "").startswith("en") else chinese


def read_pack(path: Path) -> Pack:
    """Read a pack from its folder. PackError with everything that is wrong.

    The boundaries are read when they are used: see ``organisation.pack.boundaries``.
    """
    problems: list[Problem] = []

    def source(name: str) -> Source:
        return Source(path / name, name, problems)

    city, hours = _city(source("city.toml"), path.name)
    agencies = _rows(source("agencies.csv"), _agency, "code")
    agency_codes = {agency.code for agency in agencies}
    units = _units(source("units.csv"), agency_codes)
    unit_codes = {unit.code for unit in units}
    crew_codes = {unit.code for unit in units if unit.is_crew}
    crews = _rows(source("crews.csv"), lambda row: _crew(row, crew_codes), "unit")
    posts = _rows(source("posts.csv"), lambda row: _post(row, unit_codes), "unit", "title")
    districts = _rows(source("districts.csv"), _district, "code")
    codes = {name: district.code for district in districts for name in (district.code, district.name)}
    villages = _rows(source("villages.csv"), lambda row: _village(row, codes), "code")
    overrides = _rows(source("calendar.csv"), lambda row: _override(row, codes), "date", "district")
    rules = read_rules(source("rules.toml"))
    kinds = read_kinds(source("kinds.toml"), rules, unit_codes, codes)
    texts = _texts(source("texts.toml"))
    optional = _optional(path)
    routing = (
        read_routing(source("routing.toml"), {kind["code"] for kind in kinds}, unit_codes, codes)
        if "routing.toml" in optional
        else []
    )
    roads = (
        _rows(source("roads.csv"), lambda row: read_road(row, codes), "district", "road")
        if "roads.csv" in optional
        else []
    )
    agency_of = {unit.code: unit.agency for unit in units}
    answering = {kind["code"]: kind["routing"]["unit"] for kind in kinds}
    examples = (
        _rows(source("examples.csv"), lambda row: read_example(row, answering, agency_codes, agency_of), "text")
        if "examples.csv" in optional
        else []
    )
    reports = [read_report(source(name), unit_codes) for name in optional if name.startswith(f"{REPORTS}/")]
    figures = read_figures(source("figures.toml"), agency_codes) if "figures.toml" in optional else CityFigures()
    _sources(source("SOURCES.toml"), optional)
    if problems:
        raise PackError(problems)
    return Pack(
        path, digest(path), city, hours, tuple(agencies), tuple(units), tuple(posts), tuple(districts),
        tuple(villages), tuple(overrides), kinds, rules, texts, routing, tuple(roads), tuple(examples),
        tuple(crews), figures, reports,
    )  # fmt: skip


def _optional(path: Path) -> list[str]:
    """Those of the files that a pack may leave out which this one has."""
    reports = sorted((path / REPORTS).glob("*.toml"))
    return [name for name in OPTIONAL_FILES if (path / name).exists()] + [f"{REPORTS}/{file.name}" for file in reports]


def digest(path: Path) -> str:
    """SHA-256 over the names and contents of the pack's data files."""
    total = hashlib.sha256()
    for name in (*FILES, *_optional(path)):
        content = (path / name).read_bytes() if (path / name).exists() else b""
        total.update(f"{name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def _city(source: Source, folder: str) -> tuple[CityInfo, OpeningHours]:
    top = source.toml()
    center, bbox = top.numbers("center", 2), top.numbers("bbox", 4)
    city = CityInfo(
        code=top.text("code", pattern=SLUG),
        name=top.text("name"),
        name_en=top.text("name_en"),
        aliases=tuple(top.texts("aliases")),
        brand=top.text("brand"),
        brand_en=top.text("brand_en"),
        phone=top.text("phone"),
        website=top.text("website", required=False),
        center=(center[0], center[1]),
        bbox=(bbox[0], bbox[1], bbox[2], bbox[3]),
    )
    if city.code and city.code != folder:
        top.refuse("code", _("應與資料夾名稱「%(name)s」相同。") % {"name": folder})
    if not (bbox[0] < center[0] < bbox[2] and bbox[1] < center[1] < bbox[3]):
        top.refuse("center", _("中心點不在 bbox 之內。"))
    hours = OpeningHours(time(8), time(12), time(13, 30), time(17, 30))
    at = top.entry("hours")
    if at is None:
        top.refuse("hours", _("必須填寫。"))
    else:
        times = [at.clock(name.name) for name in fields(OpeningHours)]
        at.finish()
        try:
            hours = OpeningHours(*times)
        except ValueError:
            at.refuse("opens", _("辦公時間的次序不對。"))
    top.finish()
    return city, hours


def _rows[Row](source: Source, read: Callable[[Entry], Row], *key: str) -> list[Row]:
    """The rows of a CSV file; no two may have the same key."""
    found: dict[tuple[Any, ...], Row] = {}
    columns, optional = COLUMNS[source.name]
    for entry in source.csv(*columns, optional=optional):
        row = read(entry)
        identity = tuple(getattr(row, name) for name in key)
        if identity in found:
            value = " ".join(str(part) for part in identity)
            entry.refuse(key[0], _("「%(value)s」重複。") % {"value": value})
        found[identity] = row
    if not found and source.name not in MAY_BE_EMPTY and not any(p.file == source.name for p in source.problems):
        source.refuse(1, _("沒有資料。"))
    return list(found.values())


COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "agencies.csv": (("code", "name", "name_en", "organ_code", "oid"), ()),
    "units.csv": (("code", "agency", "parent", "name", "name_en", "is_crew"), ()),
    "crews.csv": (("unit", "is_contractor", "lon", "lat"), ()),
    "posts.csv": (("unit", "title", "title_en"), ("role",)),
    "districts.csv": (("code", "name", "name_en", "zip3", "lon", "lat"), ("aliases",)),
    "villages.csv": (("code", "district", "name", "name_en", "lon", "lat"), ()),
    "calendar.csv": (("date", "district", "kind", "reason", "source"), ()),
    "roads.csv": (("district", "road", "class"), ()),
    "examples.csv": (("text", "kind", "agency"), ()),
}
MAY_BE_EMPTY = ("calendar.csv", "crews.csv", "posts.csv")


def _agency(row: Entry) -> AgencyRow:
    return AgencyRow(
        row.text("code", pattern=SLUG, longest=40),
        row.text("name", longest=80),
        row.text("name_en", longest=160),
        row.text("organ_code", required=False, pattern=r"[0-9A-Z]{10}"),
        row.text("oid", required=False, pattern=r"[0-9]+(\.[0-9]+)+", longest=80),
    )


def _units(source: Source, agencies: set[str]) -> list[UnitRow]:
    """The units; a parent stands before its children, so no ring can be written down."""
    known: dict[str, str] = {}

    def read(row: Entry) -> UnitRow:
        unit = UnitRow(
            row.text("code", pattern=SLUG, longest=40),
            row.text("agency"),
            row.text("parent", required=False),
            row.text("name", longest=80),
            row.text("name_en", longest=160),
            row.flag("is_crew"),
        )
        if unit.agency and unit.agency not in agencies:
            row.refuse("agency", _("agencies.csv 沒有「%(value)s」這個機關。") % {"value": unit.agency})
        if unit.parent and unit.parent not in known:
            row.refuse("parent", _("上級單位「%(value)s」應列在前面。") % {"value": unit.parent})
        elif unit.parent and known[unit.parent] != unit.agency:
            row.refuse("parent", _("上級單位「%(value)s」屬於別的機關。") % {"value": unit.parent})
        known[unit.code] = unit.agency
        return unit

    return _rows(source, read, "code")


def _crew(row: Entry, crews: set[str]) -> CrewRow:
    """Whether a crew belongs to a contractor, and its depot; the depot may be unknown."""
    code, is_contractor = row.text("unit"), row.flag("is_contractor")
    placed = row.has("lon") or row.has("lat")
    lon = float(row.number("lon", required=placed, least=-180, most=180))
    lat = float(row.number("lat", required=placed, least=-90, most=90))
    if code and code not in crews:
        row.refuse("unit", _("units.csv 沒有「%(value)s」這個外勤隊。") % {"value": code})
    return CrewRow(code, is_contractor, (lon, lat) if placed else None)


def _post(row: Entry, units: set[str]) -> PostRow:
    post = PostRow(
        row.text("unit"),
        row.text("title", longest=40),
        row.text("title_en", longest=80),
        row.text("role", required=False),
    )
    if post.role and (post.role not in ROLES or post.role == "citizen"):
        row.refuse("role", _("沒有「%(value)s」這個角色。") % {"value": post.role})
    if post.unit and post.unit not in units:
        row.refuse("unit", _("units.csv 沒有「%(value)s」這個單位。") % {"value": post.unit})
    return post


def _point(row: Entry) -> tuple[float, float]:
    return float(row.number("lon", least=-180, most=180)), float(row.number("lat", least=-90, most=90))


def _district(row: Entry) -> DistrictRow:
    lon, lat = _point(row)
    return DistrictRow(
        row.text("code", pattern=r"[0-9]{8}"),
        row.text("name", longest=80),
        row.text("name_en", longest=160),
        row.text("zip3", required=False, pattern=r"[0-9]{3}"),
        lon,
        lat,
        tuple(row.texts("aliases")),
    )


def _village(row: Entry, districts: dict[str, str]) -> VillageRow:
    lon, lat = _point(row)
    village = VillageRow(
        row.text("code", pattern=r"[0-9]{11}"),
        row.text("district"),
        row.text("name", longest=80),
        row.text("name_en", longest=160),
        lon,
        lat,
    )
    if village.district and districts.get(village.district) != village.district:
        row.refuse("district", _("districts.csv 沒有「%(value)s」這個行政區。") % {"value": village.district})
    return village


def _override(row: Entry, districts: dict[str, str]) -> OverrideRow:
    """A day that differs; the district by code or name, empty for the whole city."""
    name = row.text("district", required=False)
    if name and name not in districts:
        row.refuse("district", _("districts.csv 沒有「%(value)s」這個行政區。") % {"value": name})
    return OverrideRow(
        row.day("date"),
        districts.get(name, ""),
        row.choice("kind", tuple(OPEN_HALVES)),
        row.text("reason", longest=200),
        row.text("source", longest=300),
    )


def _texts(source: Source) -> dict[str, tuple[str, str]]:
    top = source.toml()
    texts: dict[str, tuple[str, str]] = {}
    for name in top.values:
        if at := top.entry(name):
            texts[name] = (at.text("zh"), at.text("en"))
            at.finish()
    for name in TEXTS:
        if name not in texts:
            source.refuse(1, _("缺少「%(value)s」這段文字。") % {"value": name})
    return texts


def _sources(source: Source, optional: Iterable[str]) -> None:
    """Every file of the pack must say where it comes from and under which licence it may be used."""
    top = source.toml()
    for name in (*FILES, *optional):
        at = top.entry(name)
        if at is None:
            source.refuse(0, _("缺少「%(value)s」的來源與授權。") % {"value": name})
            continue
        for key in ("source", "licence"):
            at.text(key)
        for key in ("changes", "known_gaps"):
            at.text(key, required=False)
        at.finish()
    top.finish()
