"""The kinds of report that the city pack declares: a new one is a file of its ``reports/``, and no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annualreport.rules import mark
from cases.fields import Labelled
from foundation.language import in_language
from organisation.pack import pack

RESULTS = "results"  # the yearly results report: its chapters have the addresses that the city prints


def heading(code: str, title: str) -> str:
    """A section's heading in the reader's language: ``（三）派工通報``; ``5.4.3 Dispatches``."""
    return in_language(f"{mark(code)}{title}", f"{code} {title}")


@dataclass(frozen=True)
class Node:
    """A section of an outline: its place in the tree (``5.2.1``), its titles, who writes it, its first text."""

    code: str
    title_zh: str
    title_en: str
    unit: str
    text_zh: str = ""
    text_en: str = ""

    @property
    def title(self) -> str:
        return in_language(self.title_zh, self.title_en)


@dataclass(frozen=True)
class Kind(Labelled):
    """A kind of report. ``title`` holds ``{city}`` and ``{period}``; sections are due ``due_days`` after the period."""

    code: str
    label_zh: str
    label_en: str
    title_zh: str
    title_en: str
    grain: str
    source: str
    due_days: int
    nodes: tuple[Node, ...]
    recipients: tuple[tuple[str, str], ...] = ()

    @property
    def chapters(self) -> list[Node]:
        """The sections of the first level."""
        return [node for node in self.nodes if "." not in node.code]

    def title(self, period: str) -> str:
        """The title of the report of a period, given in words of the reader's language."""
        city = pack().city
        pattern = in_language(self.title_zh, self.title_en)
        return pattern.format(city=in_language(city.name, city.name_en), period=period)


def _kind(row: Mapping[str, Any]) -> Kind:
    plain = {name: row[name] for name in row if name not in ("sections", "recipients")}
    recipients = tuple((to["name_zh"], to["name_en"]) for to in row["recipients"])
    return Kind(**plain, nodes=tuple(Node(**section) for section in row["sections"]), recipients=recipients)


@lru_cache(maxsize=4)
def _kinds(digest: str) -> dict[str, Kind]:
    return {row["code"]: _kind(row) for row in pack().reports}


def kinds() -> dict[str, Kind]:
    """The pack's kinds of report, by code."""
    return _kinds(pack().digest)


def kind(code: str) -> Kind:
    """One kind. Raises LookupError for a code that the pack does not know."""
    try:
        return kinds()[code]
    except KeyError:
        raise LookupError(f"no report {code!r} in the pack; there are: {', '.join(kinds())}") from None
