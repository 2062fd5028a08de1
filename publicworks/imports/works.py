"""Works out of another system's list: tender notices, lists of inspections, an agency's own register.

A source says what it knows; everything but number and name may be missing. A work of an agency that the city's
directory knows gets the unit to which reports about it go; of any other agency the words are kept.

A number that the register has already is corrected: what the file says takes the place of what was there, and what it
leaves empty stays. So does what somebody typed by hand (`publicworks.actions.correcting`): such a line is listed among
the rejected ones, and the person decides on the work's page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.imports import Column, Import, Refused, parsers, register, stage
from foundation.imports.registry import Key, Record
from organisation import directory
from organisation.geography import district_by_name, locate
from organisation.models import Unit
from organisation.pack import pack
from publicworks.actions.correcting import BY_HAND, PLACE, in_words
from publicworks.actions.finding import TOPIC, body_of, title_of
from publicworks.models import Work
from publicworks.models.work import Stage
from publicworks.rules import Point, middle, read_line, sides, write_line
from search import actions as search

FIELDS = """
    tender_number text, name text, agency_name text, unit_id bigint, contractor text, budget bigint,
    planned_start date, planned_end date, state text, address text, district_id text, lon double precision,
    lat double precision, line jsonb, west double precision, south double precision, east double precision,
    north double precision, source text
"""
NAMES = [column.split()[0] for column in FIELDS.split(",")]

FIRST = {"state": "'building'"} | dict.fromkeys(("agency_name", "contractor", "address", "source"), "''")


def _becomes(column: str) -> str:
    """What a column of a work becomes (SQL): what was typed by hand; else what the file's line ``n`` says, else what
    the register ``w`` has. An agency typed by hand keeps its unit as well."""
    by_hand = "lon" if column in PLACE else column.removesuffix("_id")
    kept = {by_hand, "agency_name"} if column == "unit_id" else {by_hand}
    typed = " OR ".join(f"jsonb_exists(w.by_hand, '{name}')" for name in sorted(kept))
    return f"CASE WHEN {typed} THEN w.{column} ELSE {_said(column)} END"


def _said(column: str) -> str:
    if column in PLACE:  # a new place is new altogether
        return f"CASE WHEN n.lon IS NULL THEN w.{column} ELSE n.{column} END"
    if column == "unit_id":  # another agency takes its unit along, also if that is none
        return "CASE WHEN n.agency_name <> w.agency_name THEN n.unit_id ELSE COALESCE(n.unit_id, w.unit_id) END"
    return f"COALESCE(n.{column}, w.{column}, {FIRST.get(column, 'NULL')})"


def _differs(name: str) -> str:
    """Whether a file says otherwise than a hand did (SQL)."""
    column = _COLUMN.get(name, name)
    here, there = ((f"ROW({row}.lon, {row}.lat, {row}.line)" for row in "nw") if name == "lon" else (
        f"{row}.{column}" for row in "nw"
    ))  # fmt: skip
    return f"jsonb_exists(w.by_hand, '{name}') AND n.{column} IS NOT NULL AND {here} IS DISTINCT FROM {there}"


def _otherwise(name: str, row: str = "n") -> str:
    """What a row says of a field that hands correct, as JSON (SQL)."""
    if name == "lon":
        return f"jsonb_build_object({', '.join(f"'{column}', {row}.{column}" for column in PLACE)})"
    return f"to_jsonb({row}.{_COLUMN.get(name, name)})"


_COLUMN = {"unit": "unit_id", "district": "district_id"}
# A file that says nothing of a field leaves what an earlier one said.
_BY_HAND = "COALESCE(w.by_hand, '{}') || " + " || ".join(
    f"CASE WHEN jsonb_exists(w.by_hand, '{name}') AND n.{_COLUMN.get(name, name)} IS NOT NULL"
    f" THEN jsonb_build_object('{name}', CASE WHEN {_differs(name)} THEN {_otherwise(name)} END) ELSE '{{}}' END"
    for name in BY_HAND
)
_CHANGED = [*NAMES[1:], "by_hand"]
_BECOMING = {name: _becomes(name) for name in NAMES[1:]} | {"by_hand": _BY_HAND}
_ALL = ", ".join([*NAMES[:1], *_CHANGED])
_BECOME = f"""
SELECT n.tender_number, {", ".join(f"{_BECOMING[name]} AS {name}" for name in _CHANGED)},
       w.id IS NOT NULL AND ROW({", ".join(f"w.{name}" for name in _CHANGED)})
           IS NOT DISTINCT FROM ROW({", ".join(_BECOMING[name] for name in _CHANGED)}) AS same
