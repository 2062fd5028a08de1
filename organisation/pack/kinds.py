"""The kinds of cases that a city takes: the schema of kinds.toml."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from organisation.pack.reading import NAME, SLUG, Entry, Source
from organisation.pack.records import Rule, RuleEntry
from organisation.rules import UNITS

FAMILIES = ("dispatch", "petition", "supervision")
FIELD_TYPES = ("text", "choice", "number", "bool", "date", "time", "reference")
LEVELS = ("unit", "agency")  # who signs: the head of the unit, the head of the agency
CONFIDENCES = ("H", "M", "L", "default")
# When what citizens and crews sent becomes public; a text that nobody has read is never public.
PUBLIC_WHEN = {"photos_public": ("never", "reviewed", "always"), "texts_public": ("never", "reviewed")}
# In which fractions an amount of each unit may be given.
STEPS = {"hours": 0, "working_hours": 0, "working_days": 2, "days": 1, "months": 1}


def read_rules(source: Source) -> dict[str, Rule]:
    """The rules of rules.toml by name."""
    top = source.toml()
    rules: dict[str, Rule] = {}
    for entry in top.entries("rule"):
        name = entry.text("name", pattern=NAME)
        label_zh, label_en = entry.text("label_zh"), entry.text("label_en")
        unit = entry.text("unit", required=False)
        dated = []
        for at in entry.entries("dated", required=True):
            since, until = at.day("since"), at.day("until", required=False)
            if at.has("until") and until < since:
                at.refuse("until", _("早於起始日。"))
            dated.append(
                (at, RuleEntry(at.anything("value"), since, until if at.has("until") else None, at.text("source"),
                               at.choice("confidence", CONFIDENCES)))
            )  # fmt: skip
            at.finish()
        _in_order(dated)
        entry.finish()
        if name in rules:
            entry.refuse("name", _("「%(value)s」重複。") % {"value": name})
        rules[name] = Rule(name, label_zh, label_en, unit, tuple(item for _at, item in dated))
    top.finish()
    return rules


def _in_order(dated: list[tuple[Entry, RuleEntry]]) -> None:
    """Refuse entries that overlap or are not in the order of time."""
    for (_first, before), (at, after) in pairwise(dated):
        if after.since <= before.since:
            at.refuse("since", _("與前一項重疊或次序顛倒：前一項自 %(day)s 起。") % {"day": before.since})
        elif before.until and after.since <= before.until:
            at.refuse("since", _("與前一項重疊：前一項到 %(day)s 為止。") % {"day": before.until})


def read_kinds(
    source: Source, rules: Mapping[str, Rule], units: Collection[str], districts: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The kinds of kinds.toml as checked dicts with every key present; ``districts`` maps names and codes to codes."""
    top = source.toml()
    kinds: dict[str, dict[str, Any]] = {}
    for entry in top.entries("kind", required=True):
        kind = _kind(entry, rules, units, districts)
        if kind["code"] in kinds:
            entry.refuse("code", _("「%(value)s」重複。") % {"value": kind["code"]})
        kinds[kind["code"]] = kind
    top.finish()
    return sorted(kinds.values(), key=lambda kind: kind["order"])


def _kind(
    entry: Entry, rules: Mapping[str, Rule], units: Collection[str], districts: Mapping[str, str]
) -> dict[str, Any]:
    since, until = entry.day("active_from"), entry.day("active_until", required=False)
    kind: dict[str, Any] = {
        "code": entry.text("code", pattern=NAME, longest=40),
        "family": entry.choice("family", FAMILIES),
        "label_zh": entry.text("label_zh", longest=40),
        "label_en": entry.text("label_en", longest=80),
        "hint_zh": entry.text("hint_zh", required=False, longest=120),
        "hint_en": entry.text("hint_en", required=False, longest=240),
        "icon": entry.text("icon", pattern=SLUG),
        "words": entry.texts("words"),
        "order": entry.whole("order"),
        "urgent": entry.flag("urgent"),
        "anonymous": entry.flag("anonymous"),
        "sensitive": entry.flag("sensitive"),
        "confirm_address": entry.flag("confirm_address"),
        "active_from": since,
        "active_until": until if entry.has("active_until") else None,
        "reopen_days": entry.whole("reopen_days", required=False),
        "fields": _fields(entry),
        "deadline": _deadline(entry, rules),
        "remind_before": _amount(entry.entry("remind_before")),
        "extension": _extension(entry.entry("extension")),
        "approval": _approval(entry.entry("approval")),
        "routing": _routing(entry, units, districts),
    }
    # Of a sensitive kind nothing that somebody wrote or took is public, whatever the pack forgets to say.
    unsaid = "never" if kind["sensitive"] else "reviewed"
    for name, allowed in PUBLIC_WHEN.items():
        kind[name] = entry.choice(name, allowed) if entry.has(name) else unsaid
    kind["public_fields"] = entry.texts("public_fields")
    for name in set(kind["public_fields"]) - {field["name"] for field in kind["fields"]}:
        entry.refuse("public_fields", _("沒有「%(value)s」這個欄位。") % {"value": name})
    entry.finish()
    return kind


