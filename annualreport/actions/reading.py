"""What everybody reads: a report as it was published, before that as the pack's texts and today's figures make it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from annualreport.actions.documents import Document, document, figure_of, parts_of_kind, within
from annualreport.models import Publication
from annualreport.registry import RESULTS, Kind
from figures import queries
from figures.registry import Period
from foundation.roc import roc_year


def place_of(kind: Kind, period: Period) -> str:
    """A report's period as addresses have it."""
    return str(roc_year(period.start)) if kind.grain == "year" else period.code


def address_of(kind: Kind, period: Period, chapter: str = "", version: int | None = None) -> str:
    """Where a report, or a chapter of it, is read."""
    place = place_of(kind, period)
    named = [place] if kind.code == RESULTS else [kind.code, place]
    series = "annual-report" if kind.code == RESULTS else "city-report"
    whole = "annual-report-year" if kind.code == RESULTS else "city-report"
    address = reverse(f"{series}-chapter", args=[*named, chapter]) if chapter else reverse(whole, args=named)
    return f"{address}?version={version}" if version else address


class Edition(NamedTuple):
    """A document with the publication that keeps it; None: it was made at this moment and nobody has signed it."""

    document: Document
    publication: Publication | None


def edition(kind: Kind, period: Period, number: int | None = None, chapter: str = "") -> Edition | None:
    """The newest published version of a report, or the one of a number; one chapter of it, or the whole.

    A report that was never published is made from the pack's texts. None for a number or a chapter that there is none
    of.
    """
    found = Publication.objects.of(kind.code, period.code)
    publication = (found.filter(number=number) if number else found).defer(None).first()
    if publication is None:
        parts = within(parts_of_kind(kind), chapter) if chapter else parts_of_kind(kind)
        return None if number or not parts else Edition(document(kind, period, parts), None)
    kept = document_in(publication, get_language() or "")
    if chapter:
        kept = chapter_of(kept, chapter)
    return Edition(kept, publication) if kept["sections"] else None


def document_in(publication: Publication, language: str) -> Document:
    """What was published, in a language."""
    return publication.documents.get(language) or publication.documents[settings.LANGUAGE_CODE]


def chapter_of(whole: Document, chapter: str) -> Document:
    """The sections of one chapter, with the figures that these name."""
    sections = [each for each in whole["sections"] if f"{each['code']}.".startswith(f"{chapter}.")]
    named = {(number["code"], number["period"]) for section in sections for number in numbers_in(section)}
    figures = [figure for figure in whole["figures"] if (figure["code"], figure["period"]) in named]
    return whole | {"sections": sections, "figures": figures}


def numbers_in(part: Any) -> list[dict[str, Any]]:
    """All numbers in a part of a document, wherever they stand."""
    if isinstance(part, dict):
        if part.get("type") == "number":
            return [part]
        return [number for inner in part.values() for number in numbers_in(inner)]
    return [number for inner in part for number in numbers_in(inner)] if isinstance(part, list) else []


def with_corrections(edition: Edition) -> list[dict[str, Any]]:
    """The sources of a document's numbers; of a published one with what the figure comes to now, where that differs.

    One fetch a period."""
    figures = edition.document["figures"]
    if edition.publication is None:
        return figures
    by_period: dict[str, list[str]] = {}
    for figure in figures:
        if figure_of(figure["code"]):
            by_period.setdefault(figure["period"], []).append(figure["code"])
    now = {
        (code, period): reading.now.text
        for period, codes in by_period.items()
        for code, reading in queries.values(codes, Period.parse(period)).items()
    }
    return [
        figure
        | {"now": current if (current := now.get((figure["code"], figure["period"]), "")) != figure["text"] else ""}
        for figure in figures
    ]