FROM import_works n LEFT JOIN publicworks_work w ON w.tender_number = n.tender_number
"""
_WRITE = f"""
INSERT INTO publicworks_work ({_ALL}) SELECT {_ALL} FROM ({_BECOME}) become
ON CONFLICT (tender_number) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _CHANGED)}
RETURNING id, tender_number, name, agency_name, contractor, address
"""
_OBJECTIONS = f"""
SELECT n.tender_number, jsonb_strip_nulls(jsonb_build_object({
    ", ".join(
        f"'{name}', CASE WHEN {_differs(name)} THEN jsonb_build_array({_otherwise(name, 'w')}, {_otherwise(name)}) END"
        for name in BY_HAND
    )
})) FROM import_works n JOIN publicworks_work w ON w.tender_number = n.tender_number WHERE w.by_hand <> '{{}}'
"""
THOUSAND = 1000


def one_line(max_length: int):
    """Text in which several lines (several firms, say) are parted by a Chinese comma."""
    limited = parsers.text(max_length)

    def parse(value: str) -> str:
        return limited("、".join(part.strip() for part in value.splitlines() if part.strip()))

    return parse


def line(value: str) -> list[Point]:
    """A line as `publicworks.rules.read_line` reads it."""
    try:
        return read_line(value)
    except ValueError:
        raise Refused(_("「%(value)s」不是路線，例如 120.30 22.62, 120.31 22.63"), value=value[:60]) from None


@dataclass
class Context:
    """What a run looks up: the units of the directory, and which unit each name has led to."""

    units: list[Unit]
    city_names: tuple[str, ...]
    found: dict[str, Unit | None] = field(default_factory=dict)


def begin() -> Context:
    """Once a run."""
    city = pack().city
    names = {city.name, *city.aliases} | {name.replace("臺", "台") for name in (city.name, *city.aliases)}
    units = [unit for unit in directory.units().values() if not unit.is_crew]
    return Context(units, tuple(sorted(names, key=len, reverse=True)))


def unit_of(name: str, context: Context) -> Unit | None:
    """The unit that a name means: a unit's code or name, an agency's, or an agency's with the unit's behind it.

    A work of an agency without a unit of that name goes to the agency's first unit. None for whom the city does not
    know.
    """
    if name not in context.found:
        context.found[name] = _search_unit(name, context)
    return context.found[name]


def _search_unit(name: str, context: Context) -> Unit | None:
    plain = name
    for city in context.city_names:
        plain = plain.removeprefix(city)
    plain = plain.removeprefix("政府")
    for unit in context.units:
        if name == unit.code or plain in {unit.name, f"{unit.agency.name}{unit.name}"}:
            return unit
    own = [unit for unit in context.units if plain.startswith(unit.agency.name)]
    rest = plain.removeprefix(own[0].agency.name) if own else ""
    return next((unit for unit in own if rest.startswith(unit.name)), own[0] if own else None)


def check(record: Record, context: Context) -> Record:
    """Find unit and district; make one amount of two columns, and a point and a box of whatever says where it is."""
    if record["planned_start"] and record["planned_end"] and record["planned_end"] < record["planned_start"]:
        raise Refused(_("預定完工早於預定開工"), column="planned_end")
    if record["budget"] is None and record["budget_thousands"] is not None:
        record["budget"] = int(record["budget_thousands"] * THOUSAND)
    lon, lat, corners = record["lon"], record["lat"], record["line"]
    if (lon is None) != (lat is None):
        raise Refused(_("經度與緯度要一起有"), column="lon" if lon is None else "lat")
    if corners and lon is None:
        lon, lat = middle(corners)
    place = locate(lon, lat) if lon is not None else None
    if lon is not None and place is None:
        raise Refused(_("這個位置（%(lat)s, %(lon)s）不在本市"), column="lon", lat=lat, lon=lon)
    stated = record["district"]
    district = district_by_name(stated) if stated else None
    if stated and district is None:
        raise Refused(_("本市沒有「%(value)s」這個行政區"), column="district", value=stated)
    district = district or (place.district_code if place else None)
    district = district or district_by_name(f"{record['address'] or ''} {record['name']}")
    unit = unit_of(record["unit"] or record["agency"] or "", context)
    if record["unit"] and unit is None:
        raise Refused(_("單位名冊沒有「%(value)s」"), column="unit", value=record["unit"])
    return record | {
        "agency_name": record["agency"] or (unit.agency.name if unit else None),
        "unit_id": unit.pk if unit else None,
        "district_id": district,
        "lon": lon,
        "lat": lat,
        **sides([*(corners or []), (lon, lat)] if lon is not None else []),
    }


def existing(records: Mapping[Key, Record], cursor: Any) -> Iterable[Key]:
    """Which of these works are in the register already, as the file has them."""
    _stage(records.values(), cursor)
    cursor.execute(f"SELECT tender_number FROM ({_BECOME}) become WHERE same")
    return cursor.fetchall()


def objections(records: Mapping[Key, Record], cursor: Any) -> dict[Key, list[Refused]]:
    """What was typed by hand and the file says otherwise: it stays as it is, until somebody takes the file's."""
    _stage(records.values(), cursor)
    cursor.execute(_OBJECTIONS)
    found: dict[Key, list[Refused]] = {}
    for number, differing in cursor.fetchall():
        fields = json.loads(differing) if isinstance(differing, str) else differing
        for name, (ours, theirs) in sorted(fields.items(), key=lambda each: BY_HAND.index(each[0])):
            said = {"ours": in_words(name, ours), "theirs": in_words(name, theirs)}
            reason = _("人工更正為「%(ours)s」，檔案是「%(theirs)s」；保留人工的，可在工程的更正頁採用檔案的")
            found.setdefault((number,), []).append(Refused(reason, column=_HEADED.get(name, name), **said))
    return found


