"""Dispatch records of another system, as cases.

A record that says when the work was done becomes a closed case with a promise that was kept or broken. One that does
not becomes history: it counts as received, and neither as open nor as done, because the source does not know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.performing import GROUP, TOPIC
from cases.models import Case
from cases.registry import kinds
from cases.rules import cell_of
from figures.actions import touch
from foundation.clock import TAIPEI
from foundation.imports import Column, Import, Refused, parsers, register, stage
from foundation.imports.registry import Key, Record
from organisation import directory
from organisation.calendar import working_calendar
from organisation.geography import district_by_name, locate
from organisation.pack import pack
from organisation.rules import WorkingCalendar
from search import actions as search
from servicerequests.imports.addresses import tidy

FIELDS = """
    series text, roc_year integer, kind_code text, state text, outcome text, description text, address text,
    lon double precision, lat double precision, cell bigint, district_id text, village_id text, unit_id bigint,
    received_at timestamptz, received_on date, promise_amount numeric, promise_unit text, promise_rule text,
    due_at timestamptz, done_at timestamptz, done_on date, on_time boolean, closed_at timestamptz,
    source text, source_number text, remark text
"""
NAMES = [field.split()[0] for field in FIELDS.split(",")]
SAME = [name for name in NAMES if name not in {"series", "roc_year", "remark"}]

# The cases and the first line of their timelines. What another process has filed at the same moment is left out.
_INSERT = f"""
WITH filed AS (
    INSERT INTO cases_case (number, channel, fields, place_note, promised_at, extensions, pauses, transfers, reopened,
        rating_note, secret, version, {", ".join(SAME)})
    SELECT case_number(series, roc_year), 'import', '{{}}', '', received_at, '[]', '[]', 0, 0, '', '', 1,
        {", ".join(SAME)}
    FROM import_dispatches ORDER BY received_at
    ON CONFLICT (source, source_number) WHERE NOT source_number = '' DO NOTHING
    RETURNING id, number, source, source_number
), told AS (
    INSERT INTO cases_caseevent (case_id, at, verb, actor_label, from_state, to_state, is_public, text, data)
    SELECT id, received_at, 'import', '系統', '', state, true, remark,
        jsonb_build_object('source', source, 'source_number', source_number)
    FROM filed JOIN import_dispatches USING (source, source_number)
)
SELECT source, source_number, id, number FROM filed
"""


def known_kind(value: str) -> str:
    """The code of a kind, from its code or its Chinese label."""
    found = _kind_names().get(value)
    if found is None:
        raise Refused(_("不認識種類「%(value)s」，請在對照檔的 [values.kind] 說明它是哪一種"), value=value)
    return found


@lru_cache(maxsize=1)
def _kind_names() -> dict[str, str]:
    return {name: kind.code for kind in kinds().values() for name in (kind.code, kind.label_zh)}


@dataclass
class Context:
    """What a run looks up: units by code, names and calendars of districts, and what it has computed before."""

    units: dict[str, int]
    districts: dict[str, str]
    calendars: dict[str, WorkingCalendar]
    named: dict[str, str | None]
    city_names: tuple[str, ...]


def _names_of_the_city() -> tuple[str, ...]:
    """As addresses write it, the longest first: ``臺北市`` before ``臺北``, each also with ``台``."""
    city = pack().city
    names = {city.name, *city.aliases}
    names |= {name.replace("臺", "台") for name in names}
    return tuple(sorted(names, key=len, reverse=True))


def begin() -> Context:
    """Once a run."""
    districts = directory.districts()
    return Context(
        {code: unit.pk for code, unit in directory.units().items()},
        {code: district.name for code, district in districts.items()},
        {code: working_calendar(code) for code in districts},
        {},
        _names_of_the_city(),
    )


def check(record: Record, context: Context) -> Record:
    """Find the district, tidy the address, check the point; what was mended is said in the record's remark."""
    remarks = []
    stated = _district(record["district"], context) if record["district"] else None
    if record["district"] and stated is None:
        raise Refused(_("本市沒有「%(value)s」這個行政區"), column="district", value=record["district"])
    address = record["address"] or ""
    if address:
        stated = stated or _district(address[:40], context)
        address = tidy(address, context.districts.get(stated or "", ""), context.city_names)
    place = None
    lon, lat = record["lon"], record["lat"]
    if (lon is None) != (lat is None):
        raise Refused(_("經度與緯度要一起有"), column="lon" if lon is None else "lat")
    if lon is not None:
        place = locate(lon, lat)
        if place is None:
            remarks.append(_("來源座標（%(lat)s, %(lon)s）不在本市，未採用") % {"lat": lat, "lon": lon})
            lon = lat = None
        elif stated and place.district_code != stated:
            remarks.append(
                _("來源座標落在%(point)s，與來源所載行政區不同") % {"point": context.districts[place.district_code]}
            )
            place = None
    district = stated or (place.district_code if place else None)
    if district is None:
        raise Refused(_("看不出在哪一個行政區：沒有行政區，也沒有可用的地址或座標"), column="district")
    received, done = record["received_at"], record["done_at"]
    if done and done < received:
        raise Refused(_("完成時間早於受理時間"), column="done_at")
    kind = kinds()[record["kind"]]
    unit = context.units.get(kind.unit_for(district))
    if unit is None:
        raise Refused(_("「%(kind)s」沒有負責單位"), column="kind", kind=kind.label_zh)
    calendar = context.calendars[district]
    return record | _row(record, kind, calendar, district, place, unit, lon, lat, address, received, done, remarks)


