"""A report as a document: words and readings put together, as plain data.

The same dictionary is what the web page, the PDF, the office files and the machine-readable file are made from, and
what a publication keeps, with its ``edition`` (number and day). It is JSON::

    {"kind", "period", "title", "language", "made_at",
     "sections": [{"code", "heading", "title", "unit", "version", "blocks": [...]}],
     "figures": [{"code", "period", "label", "unit", "value", "definition", "how", ...}],
     "problems": [{"section", "line", "what", "text"}]}

A block is a ``paragraph``, a ``list``, a ``table``, a ``display`` or a ``photo``; stretches of text are lists of
``text`` and ``number``. The readings of a document are fetched together: as many statements for a hundred figures as
for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from annualreport import markup
from annualreport.markup import Block, Display, Inline, Listing, Number, Paragraph, Parsed, Text
from annualreport.models import Photo, Report, Section, Version
from annualreport.registry import Kind, heading
from annualreport.rules import in_order, written
from figures import queries
from figures.provenance import lines
from figures.queries import NOTHING, Reading
from figures.registry import MONTH, Figure, Period, registry
from foundation.clock import now
from foundation.language import in_language, reads_english
from foundation.roc import roc_year
from organisation import directory
from organisation.pack import pack

type Document = dict[str, Any]
type _Key = tuple[str, Period]

UNKNOWN = "unknown"  # the kinds of problem beside those of `annualreport.markup`
NO_PERIOD = "no_period"
NO_DIMENSION = "no_dimension"
NO_PHOTO = "no_photo"


@dataclass(frozen=True)
class Part:
    """What a section brings to a document, in the reader's language; ``version`` 0 is the pack's own text."""

    code: str
    title: str
    unit: str
    text: str
    version: int = 0
    photos: tuple[Photo, ...] = ()

    @cached_property
    def parsed(self) -> Parsed:
        return markup.parse(self.text)


def parts_of(report: Report) -> list[Part]:
    """The sections of a report with their newest texts and photos, in the order of the tree; three statements."""
    newest = {version.section_id: version for version in Version.objects.newest_of(report)}
    sections = sorted(report.sections.for_list(), key=lambda section: section.place)
    photos: dict[int, list[Photo]] = {}
    for photo in Photo.objects.in_report(report):
        photos.setdefault(photo.section_id, []).append(photo)
    return [
        Part(each.code, each.title, str(each.unit.agency), newest[each.pk].text, newest[each.pk].number,
             tuple(photos.get(each.pk, ())))
        for each in sections
    ]  # fmt: skip


def part_of(section: Section, text: str) -> Part:
    """A section with any text, as it may be seen before it is kept."""
    photos = tuple(Photo.objects.of(section))
    return Part(section.code, section.title, str(section.unit.agency), text, photos=photos)


def parts_of_kind(kind: Kind) -> list[Part]:
    """The outline of the pack with its first texts: what a report looks like that nobody has begun."""
    nodes = sorted(kind.nodes, key=lambda node: in_order(node.code))
    agencies = {node.unit: str(directory.unit(node.unit).agency) for node in nodes}
    return [Part(node.code, node.title, agencies[node.unit], in_language(node.text_zh, node.text_en)) for node in nodes]


def within(parts: Iterable[Part], place: str) -> list[Part]:
    """The sections at and below a place of the tree."""
    return [part for part in parts if f"{part.code}.".startswith(f"{place}.")]


def document(kind: Kind, period: Period, parts: Sequence[Part]) -> Document:
    """Put a report, or a part of one, together in the reader's language, with the figures as they are now."""
    readings = Readings(period, [part.parsed for part in parts])
    maker = _Maker(period, readings)
    sections = [maker.section(part) for part in parts]
    return {
        "kind": kind.code,
        "period": period.code,
        "title": kind.title(period.label),
        "language": get_language() or "",
        "made_at": now().isoformat(),
        "sections": sections,
        "figures": [source_of(reading) for reading in readings.all()],
        "problems": maker.problems,
    }