_HEADED = {"agency_name": "agency"}


def write(records: list[Record], cursor: Any, context: Context) -> int:
    """Works, new or corrected, and their search entries, in the batch's transaction."""
    _stage(records, cursor)
    cursor.execute(_WRITE)
    written = cursor.fetchall()
    search.index_many((TOPIC, pk, title_of(number, name), body_of(*others)) for pk, number, name, *others in written)
    return len(written)


def _stage(records: Iterable[Record], cursor: Any) -> None:
    rows = ([_json(record[name]) if name == "line" else record[name] for name in NAMES] for record in records)
    stage(cursor, "import_works", FIELDS, rows)


def _json(corners: list[Point] | None) -> str | None:
    return f"[{', '.join(f'[{lon}, {lat}]' for lon, lat in corners)}]" if corners else None


def row_of(work: Work) -> Record:
    """A work as the columns of its import."""
    return {
        "tender_number": work.tender_number,
        "name": work.name,
        "agency": work.agency_name,
        "unit": work.unit.code if work.unit else None,
        "contractor": work.contractor,
        "budget": work.budget,
        "budget_thousands": None,
        "planned_start": work.planned_start,
        "planned_end": work.planned_end,
        "state": work.state,
        "address": work.address,
        "district": work.district.name if work.district else None,
        "lon": work.lon,
        "lat": work.lat,
        "line": write_line(work.line) if work.line else None,
        "source": work.source,
    }


def export(filters: dict[str, Any]) -> Iterator[Record]:
    """The same columns back, in the order in which they came."""
    works = Work.objects.select_related("unit", "district").order_by("pk")
    if state := filters.get("state"):
        works = works.filter(state=state)
    for work in works.iterator(chunk_size=2000):
        yield row_of(work)


state = parsers.choice(
    {s.value: s.value for s in Stage} | {"規劃設計中": "planned", "招標中": "tendering", "已決標": "awarded",
     "施工中": "building", "停工中": "suspended", "已完工": "completed", "已驗收": "accepted",
     "已終止契約": "terminated"}
)  # fmt: skip
MOST = Decimal(10) ** 13

WORKS = register(
    Import(
        code="works",
        label=gettext_lazy("工程清冊"),
        columns=(
            Column("tender_number", parsers.source_number(40), required=True, help=gettext_lazy("標案案號")),
            Column("name", one_line(200), required=True, help=gettext_lazy("工程名稱")),
            Column("agency", one_line(80), help=gettext_lazy("主辦機關的名稱")),
            Column("unit", parsers.text(80), help=gettext_lazy("通報送哪個單位（代碼或名稱）；留空則由主辦機關判斷")),
            Column("contractor", one_line(200), help=gettext_lazy("施工廠商")),
            Column("budget", parsers.whole(0, int(MOST)), help=gettext_lazy("預算或契約金額，元")),
            Column("budget_thousands", parsers.decimal(3, Decimal(0), MOST), help=gettext_lazy("同上，千元")),
            Column("planned_start", parsers.day, help=gettext_lazy("預定開工日")),
            Column("planned_end", parsers.day, help=gettext_lazy("預定完工日")),
            Column("state", state, help=gettext_lazy("辦理階段；留空為施工中")),
            Column("address", one_line(200), help=gettext_lazy("施工地點")),
            Column("district", parsers.text(20), help=gettext_lazy("行政區；留空則由座標、地點或名稱判斷")),
            Column("lon", parsers.number(-180, 180), help=gettext_lazy("經度（WGS 84）")),
            Column("lat", parsers.number(-90, 90), help=gettext_lazy("緯度（WGS 84）")),
            Column("line", line, help=gettext_lazy("路線：經度與緯度以空白分開，各點以逗號分開；或 WKT 的 LINESTRING")),
            Column("source", parsers.text(40), help=gettext_lazy("資料來源")),
        ),
        key=("tender_number",),
        begin=begin,
        check=check,
        existing=existing,
        objections=objections,
        write=write,
        export=export,
        filters={"state": state},
    )
)
