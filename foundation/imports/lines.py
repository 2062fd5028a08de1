"""From a line's cells to a record: mending, translation and validation of one line. The hot loop of an import."""

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from foundation.export import plain
from foundation.imports.mapping import Fingerprint, Mapping
from foundation.imports.reader import REJECT_PREFIX, FileError, Line
from foundation.imports.registry import Import, Record, Refused


class Problem(NamedTuple):
    """One thing that is wrong with a line; ``kind`` is the reason without its values, for the summary."""

    column: str
    reason: str
    kind: str


class _Step(NamedTuple):
    name: str
    place: int
    more: tuple[int, ...]  # further cells, joined by blanks
    values: dict[str, str] | None
    fingerprint: Callable[[str, list[str]], str] | None
    parse: Callable[[str], Any]
    required: bool


class LineParser:
    """Knows where everything stands in the lines of one file. Raises FileError if the header lacks a mapped column."""

    def __init__(self, declared: Import, mapping: Mapping, header: list[str], context: Any) -> None:
        self.declared, self.context = declared, context
        self.width = len(header)
        self.delimiter = mapping.delimiter
        places = {name: index for index, name in reversed(list(enumerate(header)))}
        self._check_header(declared, mapping, header, places)
        self.join = places[mapping.join_extra] if mapping.join_extra else None
        self.constants: Record = {column.name: None for column in declared.columns}
        for name, text in mapping.constants.items():
            self.constants[name] = declared.column(name).parse(text)
        self.steps = [
            _Step(
                name=column.name,
                place=places[sources[0]],
                more=tuple(places[source] for source in sources[1:]),
                values=mapping.values.get(column.name),
                fingerprint=_fingerprinter(mapping.fingerprints.get(column.name), places),
                parse=column.parse,
                required=column.required,
            )
            for column in declared.columns
            if (sources := mapping.columns.get(column.name)) and sources[0] in places
        ]

    @staticmethod
    def _check_header(declared: Import, mapping: Mapping, header: list[str], places: dict[str, int]) -> None:
        wanted = [mapping.join_extra] if mapping.join_extra else []
        for name, sources in mapping.columns.items():
            # Without a mapping file an optional column may be absent; what a mapping names must be there.
            if mapping.sha256 or declared.column(name).required:
                wanted.extend(sources)
        wanted.extend(name for fingerprint in mapping.fingerprints.values() for name in fingerprint.of)
        if missing := [name for name in dict.fromkeys(wanted) if name not in places]:
            raise FileError(
                _("檔案沒有這些欄位：%(missing)s。檔案的欄位是：%(header)s。")
                % {"missing": "、".join(missing), "header": "、".join(header)}
            )
        if not mapping.sha256:
            known = mapping.columns.keys()
            if unknown := [
                name for name in header if name and name not in known and not name.startswith(REJECT_PREFIX)
            ]:
                raise FileError(
                    _("不認識這些欄位：%(unknown)s。可用的欄位是：%(known)s。欄位名稱不同時請用對照檔。")
                    % {"unknown": "、".join(unknown), "known": "、".join(known)}
                )

    def record(self, line: Line) -> tuple[Record | None, list[Problem]]:
        """The line's record, or None and everything that is wrong with the line."""
        if line.problem:
            return None, [Problem("", line.problem, line.problem)]
        cells = line.cells
        surplus = len(cells) - self.width
        if surplus:
            if surplus < 0 or self.join is None:
                return None, [_wrong_width(surplus, self.width, len(cells))]
            end = self.join + surplus + 1
            cells = [*cells[: self.join], self.delimiter.join(cells[self.join : end]), *cells[end:]]
        record = self.constants.copy()
        problems: list[Problem] = []
        for name, place, more, values, fingerprint, parse, required in self.steps:
            text = cells[place].strip()
            if more:
                text = " ".join([text, *(part for each in more if (part := cells[each].strip()))]).strip()
            if fingerprint is not None:
                text = fingerprint(text, cells)
            if not text:
                if required:
                    problems.append(_missing(name))
                continue
            if text[0] == "'":
                text = plain(text)
            if values is not None:
                translated = values.get(text, values.get("*"))
                if translated is None:
                    problems.append(_untranslated(name, text))
                    continue
                text = translated
            try:
                record[name] = parse(text)
            except Refused as refused:
                problems.append(Problem(name, str(refused), refused.kind))
            except (ValueError, ValidationError) as problem:
                reason = "；".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
                problems.append(Problem(name, reason, reason))
        if not problems and self.declared.check is not None:
            try:
                record = self.declared.check(record, self.context)
            except Refused as refused:
                problems.append(Problem(refused.column, str(refused), refused.kind))
        return (None, problems) if problems else (record, problems)


def _missing(name: str) -> Problem:
    reason = _("沒有填")
    return Problem(name, reason, reason)


def _untranslated(name: str, text: str) -> Problem:
    return Problem(name, _("對照檔的 values 沒有「%s」") % text, _("對照檔的 values 沒有這個值"))


def _wrong_width(surplus: int, width: int, found: int) -> Problem:
    kind = _("欄位太多；可能有逗號沒有加引號") if surplus > 0 else _("欄位太少")
    return Problem(
        "",
        _("%(kind)s（應有 %(width)s 欄，這一行有 %(found)s 欄）") % {"kind": kind, "width": width, "found": found},
        kind,
    )


def _fingerprinter(fingerprint: Fingerprint | None, places: dict[str, int]) -> Callable[[str, list[str]], str] | None:
    if fingerprint is None:
        return None
    unless = fingerprint.unless.fullmatch if fingerprint.unless else None
    indexes = [places[name] for name in fingerprint.of]

    def replaced(text: str, cells: list[str]) -> str:
        if unless is not None and unless(text):
            return text
        content = "\x1f".join([cells[index].strip() for index in indexes])
        return "#" + hashlib.blake2b(content.encode(), digest_size=12).hexdigest()

    return replaced
