"""What a pack may say about the way to the right desk: routing rules, a table of roads, what people write."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _

from organisation.pack.reading import SLUG, Entry, Source
from organisation.pack.records import ExampleRow, RoadRow

# From the widest to the narrowest; what a road is called says which it is (`cases.routing.road_class`).
ROAD_CLASSES = ("national", "provincial", "county", "boulevard", "road", "street", "lane", "alley")
HOURS = ("working", "off")
# The rules that follow from kinds.toml have priority 0 (a kind) and 10 (a kind in a district).
LEAST_PRIORITY, MOST_PRIORITY = 11, 999


def read_routing(
    source: Source, kinds: Collection[str], units: Collection[str], districts: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The rules of routing.toml as checked dicts with every key present; districts as codes."""
    top = source.toml()
    rules: dict[str, dict[str, Any]] = {}
    for at in top.entries("route"):
        since, until = at.day("since"), at.day("until", required=False)
        rule: dict[str, Any] = {
            "code": at.text("code", pattern=SLUG, longest=40),
            "unit": at.text("unit"),
            "priority": at.whole("priority", least=LEAST_PRIORITY),
            "kinds": _known(at, "kinds", {code: code for code in kinds}),
            "districts": _known(at, "districts", districts),
            "road_classes": _known(at, "road_classes", {code: code for code in ROAD_CLASSES}),
            "hours": at.choice("hours", HOURS, required=False),
            "opens": at.clock("opens").strftime("%H:%M") if at.has("opens") else "",
            "closes": at.clock("closes").strftime("%H:%M") if at.has("closes") else "",
            "words": at.texts("words"),
            "since": since.isoformat(),
            "until": until.isoformat() if at.has("until") else "",
            "source": at.text("source", longest=300),
        }
        if rule["unit"] and rule["unit"] not in units:
            at.refuse("unit", _("units.csv 沒有「%(value)s」這個單位。") % {"value": rule["unit"]})
        if rule["priority"] > MOST_PRIORITY:
            at.refuse("priority", _("%(value)s 超出範圍。") % {"value": rule["priority"]})
        if bool(rule["opens"]) != bool(rule["closes"]):
            at.refuse("opens", _("起訖時間要一起填。"))
        if rule["until"] and until < since:
            at.refuse("until", _("早於起始日。"))
        if rule["code"] in rules:
            at.refuse("code", _("「%(value)s」重複。") % {"value": rule["code"]})
        at.finish()
        rules[rule["code"]] = rule
    top.finish()
    return list(rules.values())


def _known(at: Entry, name: str, known: Mapping[str, str]) -> list[str]:
    found = []
    for value in at.texts(name):
        if value in known:
            found.append(known[value])
        else:
            at.refuse(name, _("不認得「%(value)s」。") % {"value": value})
    return found


def read_example(row: Entry, kinds: Mapping[str, str], agencies: Collection[str], agency_of: Mapping[str, str]) -> Any:
    """A line of examples.csv: a sentence with its kind or its agency; the kind's own agency where none is given."""
    example = ExampleRow(
        row.text("text", longest=400), row.text("kind", required=False), row.text("agency", required=False)
    )
    if example.kind and example.kind not in kinds:
        row.refuse("kind", _("kinds.toml 沒有「%(value)s」這個種類。") % {"value": example.kind})
    if example.agency and example.agency not in agencies:
        row.refuse("agency", _("agencies.csv 沒有「%(value)s」這個機關。") % {"value": example.agency})
    if not (example.kind or example.agency):
        row.refuse("kind", _("必須填寫。"))
    return example._replace(agency=example.agency or agency_of.get(kinds.get(example.kind, ""), ""))


def read_road(row: Entry, districts: Mapping[str, str]) -> RoadRow:
    """A line of roads.csv: what a road is, where its name does not say so; no district: wherever it runs."""
    name = row.text("district", required=False)
    if name and name not in districts:
        row.refuse("district", _("districts.csv 沒有「%(value)s」這個行政區。") % {"value": name})
    return RoadRow(districts.get(name, ""), row.text("road", longest=80), row.choice("class", ROAD_CLASSES))
