"""What the city pack says about figures: those without records yet, whose they are, where the report prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.utils.functional import lazy

from figures.registry.declared import Figure, Manual, Ratio, ShareSet, Text
from foundation.language import reads_english
from organisation.pack import pack
from organisation.pack.figures import Bilingual, FigureRow


@dataclass(frozen=True)
class Said:
    """A pack's figures by code; owners and labels by topic (the first part of a code); chapters by code;
    sets of shares by code."""

    figures: Mapping[str, Figure] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, Text] = field(default_factory=dict)
    chapters: Mapping[str, str] = field(default_factory=dict)
    share_sets: Mapping[str, ShareSet] = field(default_factory=dict)

    @cached_property
    def set_of_share(self) -> dict[tuple[str, str], ShareSet]:
        """The set that a share belongs to, by numerator and denominator."""
        return {(part, each.whole): each for each in self.share_sets.values() if each.whole for part in each.parts}


def _in_language(zh: str, en: str) -> str:
    return en if reads_english() else zh


_lazily = lazy(_in_language, str)


def _text(text: Bilingual) -> Text:
    """A text that is read in the language of whoever reads."""
    return _lazily(*text) if text.zh else ""


@lru_cache(maxsize=4)
def _said(digest: str) -> Said:
    city = pack().figures
    manual: list[Figure] = [
        Manual(**_shared(row), measures=row.measures, grains=row.grains, least=row.least, most=row.most)
        for row in city.manual
    ]
    ratios = [Ratio(**_shared(row), numerator=row.numerator, denominator=row.denominator) for row in city.ratios]
    return Said(
        {figure.code: figure for figure in (*manual, *ratios)},
        {topic.code: topic.owner for topic in city.topics},
        {topic.code: _text(topic.label) for topic in city.topics},
        dict(city.chapters),
        {
            row.code: ShareSet(
                code=row.code, label=_text(row.label), parts=row.parts, whole=row.whole, decimals=row.decimals
            )
            for row in city.share_sets
        },
    )


def said() -> Said:
    """What the pack of this installation says; read once for each state of the pack."""
    return _said(pack().digest)


def _shared(row: FigureRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "label": _text(row.label),
        "unit": _text(row.unit),
        "definition": _text(row.definition),
        "source": _text(row.source),
        "law": _text(row.law),
        "owner": row.owner,
        "chapter": row.chapter,
        "decimals": row.decimals,
    }