def with_provenance(made: Document) -> Document:
    """The same with where each value comes from: from what and when it was computed, by which version of its
    definition, on which evidence it was entered. One that has it already stays as it is: a publication's own."""
    if all("computed_from" in figure for figure in made["figures"]):
        return made
    wanted: dict[str, list[Figure]] = {}
    for each in made["figures"]:
        if figure := figure_of(each["code"]):
            wanted.setdefault(each["period"], []).append(figure)
    known = {
        (line.figure, period): {
            "computed_from": line.source,
            "computed_at": line.computed_at and line.computed_at.isoformat(),
            "definition_version": line.definition,
            "evidence": line.evidence,
        }
        for period, figures in wanted.items()
        for line in lines(figures, [Period.parse(period)])
    }
    return made | {"figures": [each | known.get((each["code"], each["period"]), {}) for each in made["figures"]]}


class Readings:
    """The readings that some texts ask for: one fetch a period, whatever the number of figures."""

    def __init__(self, period: Period, texts: Iterable[Parsed]) -> None:
        wanted: dict[Period, dict[str, None]] = {}
        for parsed in texts:
            for number in markup.numbers(parsed.blocks):
                wanted.setdefault(shifted(period, number.offset), {})[number.code] = None
        self._found: dict[_Key, Reading] = {}
        for each, codes in wanted.items():
            known = [code for code in codes if (figure := figure_of(code)) and each.grain in registry.grains_of(figure)]
            for code, reading in queries.values(known, each).items() if known else ():
                self._found[code, each] = reading

    def get(self, code: str, period: Period) -> Reading | None:
        return self._found.get((code, period))

    def add(self, reading: Reading) -> None:
        """A reading that a table has fetched besides."""
        if not reading.dims:
            self._found.setdefault((reading.figure.code, reading.period), reading)

    def all(self) -> list[Reading]:
        """In the order in which the texts name them."""
        return list(self._found.values())


def figure_of(code: str) -> Figure | None:
    """The figure of a code, or None where none is declared."""
    try:
        return registry.figure(code)
    except LookupError:
        return None


def shifted(period: Period, offset: int) -> Period:
    """The period so many periods later (earlier, below zero)."""
    for _step in range(abs(offset)):
        period = period.next if offset > 0 else period.previous
    return period


def source_of(reading: Reading) -> dict[str, Any]:
    """A reading with its definition and provenance, for the list of sources and for programs."""
    figure = reading.figure
    return {
        "code": figure.code,
        "period": reading.period.code,
        "label": str(figure.label),
        "unit": str(figure.unit),
        "value": None if reading.value is None else str(reading.value),
        "text": reading.text,
        "definition": str(figure.definition),
        "how": str(figure.how),
        "kind": figure.kind,
        "source": str(figure.source),
        "law": str(figure.law),
        "owner": registry.owner_of(figure),
        "parts": list(figure.parts),
        "url": reading.url,
        "manual": reading.is_manual,
        "frozen": reading.is_frozen,
        "now": reading.now.text if reading.is_corrected else "",
    }


def number_of(reading: Reading, form: str = "") -> dict[str, Any]:
    """A number in running text."""
    text = NOTHING if reading.value is None else written(reading.value, form, english=reads_english())
    return {
        "type": "number",
        "code": reading.figure.code,
        "period": reading.period.code,
        "text": text,
        "url": reading.url,
        "manual": reading.is_manual,
    }


def rows_of(period: Period, codes: list[str], by: str) -> tuple[list[tuple[str, list[Reading]]], list[Reading]]:
    """The rows of a table of figures, and its sums. By month: of the year, or of the year up to a month; the latter
    has no sums, for the report is about its last row. Raises LookupError for a dimension that the figures lack."""
    if by == MONTH:
        year = Period.year(period.start.year)
        months = [month for month in year.months if month.start <= period.end]
        series = [queries.series(code, months) for code in codes]
        rows = [(month.short_label, list(row)) for month, *row in zip(months, *series, strict=True)]
        whole = queries.values(codes, year) if period == year else {}
        return rows, list(whole.values())
    table = queries.table(codes, period, by)
    rows = [(row.label, row.readings) for row in table.rows if any(reading.value for reading in row.readings)]
    return rows, table.total.readings