def _fields(entry: Entry) -> list[dict[str, Any]]:
    fields: dict[str, dict[str, Any]] = {}
    for at in entry.entries("fields"):
        field: dict[str, Any] = {
            "name": at.text("name", pattern=NAME, longest=40),
            "type": at.choice("type", FIELD_TYPES),
            "label_zh": at.text("label_zh", longest=60),
            "label_en": at.text("label_en", longest=120),
            "hint_zh": at.text("hint_zh", required=False, longest=120),
            "hint_en": at.text("hint_en", required=False, longest=240),
            "required": at.flag("required"),
            "max_length": at.whole("max_length", required=False, least=1) or 200,
            "choices": [],
            "register": "",
        }
        if field["type"] == "reference":
            field["register"] = at.text("register", pattern=NAME)
        for choice in at.entries("choices", required=field["type"] == "choice"):
            value = choice.text("value", pattern=NAME)
            if value in {known["value"] for known in field["choices"]}:
                choice.refuse("value", _("「%(value)s」重複。") % {"value": value})
            labels = {"label_zh": choice.text("label_zh"), "label_en": choice.text("label_en")}
            field["choices"].append({"value": value, **labels})
            choice.finish()
        if field["choices"] and field["type"] != "choice":
            at.refuse("choices", _("只有 choice 型別的欄位才有選項。"))
        if field["name"] in fields:
            at.refuse("name", _("「%(value)s」重複。") % {"value": field["name"]})
        at.finish()
        fields[field["name"]] = field
    return list(fields.values())


def _deadline(entry: Entry, rules: Mapping[str, Rule]) -> list[dict[str, Any]]:
    """Dated deadlines; one that names a rule of rules.toml takes the rule's values, dates and sources."""
    dated: list[tuple[Entry, RuleEntry]] = []
    found: list[dict[str, Any]] = []
    for at in entry.entries("deadline", required=True):
        if at.has("rule"):
            name = at.text("rule")
            if name not in rules:
                at.refuse("rule", _("rules.toml 沒有「%(value)s」這條規則。") % {"value": name})
            elif rules[name].unit not in UNITS:
                at.refuse("rule", _("規則「%(value)s」的單位不是時間。") % {"value": name})
            else:
                for item in rules[name].entries:
                    dated.append((at, item))
                    found.append({"since": item.since, "amount": item.value, "unit": rules[name].unit,
                                  "source": item.source, "rule": name})  # fmt: skip
        else:
            period = _amount(at, finish=False)
            item = RuleEntry(period["amount"], at.day("since"), None, at.text("source"), "")
            dated.append((at, item))
            found.append({"since": item.since, **period, "source": item.source, "rule": None})
        at.finish()
    _in_order(dated)
    return found


def _amount(at: Entry | None, *, finish: bool = True) -> dict[str, Any] | None:
    """An amount of time in a unit of the working calendar."""
    if at is None:
        return None
    amount, unit = at.number("amount", least=0), at.choice("unit", UNITS)
    _check_step(at, "amount", amount, unit)
    if finish:
        at.finish()
    return {"amount": amount, "unit": unit}


def _check_step(at: Entry, name: str, amount: Any, unit: str) -> None:
    if (step := STEPS.get(unit)) and amount * step != int(amount * step):
        takes = _("整數") if step == 1 else _("整數或半數")
        at.refuse(name, _("單位為 %(unit)s 時應為%(takes)s。") % {"unit": unit, "takes": takes})
    if unit == "working_days" and amount == 0:
        at.refuse(name, _("當日辦結請寫 0 days。"))


def _extension(at: Entry | None) -> dict[str, Any] | None:
    """How often, and by how much each time, a deadline may be extended."""
    if at is None:
        return None
    found = {
        "max_times": at.whole("max_times", least=1),
        "max_amount": at.number("max_amount", least=0),
        "unit": at.choice("unit", UNITS),
    }
    _check_step(at, "max_amount", found["max_amount"], found["unit"])
    at.finish()
    return found


def _approval(at: Entry | None) -> dict[str, Any]:
    """Whose signatures an answer needs before it goes out, in their order; none where nothing is said."""
    found: dict[str, Any] = {"answer": [], "confidential": [], "joint": False}
    if at is None:
        return found
    for name in ("answer", "confidential"):
        found[name] = at.texts(name)
        for level in set(found[name]) - set(LEVELS):
            at.refuse(name, _("「%(value)s」應為 %(options)s 之一。") % {"value": level, "options": "、".join(LEVELS)})
    found["joint"] = at.flag("joint")
    at.finish()
    return found


def _routing(entry: Entry, units: Collection[str], districts: Mapping[str, str]) -> dict[str, Any]:
    """The unit that answers, and those that answer in some districts instead."""
    at = entry.entry("routing")
    if at is None:
        entry.refuse("routing", _("必須填寫。"))
        return {"unit": "", "districts": {}}
    routing: dict[str, Any] = {"unit": at.text("unit"), "districts": {}}
    if routing["unit"] and routing["unit"] not in units:
        at.refuse("unit", _("units.csv 沒有「%(value)s」這個單位。") % {"value": routing["unit"]})
    for name, unit in at.mapping("districts").items():
        where = at.entry("districts")
        if where is not None and name not in districts:
            where.refuse(name, _("districts.csv 沒有「%(value)s」這個行政區。") % {"value": name})
        elif where is not None and unit not in units:
            where.refuse(name, _("units.csv 沒有「%(value)s」這個單位。") % {"value": unit})
        else:
            routing["districts"][districts[name]] = unit
    at.finish()
    return routing
