"""Reading a pack's files so that whatever is wrong can be said with its file and line."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
NAME = r"[a-z][a-z0-9_]*"


@dataclass(frozen=True)
class Problem:
    """Why a file is refused, and where: line 1 is the first; 0 where the whole file is meant."""

    file: str
    line: int
    reason: str
    column: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} [{self.column}] {self.reason}" if self.column else f"{place} {self.reason}"


class PackError(Exception):
    """A pack cannot be used. ``problems`` says everything that was found, in the order of the files and lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.file, problem.line))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Source:
    """One file of a pack while it is read: its lines, and the problems found so far."""

    path: Path
    name: str
    problems: list[Problem]
    lines: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def refuse(self, line: int, reason: str, column: str = "") -> None:
        """Note a problem and go on, so that one run finds them all."""
        self.problems.append(Problem(self.name, line, reason, column))

    def text(self) -> str | None:
        """The file's text, or None with a problem noted."""
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self.refuse(0, _("找不到這個檔案。"))
        except UnicodeDecodeError as error:
            head = self.path.read_bytes()[: error.start]
            self.refuse(head.count(b"\n") + 1, _("不是 UTF-8 編碼。"))
        return None

    def toml(self) -> Entry:
        """A TOML file as an entry; empty, with a problem noted, where it cannot be read."""
        text = self.text()
        values: dict[str, Any] = {}
        if text is not None:
            try:
                values = tomllib.loads(text)
                self.lines = toml_lines(text)
            except tomllib.TOMLDecodeError as error:
                found = re.search(r"line (\d+)", str(error))
                line = int(found[1]) if found else len(text.splitlines())
                self.refuse(line, _("TOML 格式錯誤：%(error)s") % {"error": error})
        return Entry(values, self, ())

    def csv(self, *columns: str, optional: tuple[str, ...] = ()) -> Iterator[Entry]:
        """The rows of a CSV file that has exactly these columns, in any order."""
        text = self.text()
        if text is None:
            return
        reader = csv.reader(text.splitlines(keepends=True), strict=True)
        try:
            header = next(reader, [])
            if set(header) - set(optional) != set(columns) or len(header) != len(set(header)):
                names = ",".join([*columns, *optional])
                self.refuse(1, _("欄位應為 %(columns)s。") % {"columns": names})
                return
            for row in reader:
                if len(row) == len(header):
                    yield Entry(dict(zip(header, row, strict=True)), self, (), reader.line_num)
                elif row:
                    self.refuse(reader.line_num, _("有 %(n)d 欄，應為 %(m)d 欄。") % {"n": len(row), "m": len(header)})
        except csv.Error as error:
            self.refuse(reader.line_num, _("CSV 格式錯誤：%(error)s") % {"error": error})

    def features(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The features of a GeoJSON file, each with its number, from 1."""
        text = self.text()
        if text is None:
            return
        try:
            collection = json.loads(text)
        except json.JSONDecodeError as error:
            self.refuse(error.lineno, _("JSON 格式錯誤：%(error)s") % {"error": error.msg})
            return
        if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
            self.refuse(1, _("不是 GeoJSON 的 FeatureCollection。"))
            return
        starts = [line for line, row in enumerate(text.splitlines(), 1) if re.search(r'"type":\s*"Feature"', row)]
        features = collection.get("features", [])
        # One feature a line is how the tools write them; else the line of a feature is not known.
        lines = starts if len(starts) == len(features) else [0] * len(features)
        yield from zip(lines, features, strict=True)


class Entry:
    """A table of a TOML file or a row of a CSV file. Reading a value checks it, and notes what is wrong with it.

    A value that is refused comes back as an empty one of its type, so that reading can go on.
    """

    def __init__(self, values: Mapping[str, Any], source: Source, path: tuple[Any, ...], line: int = 0) -> None:
        self.values = values
        self.source = source
        self.path = path
        self._line = line
        self._read: set[str] = set()

    def line(self, name: str = "") -> int:
        """The line of a key, or of the entry itself."""
        if self._line:
            return self._line
        path = (*self.path, name)
        while path and path not in self.source.lines:
            path = path[:-1]
        return self.source.lines.get(path, 1)

    def refuse(self, name: str, reason: str) -> None:
        """Note that a value is wrong."""
        self.source.refuse(self.line(name), reason, name)

    def has(self, name: str) -> bool:
        """Whether the value is there and not empty."""
        return self.values.get(name) not in (None, "")

    def _get(self, name: str, required: bool) -> Any:
        self._read.add(name)
        if not self.has(name):
            if required:
                self.refuse(name, _("必須填寫。"))
            return None
        return self.values[name]

    def text(self, name: str, *, required: bool = True, pattern: str = "", longest: int = 0) -> str:
        """A text; refused when it does not match all of ``pattern`` or is longer than ``longest``."""
        value = self._get(name, required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(name, _("應為文字。"))
            return ""
        value = value.strip()
        if pattern and not re.fullmatch(pattern, value):
            self.refuse(name, _("「%(value)s」的寫法不對。") % {"value": value})
        if longest and len(value) > longest:
            self.refuse(name, _("最多 %(n)d 個字。") % {"n": longest})
        return value

    def choice(self, name: str, options: tuple[str, ...] | frozenset[str], *, required: bool = True) -> str:
        """One of the options."""
        value = self.text(name, required=required)
        if value and value not in options:
            self.refuse(
                name,
                _("「%(value)s」應為 %(options)s 之一。") % {"value": value, "options": "、".join(sorted(options))},
            )
        return value

    def number(self, name: str, *, required: bool = True, least: float | None = None, most: float | None = None) -> Any:
        """A number, as int or Decimal; 0 where it is left out."""
        value = self._get(name, required)
        if value is None:
            return 0
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.refuse(name, _("「%(value)s」不是數字。") % {"value": value})
            return 0
        if (least is not None and number < least) or (most is not None and number > most):
            self.refuse(name, _("%(value)s 超出範圍。") % {"value": value})
        return int(number) if number == int(number) else number

    def whole(self, name: str, *, required: bool = True, least: int = 0) -> int:
        """A whole number."""
        number = self.number(name, required=required, least=least)
        if number != int(number):
            self.refuse(name, _("「%(value)s」不是整數。") % {"value": number})
        return int(number)

    def flag(self, name: str, *, required: bool = False) -> bool:
        """true or false; in CSV 1 or 0; false where it is left out."""
        value = self._get(name, required)
        if value in (True, "1"):
            return True
        if value not in (None, False, "0"):
            self.refuse(name, _("應為 true 或 false（CSV 為 1 或 0）。"))
        return False

    def day(self, name: str, *, required: bool = True) -> date:
        """A date such as 2022-03-05; ``date.min`` where it is refused or left out."""
        value = self._get(name, required)
        if type(value) is date:
            return value
        if value is not None:
            try:
                return date.fromisoformat(str(value))
            except ValueError:
                self.refuse(name, _("「%(value)s」不是日期，例如 2022-03-05。") % {"value": value})
        return date.min

    def clock(self, name: str) -> time:
        """A time of day such as 08:00:00; midnight where it is refused."""
        value = self._get(name, True)
        if isinstance(value, time):
            return value
        if value is not None:
            self.refuse(name, _("「%(value)s」不是時間，例如 08:00:00。") % {"value": value})
        return time()

    def anything(self, name: str) -> Any:
        """A value of any type."""
        return self._get(name, True)

    def texts(self, name: str, *, required: bool = False) -> list[str]:
        """A list of texts; in CSV separated by ``|``."""
        value = self._get(name, required)
        if value is None:
            return []
        if isinstance(value, str) and self._line:
            return [part.strip() for part in value.split("|")]
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            self.refuse(name, _("應為文字的清單。"))
            return []
        if len(set(value)) < len(value):
            self.refuse(name, _("清單裡有重複的項目。"))
        return value

    def numbers(self, name: str, count: int) -> tuple[float, ...]:
        """A list of so many numbers."""
        value = self._get(name, True)
        good = isinstance(value, list) and all(isinstance(n, int | float) and not isinstance(n, bool) for n in value)
        if not good or len(value) != count:
            if value is not None:
                self.refuse(name, _("應為 %(n)d 個數字的清單。") % {"n": count})
            return (0.0,) * count
        return tuple(float(n) for n in value)

    def entry(self, name: str) -> Entry | None:
        """A table within this one, or None where it is left out."""
        value = self._get(name, False)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(name, _("應為表格。"))
            return None
        return Entry(value, self.source, (*self.path, name))

    def entries(self, name: str, *, required: bool = False) -> list[Entry]:
        """A list of tables within this one."""
        value = self._get(name, required)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            self.refuse(name, _("應為表格的清單。"))
            return []
        return [Entry(table, self.source, (*self.path, name, i)) for i, table in enumerate(value)]

    def mapping(self, name: str) -> dict[str, str]:
        """A table of texts whose keys are free."""
        table = self.entry(name)
        return {key: table.text(key) for key in table.values} if table else {}

    def finish(self) -> None:
        """Refuse the keys that nobody read: a typing error would otherwise be passed over in silence."""
        for name in self.values.keys() - self._read:
            self.refuse(name, _("不認得這個項目。"))


def toml_lines(text: str) -> dict[tuple[Any, ...], int]:
    """The line of each table and key of a valid TOML file, by its path: ``("kind", 0, "fields", 2, "type")``.

    Keys of inline tables are not in it, but the elements of an array are that begin a line of their own.
    """
    lines: dict[tuple[Any, ...], int] = {}
    counts: dict[tuple[Any, ...], int] = {}
    here: tuple[Any, ...] = ()
    array: tuple[Any, ...] = ()  # the key whose array is open
    element = 0
    until: str | None = None  # the quotes that end a text of several lines
    depth = 0  # of brackets that are open
    for number, line in enumerate(text.splitlines(), 1):
        if until:
            if until not in line:
                continue
            line, until = line.split(until, 1)[1], None
        elif not depth and (header := re.match(r"\s*(\[\[?)([^\[\]]+)\]", line)):
            names = _keys(header[2])
            here = ()
            for name in names[:-1]:
                here = (*here, name)
                if here in counts:
                    here = (*here, counts[here] - 1)
            here = (*here, names[-1])
            if header[1] == "[[":
                counts[here] = counts.get(here, 0) + 1
                here = (*here, counts[here] - 1)
            lines[here] = number
            continue
        elif not depth and (key := re.match(r"""\s*((?:[\w.-]+|"[^"]*"|'[^']*')+)\s*=""", line)):
            array, element = (*here, *_keys(key[1])), 0
            lines.setdefault(array, number)
            line = line[key.end() :]
        elif depth == 1 and re.match(r"\s*\{", line):
            lines[*array, element] = number
            element += 1
        # What stays open at the end of the line: a long text or brackets.
        line = re.sub(r'""".*?"""|\'\'\'.*?\'\'\'', "", line)
        if opened := re.search(r'"""|\'\'\'', line):
            until, line = opened[0], line[: opened.start()]
        bare = re.sub(r'"(?:\\.|[^"\\])*"|\'[^\']*\'', "", line).split("#", 1)[0]
        depth += bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
    return lines


def _keys(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", dotted)]