class _Maker:
    """Turns parsed texts into the document's blocks, and notes what does not work."""

    def __init__(self, period: Period, readings: Readings) -> None:
        self.period, self.readings = period, readings
        self.problems: list[dict[str, Any]] = []
        city = pack().city
        self._words = {
            "period": period.label,
            "year": str(period.start.year if reads_english() else roc_year(period.start)),
            "city": in_language(city.name, city.name_en),
        }
        self._section = ""
        self._photos: dict[str, Photo] = {}

    def section(self, part: Part) -> dict[str, Any]:
        self._section = part.code
        self._photos = {photo.name: photo for photo in part.photos}
        for problem in part.parsed.problems:
            self._refuse(problem.line, problem.what, problem.text)
        return {
            "code": part.code,
            "heading": heading(part.code, part.title),
            "title": part.title,
            "unit": part.unit,
            "version": part.version,
            "blocks": [self._block(block) for block in part.parsed.blocks],
        }

    def _refuse(self, line: int, what: str, text: str) -> None:
        self.problems.append({"section": self._section, "line": line, "what": what, "text": text})

    def _block(self, block: Block) -> dict[str, Any]:
        match block:
            case Paragraph():
                return {"type": "paragraph", "inlines": self._inlines(block.line, block.inlines)}
            case Listing():
                items = [self._inlines(block.line + number, item) for number, item in enumerate(block.items)]
                return {"type": "list", "numbered": block.numbered, "items": items}
            case Display():
                return self._display(block)
            case markup.Photo():
                return self._photo(block)
            case _:
                rows = [
                    [self._inlines(block.line + number, cell) for cell in row] for number, row in enumerate(block.rows)
                ]
                return {"type": "table", "header": rows[0], "rows": rows[1:]}

    def _photo(self, block: markup.Photo) -> dict[str, Any]:
        photo = self._photos.get(block.name)
        if photo is None:
            self._refuse(block.line, NO_PHOTO, block.name)
            return {"type": "paragraph", "inlines": [{"type": "unknown", "text": block.name}]}
        return {
            "type": "photo",
            "name": photo.name,
            "token": str(photo.token),
            "url": photo.url,
            "width": photo.width,
            "height": photo.height,
            "alt": photo.alt,
            "caption": photo.caption,
            "credit": photo.credit,
        }

    def _inlines(self, line: int, parts: Iterable[Inline]) -> list[dict[str, Any]]:
        return [self._inline(line, part) for part in parts]

    def _inline(self, line: int, part: Inline) -> dict[str, Any]:
        if isinstance(part, Text):
            return {"type": "text", "text": part.text}
        if not isinstance(part, Number):
            return {"type": "text", "text": self._words[part.name]}
        period = shifted(self.period, part.offset)
        if reading := self.readings.get(part.code, period):
            return number_of(reading, part.form)
        self._refuse(line, NO_PERIOD if figure_of(part.code) else UNKNOWN, part.code)
        return {"type": "unknown", "text": part.code}

    def _display(self, display: Display) -> dict[str, Any]:
        figures = [figure_of(code) for code in display.codes]
        for code, figure in zip(display.codes, figures, strict=True):
            if figure is None:
                self._refuse(display.line, UNKNOWN, code)
        known = [figure for figure in figures if figure]
        try:
            rows, total = rows_of(self.period, [figure.code for figure in known], display.by) if known else ([], [])
        except LookupError:
            self._refuse(display.line, NO_DIMENSION, display.by)
            known, rows, total = [], [], []
        for reading in total:
            self.readings.add(reading)
        by = _("月份") if display.by == MONTH else str(registry.dimension(display.by).label) if known else display.by
        return {
            "type": "display",
            "shape": display.shape,
            "by": by,
            "caption": _("各%(by)s%(figures)s") % {"by": by, "figures": _("、").join(str(f.label) for f in known)},
            "columns": [{"label": str(figure.label), "unit": str(figure.unit)} for figure in known],
            "rows": [
                {
                    "label": label,
                    "size": str(readings[0].value or 0),
                    "numbers": [number_of(reading) for reading in readings],
                }
                for label, readings in rows
            ],
            "total": [number_of(reading) for reading in total],
        }
