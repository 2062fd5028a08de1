"""The figures that a city reports and has no records of yet: the schema of figures.toml."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from organisation.pack.reading import NAME, Entry, Source

CODE = rf"[a-z]+(\.{NAME})+"
# Where a figure stands in the city's report: numbers of chapter, section and so on.
CHAPTER = r"[1-9][0-9]*(\.[1-9][0-9]*)*"
GRAINS = ("month", "year")
MEASURES = ("flow", "stock", "rate", "mean", "rule")


class Bilingual(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class TopicRow:
    """A ``[[topic]]``: what figures are about whose codes begin with ``code``, and whose they are (an agency code)."""

    code: str
    label: Bilingual
    owner: str


@dataclass(frozen=True)
class FigureRow:
    """What ``[[manual]]`` and ``[[ratio]]`` share. ``owner`` is an agency code, empty for that of the topic."""

    code: str
    label: Bilingual
    definition: Bilingual
    unit: Bilingual
    source: Bilingual
    law: Bilingual
    owner: str
    chapter: str
    decimals: int


@dataclass(frozen=True)
class ManualRow(FigureRow):
    """A figure that its owner enters. ``least`` and ``most`` are the bounds within which a value is plausible."""

    measures: str
    grains: tuple[str, ...]
    least: Decimal | None
    most: Decimal | None


@dataclass(frozen=True)
class RatioRow(FigureRow):
    """One figure in percent of another."""

    numerator: str
    denominator: str


@dataclass(frozen=True)
class ShareSetRow:
    """A ``[[share_set]]``: figures that are the parts of a whole."""

    code: str
    label: Bilingual
    parts: tuple[str, ...]
    whole: str
    decimals: int


@dataclass(frozen=True)
class CityFigures:
    """figures.toml. ``chapters`` says where figures stand in the report that desks of this software compute."""

    topics: tuple[TopicRow, ...] = ()
    manual: tuple[ManualRow, ...] = ()
    ratios: tuple[RatioRow, ...] = ()
    share_sets: tuple[ShareSetRow, ...] = ()
    chapters: tuple[tuple[str, str], ...] = ()


def read_figures(source: Source, agencies: Collection[str]) -> CityFigures:
    """figures.toml; what figures of desks it refers to is checked where those are known."""
    top = source.toml()
    topics = tuple(_topic(at, agencies) for at in top.entries("topic"))
    known = {topic.code for topic in topics}
    manual = tuple(_manual(at, agencies, known) for at in top.entries("manual"))
    ratios = tuple(_ratio(at, agencies, known) for at in top.entries("ratio"))
    sets = tuple(_share_set(at) for at in top.entries("share_set"))
    chapters = top.entry("chapters")
    placed = {code: chapters.text(code, pattern=CHAPTER) for code in chapters.values} if chapters else {}
    seen: set[str] = set()
    for place, row in (("manual", manual), ("ratio", ratios)):
        for number, code in enumerate(each.code for each in row):
            if code in seen:
                source.refuse(source.lines.get((place, number), 1), _("「%(value)s」重複。") % {"value": code}, "code")
            seen.add(code)
    top.finish()
    return CityFigures(topics, manual, ratios, sets, tuple(placed.items()))


def _both(at: Entry, name: str, *, required: bool = True, longest: int = 0) -> Bilingual:
    return Bilingual(
        at.text(f"{name}_zh", required=required, longest=longest),
        at.text(f"{name}_en", required=required, longest=longest),
    )


def _agency(at: Entry, agencies: Collection[str], *, required: bool) -> str:
    code = at.text("owner", required=required)
    if code and code not in agencies:
        at.refuse("owner", _("agencies.csv 沒有「%(value)s」這個機關。") % {"value": code})
    return code


def _topic(at: Entry, agencies: Collection[str]) -> TopicRow:
    topic = TopicRow(at.text("code", pattern=r"[a-z]+"), _both(at, "label"), _agency(at, agencies, required=True))
    at.finish()
    return topic


def _shared(at: Entry, agencies: Collection[str], topics: Collection[str], unit: Bilingual) -> dict[str, Any]:
    code = at.text("code", pattern=CODE, longest=80)
    owner = _agency(at, agencies, required=False)
    if not owner and code and code.partition(".")[0] not in topics:
        at.refuse(
            "owner",
            _("沒有主管機關：請填 owner，或為「%(topic)s」加一段 [[topic]]。") % {"topic": code.partition(".")[0]},
        )
    return {
        "code": code,
        "label": _both(at, "label", longest=80),
        "definition": _both(at, "definition"),
        "unit": unit,
        "source": _both(at, "source", required=False),
        "law": _both(at, "law", required=False),
        "owner": owner,
        "chapter": at.text("chapter", required=False, pattern=CHAPTER),
        "decimals": at.whole("decimals", required=False),
    }


def _manual(at: Entry, agencies: Collection[str], topics: Collection[str]) -> ManualRow:
    grains = at.texts("grains") or ["year"]
    for grain in grains:
        if grain not in GRAINS:
            at.refuse(
                "grains", _("「%(value)s」應為 %(options)s 之一。") % {"value": grain, "options": "、".join(GRAINS)}
            )
    row = ManualRow(
        **_shared(at, agencies, topics, _both(at, "unit", longest=20)),
        measures=at.choice("measures", MEASURES),
        grains=tuple(grain for grain in GRAINS if grain in grains),
        least=_bound(at, "least"),
        most=_bound(at, "most"),
    )
    at.finish()
    return row


def _bound(at: Entry, name: str) -> Decimal | None:
    return Decimal(at.number(name)) if at.has(name) else None


def _ratio(at: Entry, agencies: Collection[str], topics: Collection[str]) -> RatioRow:
    row = RatioRow(
        **_shared(at, agencies, topics, Bilingual("%", "%")),
        numerator=at.text("numerator", pattern=CODE),
        denominator=at.text("denominator", pattern=CODE),
    )
    at.finish()
    return row


def _share_set(at: Entry) -> ShareSetRow:
    row = ShareSetRow(
        code=at.text("code", pattern=CODE, longest=80),
        label=_both(at, "label", longest=80),
        parts=tuple(at.texts("parts", required=True)),
        whole=at.text("whole", required=False, pattern=CODE),
        decimals=at.whole("decimals", required=False),
    )
    at.finish()
    return row
