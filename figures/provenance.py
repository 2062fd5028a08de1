"""Where values come from: when and from what they were computed, by which definition, whether published or typed.

One line a value, the same for the command line, the files and the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import override

from figures import queries
from figures.models import Freeze, ManualEntry, Observation
from figures.queries import Reading
from figures.registry import YEAR, Counted, Figure, Manual, Period, RuleFigure, registry
from figures.rules import half_up
from figures.versions import version_of


@dataclass(frozen=True)
class Line:
    """A value with its provenance. ``value`` is what is published, ``current`` what the records say now."""

    figure: str
    label_zh: str
    label_en: str
    kind: str  # flow, stock, rate, mean, median, rule, manual
    unit_zh: str
    unit_en: str
    owner: str
    chapter: str
    period: str
    grain: str
    dimension: str  # what it is broken down by, with the member; empty for a total
    member: str
    value: Decimal | None
    current: Decimal | None
    is_manual: bool
    is_frozen: bool
    is_corrected: bool
    source: str  # records, entry, rule, or the codes of the figures that it is computed from
    evidence: str
    computed_at: datetime | None  # None: computed when read
    definition: str  # the version by which it was computed


COLUMNS = tuple(field.name for field in fields(Line))
_KINDS = {"str": str, "bool": bool, "Decimal | None": Decimal, "datetime | None": datetime}
TYPED = {field.name: _KINDS[str(field.type)] for field in fields(Line)}  # for files that keep types


def lines(figures: Sequence[Figure], periods: Iterable[Period], by: str = "") -> Iterator[Line]:
    """The values of figures for periods, totals or by a dimension. A figure without values for a period, or without
    that dimension, is left out. Each period asks the database a fixed number of times."""
    for period in periods:
        fitting = [
            figure
            for figure in figures
            if period.grain in registry.grains_of(figure)
            and (not by or by in {dimension.code for dimension in registry.dimensions_of(figure)})
        ]
        if fitting:
            yield from _lines(fitting, period, by)


def _lines(figures: Sequence[Figure], period: Period, by: str) -> Iterator[Line]:
    codes = [figure.code for figure in figures]
    readings: list[tuple[str, Reading]]
    if by:
        rows = queries.table(codes, period, by).rows
        readings = [(row.member or "", reading) for row in rows for reading in row.readings]
    else:
        readings = [("", reading) for reading in queries.values(codes, period).values()]
    stored = _stored(codes, period, by)
    evidence = _evidence(figures, period)
    frozen = _definitions(period)
    for member, reading in readings:
        figure = reading.figure
        computed_at, definition = stored.get((figure.code, member), (None, ""))
        published = frozen.get(figure.code, "") if reading.is_frozen else ""
        with override("zh-hant"):
            zh = (str(figure.label), str(figure.unit))
        with override("en"):
            en = (str(figure.label), str(figure.unit))
        yield Line(
            figure=figure.code, label_zh=zh[0], label_en=en[0], kind=figure.kind, unit_zh=zh[1], unit_en=en[1],
            owner=registry.owner_of(figure), chapter=registry.chapter_of(figure), period=str(period),
            grain=period.grain, dimension=by, member=member, value=reading.value, current=reading.now.value,
            is_manual=reading.is_manual, is_frozen=reading.is_frozen, is_corrected=reading.is_corrected,
            source=source_of(figure, reading.is_typed),
            evidence=evidence.get(figure.code, "") if reading.is_manual else "", computed_at=computed_at,
            definition=published or definition or version_of(figure),
        )  # fmt: skip


def source_of(figure: Figure, is_typed: bool = False) -> str:
    """From what a figure's values are computed: ``records``, ``entry``, ``rule``, or the codes of its parts."""
    if isinstance(figure, Counted):
        return "entry" if is_typed else "records"
    if isinstance(figure, Manual):
        return "entry"
    return "rule" if isinstance(figure, RuleFigure) else " ".join(figure.parts)


def _stored(codes: list[str], period: Period, by: str) -> dict[tuple[str, str], tuple[datetime, str]]:
    found = Observation.objects.of(codes, [period], [by], {})
    columns = found.values_list("figure", "dims", "computed_at", "definition")
    return {(code, dims.get(by, "") if by else ""): (at, version) for code, dims, at, version in columns}


def _evidence(figures: Sequence[Figure], period: Period) -> dict[str, str]:
    codes = [figure.code for figure in figures if isinstance(figure, Manual | Counted)]
    if not codes:
        return {}
    held = ManualEntry.objects.that_hold(codes, period.start, period.start).filter(grain=period.grain)
    return {entry.figure: entry.evidence for entry in held}


def _definitions(period: Period) -> dict[str, str]:
    """The versions by which a closed period was published."""
    freeze = Freeze.objects.covering(period).newest_first().first()
    return freeze.definitions if freeze else {}


def plain(line: Line) -> dict[str, Any]:
    """A line for JSON: numbers as numbers, moments in ISO 8601."""
    found = asdict(line)
    for name in ("value", "current"):
        number = found[name]
        found[name] = None if number is None else int(number) if number == int(number) else float(number)
    found["computed_at"] = line.computed_at.isoformat() if line.computed_at else None
    return found


def described(figure: Figure) -> dict[str, Any]:
    """A figure's declaration for a catalogue, in both languages."""
    texts: dict[str, str] = {}
    for language, code in (("zh-hant", "zh"), ("en", "en")):
        with override(language):
            for name in ("label", "definition", "unit", "how", "kind_label", "law", "source"):
                texts[f"{name}_{code}"] = str(getattr(figure, name))
    return {
        "figure": figure.code,
        "kind": figure.kind,
        **texts,
        "decimals": figure.decimals,
        "owner": registry.owner_of(figure),
        "chapter": registry.chapter_of(figure),
        "parts": list(figure.parts),
        "dimensions": [dimension.code for dimension in registry.dimensions_of(figure)],
        "periods": list(registry.grains_of(figure)),
        "is_manual": registry.is_manual(figure),
        "definition": version_of(figure),
    }


def year_and_months(year: int) -> list[Period]:
    """A year and those of its months that have begun: what is exported for a year."""
    whole = Period(YEAR, Period.year(year).start)
    return [period for period in [whole, *whole.months] if period.has_begun]


def exact(line: Line) -> list[Any]:
    """A line as cells of a file, numbers as they are printed."""
    return [
        half_up(value, registry.figure(line.figure).decimals) if isinstance(value, Decimal) else value
        for value in (getattr(line, name) for name in COLUMNS)
    ]
