"""The small markup of a report's paragraphs, read into blocks. Pure: it knows no figure, no database, no clock.

Headings come from the tree of sections, so a text has none. A blank line ends a block::

    In {period} {servicerequests.dispatches} dispatches came in, {servicerequests.dispatches@-1|plain} the year before.

    - a list            1. a numbered one
    | kind | number |   a table, its first line the heading
    {table servicerequests.dispatches, servicerequests.done by kind}
    {chart servicerequests.dispatches by month}
    {photo opening-day}

In braces stands a name: a figure's, for the report's period or so many periods away (``@-1``), in a form (``|萬``); or
``period``, ``year`` and ``city``. ``{{`` and ``}}`` are the braces themselves. Whatever else stands in braces is a
problem that names its line; nothing is ever refused, so that half a sentence can be kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FORMS = ("萬", "億", "%", "roc", "plain")
WORDS = ("period", "year", "city")
BARE_BRACE = "brace"  # the kinds of problem
UNREADABLE = "unreadable"

_CODE = r"[a-z]+(?:\.[a-z][a-z0-9_]*)+"
_NUMBER = re.compile(rf"(?P<code>{_CODE})(?:@(?P<offset>[+-]?[0-9]{{1,3}}))?(?:\|(?P<form>[^{{}}|]*))?")
_DISPLAY = re.compile(rf"(?P<shape>table|chart)\s+(?P<codes>{_CODE}(?:[,\s]+{_CODE})*)\s+by\s+(?P<by>[a-z][a-z0-9_]*)")
_PHOTO = re.compile(r"photo\s+(?P<name>[a-z0-9][a-z0-9-]*)")
_INLINE = re.compile(r"\{\{|\}\}|\{(?P<inside>[^{}]*)\}|[{}]")
_ITEM = re.compile(r"\s*(?:(?P<bullet>[-*•])|(?P<number>[0-9]{1,3})[.)、])\s*(?P<text>\S.*)")
_WIDE = re.compile(r"[⺀-鿿＀-￯　-〿]")


@dataclass(frozen=True)
class Text:
    """Words as they were written."""

    text: str


@dataclass(frozen=True)
class Word:
    """``{period}``, ``{year}`` or ``{city}``."""

    name: str


@dataclass(frozen=True)
class Number:
    """A figure by name; ``offset`` in periods from the report's own, ``form`` one of FORMS or empty."""

    code: str
    offset: int = 0
    form: str = ""


type Inline = Text | Word | Number


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``line`` is its first line in the source, from 1, here and in the other blocks."""

    line: int
    inlines: tuple[Inline, ...]


@dataclass(frozen=True)
class Listing:
    """A list, numbered or not."""

    line: int
    numbered: bool
    items: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table that was typed; the first row is its heading. Rows are equally long."""

    line: int
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]


@dataclass(frozen=True)
class Display:
    """A table or chart of figures by a dimension, or by ``month``."""

    line: int
    shape: str
    codes: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class Photo:
    """A photo of the section by its name, on a line of its own."""

    line: int
    name: str


type Block = Paragraph | Listing | Table | Display | Photo


@dataclass(frozen=True)
class Problem:
    """What cannot be read, and on which line, from 1."""

    line: int
    what: str
    text: str


@dataclass(frozen=True)
class Parsed:
    """A text as blocks, and what of it could not be read (it stands in the blocks as it was written)."""

    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...]


def parse(source: str) -> Parsed:
    """Read a text. Never raises: what cannot be read stays text and is a problem."""
    blocks: list[Block] = []
    problems: list[Problem] = []
    for first, lines in _chunks(source.splitlines()):
        blocks += _read(first, lines, problems)
    return Parsed(tuple(blocks), tuple(problems))


