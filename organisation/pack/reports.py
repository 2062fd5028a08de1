"""What a pack says about the reports of its city: for each kind an outline, who writes what, and its first texts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from organisation.pack.reading import NAME, Entry, Source

GRAINS = ("year", "month")
PLACE = r"[1-9][0-9]?(\.[1-9][0-9]?)*"  # where a section stands in the tree: 5.2.1


def read_report(source: Source, units: Collection[str]) -> dict[str, Any]:
    """A file of ``reports/`` as a checked dict with every key present; sections in the order of the file."""
    top = source.toml()
    report: dict[str, Any] = {
        "code": top.text("code", pattern=NAME, longest=20),
        "label_zh": top.text("label_zh", longest=80),
        "label_en": top.text("label_en", longest=160),
        "title_zh": top.text("title_zh", longest=120),
        "title_en": top.text("title_en", longest=240),
        "grain": top.choice("grain", GRAINS),
        "source": top.text("source", longest=300),
        "due_days": top.whole("due_days"),
        "recipients": [_recipient(at) for at in top.entries("recipient")],
    }
    sections: dict[str, dict[str, Any]] = {}
    for at in top.entries("section", required=True):
        section = {
            "code": at.text("code", pattern=PLACE, longest=20),
            "title_zh": at.text("title_zh", longest=120),
            "title_en": at.text("title_en", longest=240),
            "unit": at.text("unit"),
            "text_zh": at.text("text_zh", required=False),
            "text_en": at.text("text_en", required=False),
        }
        code, parent = section["code"], section["code"].rpartition(".")[0]
        if code in sections:
            at.refuse("code", _("「%(value)s」重複。") % {"value": code})
        if parent and parent not in sections:
            at.refuse("code", _("上一層「%(value)s」應列在前面。") % {"value": parent})
        if section["unit"] and section["unit"] not in units:
            at.refuse("unit", _("units.csv 沒有「%(value)s」這個單位。") % {"value": section["unit"]})
        if bool(section["text_zh"]) != bool(section["text_en"]):
            at.refuse("text_en", _("中文與英文要一起有。"))
        at.finish()
        sections[code] = section
    top.finish()
    return report | {"sections": list(sections.values())}


def _recipient(at: Entry) -> dict[str, str]:
    """Whom a report is sent to, as the compiler is offered it."""
    recipient = {"name_zh": at.text("name_zh", longest=80), "name_en": at.text("name_en", longest=160)}
    at.finish()
    return recipient