def _district(text: str, context: Context) -> str | None:
    if text not in context.named:
        if len(context.named) > 100_000:
            context.named.clear()
        context.named[text] = district_by_name(text)
    return context.named[text]


def _row(record, kind, calendar, district, place, unit, lon, lat, address, received: datetime, done, remarks) -> dict:
    on = received.astimezone(TAIPEI).date()
    # Without a known end there is no saying whether a promise was kept, so none is claimed.
    promise = kind.promise(on) if done else None
    due = calendar.add(received, promise.amount, promise.unit) if promise else None
    return {
        "series": kind.family.series,
        "roc_year": on.year - 1911,
        "kind_code": kind.code,
        "state": "closed" if done else "imported",
        "outcome": "fixed" if done else "unknown",
        "description": record["description"] or "",
        "address": address[:200],
        "lon": lon,
        "lat": lat,
        "cell": cell_of(lon, lat),
        "district_id": district,
        "village_id": place.village_code if place else None,
        "unit_id": unit,
        "received_on": on,
        "promise_amount": promise.amount if promise else None,
        "promise_unit": promise.unit if promise else "",
        "promise_rule": promise.rule if promise else "",
        "due_at": due,
        "done_on": done.astimezone(TAIPEI).date() if done else None,
        "on_time": done <= due if done and due else None,
        "closed_at": done or received,
        "remark": "；".join(remarks),
    }


def existing(keys: Collection[Key], cursor: Any) -> Iterable[Key]:
    """Which of these are cases already; one query for each source, of which a file has one."""
    numbers: dict[str, list[str]] = {}
    for source, number in keys:
        numbers.setdefault(source, []).append(number)
    for source, asked in numbers.items():
        cursor.execute(
            "SELECT source, source_number FROM cases_case"
            " WHERE source = %s AND source_number = ANY(%s) AND NOT source_number = ''",
            [source, asked],
        )
        yield from cursor.fetchall()


def write(records: list[Record], cursor: Any, context: Context) -> int:
    """Cases, their first event, their search entries and the figures' marks, in the batch's transaction."""
    stage(cursor, "import_dispatches", FIELDS, ([record[name] for name in NAMES] for record in records))
    cursor.execute(_INSERT)
    filed = {(source, number): case for source, number, *case in cursor.fetchall()}
    labels = {kind.code: kind.label_zh for kind in kinds().values()}
    with cursor.copy(search.COPY) as copy:
        for record in records:
            if case := filed.get((record["source"], record["source_number"])):
                title = f"{case[1]} {labels[record['kind_code']]}"
                body = f"{record['address']}\n{record['description']}\n{record['source_number']}"
                copy.write_row(search.copy_row(TOPIC, case[0], title, body))
    touch(GROUP, {day for record in records for day in (record["received_on"], record["done_on"]) if day})
    return len(filed)


def export(filters: dict[str, Any]) -> Iterator[Record]:
    """The same columns back, by number."""
    cases = Case.objects.select_related("district").order_by("pk")
    if code := filters.get("kind"):
        cases = cases.filter(kind_code=code)
    if year := filters.get("year"):
        cases = cases.filter(received_on__year=year + 1911)
    for case in cases.iterator(chunk_size=2000):
        yield {
            "source": case.source or "opencityhall",
            "source_number": case.source_number or case.number,
            "kind": case.kind_code,
            "received_at": case.received_at.astimezone(TAIPEI).isoformat(),
            "done_at": case.done_at.astimezone(TAIPEI).isoformat() if case.done_at else None,
            "district": str(case.district or ""),
            "address": case.address,
            "lon": case.lon,
            "lat": case.lat,
            "description": case.description,
        }


register(
    Import(
        code="dispatches",
        label=gettext_lazy("派工與陳情案件"),
        columns=(
            Column("source", parsers.text(40), required=True, help=gettext_lazy("來源系統的代碼")),
            Column("source_number", parsers.source_number(80), required=True, help=gettext_lazy("來源的案件編號")),
            Column("kind", known_kind, required=True, help=gettext_lazy("種類的代碼或名稱")),
            Column("received_at", parsers.moment, required=True, help=gettext_lazy("受理時間")),
            Column("done_at", parsers.moment, help=gettext_lazy("完成時間；來源沒有就留空")),
            Column("district", parsers.text(20), help=gettext_lazy("行政區；留空則由地址或座標判斷")),
            Column("address", parsers.text(300), help=gettext_lazy("地址或路口")),
            Column("lon", parsers.number(-180, 180), help=gettext_lazy("經度（WGS 84）")),
            Column("lat", parsers.number(-90, 90), help=gettext_lazy("緯度（WGS 84）")),
            Column("description", parsers.text(4000), help=gettext_lazy("內容")),
        ),
        key=("source", "source_number"),
        begin=begin,
        check=check,
        existing=existing,
        write=write,
        export=export,
        filters={"kind": known_kind, "year": parsers.whole(1, 300)},
    )
)