def _chunks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Stretches of lines that are not blank, each with the number of its first line."""
    chunk: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            chunk.append(line)
        elif chunk:
            yield number - len(chunk), chunk
            chunk = []


def _sort(line: str) -> str:
    """What a line belongs to: a display, a photo, a table, a list (numbered or not) or running text."""
    text = line.strip()
    if text.startswith("{") and text.endswith("}") and _DISPLAY.fullmatch(text[1:-1].strip()):
        return "display"
    if text.startswith("{") and text.endswith("}") and _PHOTO.fullmatch(text[1:-1].strip()):
        return "photo"
    if text.startswith("|"):
        return "table"
    if item := _ITEM.fullmatch(line):
        return "bullets" if item["bullet"] else "numbers"
    return "text"


def _read(first: int, lines: list[str], problems: list[Problem]) -> Iterator[Block]:
    start = 0
    sorts = [_sort(line) for line in lines]
    while start < len(lines):
        sort = sorts[start]
        end = start + 1
        while sort not in ("display", "photo") and end < len(lines) and sorts[end] == sort:
            end += 1
        yield _block(sort, first + start, lines[start:end], problems)
        start = end


def _block(sort: str, line: int, lines: list[str], problems: list[Problem]) -> Block:
    match sort:
        case "display":
            found = _DISPLAY.fullmatch(lines[0].strip()[1:-1].strip())
            assert found
            return Display(line, found["shape"], tuple(re.split(r"[,\s]+", found["codes"])), found["by"])
        case "photo":
            named = _PHOTO.fullmatch(lines[0].strip()[1:-1].strip())
            assert named
            return Photo(line, named["name"])
        case "table":
            rows = [_cells(line + number, text, problems) for number, text in enumerate(lines)]
            widest = max(len(row) for row in rows)
            return Table(line, tuple((*row, *((),) * (widest - len(row))) for row in rows))
        case "bullets" | "numbers":
            found_items = [_ITEM.fullmatch(text) for text in lines]
            items = tuple(
                inlines(item["text"], line + number, problems) for number, item in enumerate(found_items) if item
            )
            return Listing(line, sort == "numbers", items)
        case _:
            return Paragraph(line, _joined(line, lines, problems))


def _cells(line: int, text: str, problems: list[Problem]) -> tuple[tuple[Inline, ...], ...]:
    """The cells of a table's row. The bar of a form (``{code|萬}``) separates nothing."""
    inner = text.strip().removeprefix("|").removesuffix("|")
    cells = re.split(r"\|(?![^{}]*\})", inner)
    return tuple(inlines(cell.strip(), line, problems) for cell in cells)


def _joined(line: int, lines: list[str], problems: list[Problem]) -> tuple[Inline, ...]:
    """The lines of a paragraph as one: with a blank between Latin words, without one beside Chinese."""
    found: list[Inline] = []
    for number, text in enumerate(lines):
        text = text.strip()
        if number and not (_WIDE.match(text) or _WIDE.match(lines[number - 1].strip()[-1])):
            text = f" {text}"
        found += inlines(text, line + number, problems)
    return tuple(_merged(found))


def inlines(text: str, line: int, problems: list[Problem]) -> tuple[Inline, ...]:
    """The parts of a stretch of text; adds to ``problems`` what stands in braces and cannot be read."""
    found: list[Inline] = []
    at = 0
    for match in _INLINE.finditer(text):
        found.append(Text(text[at : match.start()]))
        at = match.end()
        part, problem = _braced(match, line)
        found.append(part)
        if problem:
            problems.append(problem)
    found.append(Text(text[at:]))
    return tuple(_merged(found))


def _braced(match: re.Match[str], line: int) -> tuple[Inline, Problem | None]:
    whole, inside = match[0], match["inside"]
    if whole in ("{{", "}}"):
        return Text(whole[0]), None
    if inside is None:
        return Text(whole), Problem(line, BARE_BRACE, whole)
    name = inside.strip()
    if name in WORDS:
        return Word(name), None
    number = _NUMBER.fullmatch(name)
    if number and (number["form"] or "").strip() in ("", *FORMS):
        return Number(number["code"], int(number["offset"] or 0), (number["form"] or "").strip()), None
    return Text(whole), Problem(line, UNREADABLE, whole)


def _merged(parts: Iterable[Inline]) -> Iterator[Inline]:
    """Neighbouring texts as one, empty ones left out."""
    waiting = ""
    for part in parts:
        if isinstance(part, Text):
            waiting += part.text
            continue
        if waiting:
            yield Text(waiting)
            waiting = ""
        yield part
    if waiting:
        yield Text(waiting)


def stretches(block: Block) -> list[tuple[Inline, ...]]:
    """The stretches of running text of a block: none of a display or a photo."""
    match block:
        case Paragraph():
            return [block.inlines]
        case Listing():
            return list(block.items)
        case Table():
            return [cell for row in block.rows for cell in row]
        case _:
            return []


def numbers(blocks: Iterable[Block]) -> list[Number]:
    """The figures named in running text, in order."""
    return [part for block in blocks for inline in stretches(block) for part in inline if isinstance(part, Number)]


def displays(blocks: Iterable[Block]) -> list[Display]:
    """The tables and charts of figures, in order."""
    return [block for block in blocks if isinstance(block, Display)]
