"""The mapping file: which of the source's columns is what. TOML; every mistake is told with its line.

::

    encoding = "utf-8"              # or "cp950" for Big5
    delimiter = ","
    join_extra = "案件地址"          # a line with too many cells: this source column held the unquoted commas

    [columns]                       # ours = theirs; several of theirs are joined by a blank
    source_number = "案件編號"
    received_at = ["立案日期", "立案時間"]

    [constants]                     # ours = a text for every line
    source = "taipei-1999"

    [values.kind]                   # translations, theirs = ours; "*" for whatever is not named
    "路燈故障" = "streetlight"

    [fingerprint.source_number]     # where the source's number is broken, the other columns identify the line
    unless = '\\d{13}'              # a number of this form is used as it stands
    of = ["案件編號", "派工項目", "案件地址", "立案日期", "立案時間"]

Without a mapping file each column is looked for under its own name.
"""

import codecs
import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from foundation.imports.registry import Import


class MappingError(Exception):
    """A mapping file that cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Fingerprint:
    """How a broken source number is replaced: by a hash of these source columns, unless the number matches."""

    of: tuple[str, ...]
    unless: re.Pattern[str] | None


@dataclass(frozen=True)
class Mapping:
    """A mapping file, read and checked against what the import declares."""

    columns: dict[str, tuple[str, ...]]
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    fingerprints: dict[str, Fingerprint] = field(default_factory=dict)
    encoding: str = "utf-8"
    delimiter: str = ","
    join_extra: str = ""
    sha256: str = ""

    @classmethod
    def of_names(cls, declared: Import) -> "Mapping":
        """Each column under its own name."""
        return cls(columns={column.name: (column.name,) for column in declared.columns})

    @classmethod
    def load(cls, path: Path, declared: Import) -> "Mapping":
        """Read a mapping file. Raises MappingError for the first mistake in it, with its line."""
        return _Loader(path, declared).load()


class _Loader:
    def __init__(self, path: Path, declared: Import) -> None:
        self.path, self.declared = path, declared
        self.names = [column.name for column in declared.columns]
        try:
            self.source = path.read_text("utf-8")
            self.tables = tomllib.loads(self.source)
        except OSError as problem:
            raise MappingError(
                _("無法讀取對照檔 %(path)s：%(problem)s") % {"path": path, "problem": problem.strerror}
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise MappingError(f"{path}: {problem}") from None

    def load(self) -> Mapping:
        known = ["encoding", "delimiter", "join_extra", "columns", "constants", "values", "fingerprint"]
        for key in self.tables:
            self.known(key, known, "", key)
        for name in ("columns", "constants", "values", "fingerprint"):
            if not isinstance(self.tables.get(name, {}), dict):
                raise self.error(_("%(key)s 應該是一個表格") % {"key": name}, "", name)
        mapping = Mapping(
            columns=self.columns(),
            constants=self.constants(),
            values=self.values(),
            fingerprints=self.fingerprints(),
            encoding=self.encoding(),
            delimiter=self.text("delimiter", ","),
            join_extra=self.text("join_extra", ""),
            sha256=hashlib.sha256(self.source.encode()).hexdigest(),
        )
        if len(mapping.delimiter) != 1:
            raise self.error(_("delimiter 應該是一個字元"), "", "delimiter")
        for name in mapping.columns.keys() & mapping.constants.keys():
            raise self.error(_("%(name)s 同時出現在 columns 與 constants") % {"name": name}, "constants", name)
        for column in self.declared.columns:
            if column.required and column.name not in mapping.columns.keys() | mapping.constants.keys():
                raise self.error(
                    _("必要欄位 %(name)s 沒有對應的來源欄位或固定值") % {"name": column.name}, "", "[columns]"
                )
        return mapping

    def error(self, problem: str, table: str, key: str) -> MappingError:
        return MappingError(
            _("%(path)s 第 %(line)s 行：%(problem)s")
            % {"path": self.path, "line": line_of(self.source, table, key), "problem": problem}
        )

    def known(self, name: str, names: Iterable[str], table: str, key: str) -> None:
        names = list(names)
        if name in names:
            return
        near = difflib.get_close_matches(name, names, 1)
        hint = _("；是不是「%s」？") % near[0] if near else _("；可用的有：%s") % "、".join(names)
        raise self.error(_("不認識「%s」") % name + hint, table, key)

    def text(self, key: str, default: str) -> str:
        value = self.tables.get(key, default)
        if not isinstance(value, str):
            raise self.error(_("%(key)s 應該是文字") % {"key": key}, "", key)
        return value

    def encoding(self) -> str:
        name = self.text("encoding", "utf-8")
        try:
            known = codecs.lookup(name).name
            readable = "\n,".encode(known) == b"\n,"  # the file is cut into lines before it is decoded
        except LookupError:
            readable = False
        if not readable:
            raise self.error(_("不認識編碼「%s」") % name, "", "encoding")
        return known

    def columns(self) -> dict[str, tuple[str, ...]]:
        result = {}
        for name, value in self.tables.get("columns", {}).items():
            self.known(name, self.names, "columns", name)
            sources = [value] if isinstance(value, str) else value
            if not isinstance(sources, list) or not sources or not all(isinstance(each, str) for each in sources):
                raise self.error(_("%(key)s 應該是來源欄位的名稱") % {"key": name}, "columns", name)
            result[name] = tuple(sources)
        return result

    def constants(self) -> dict[str, str]:
        result = {}
        for name, value in self.tables.get("constants", {}).items():
            self.known(name, self.names, "constants", name)
            result[name] = str(value)
            try:
                self.declared.column(name).parse(str(value))
            except Exception as problem:
                raise self.error(f"{name}：{problem}", "constants", name) from None
        return result

    def values(self) -> dict[str, dict[str, str]]:
        result = {}
        for name, table in self.tables.get("values", {}).items():
            self.known(name, self.tables.get("columns", {}), f"values.{name}", "")
            if not isinstance(table, dict):
                raise self.error(_("values.%s 應該是一個表格") % name, "values", name)
            parse = self.declared.column(name).parse
            for theirs, ours in table.items():
                try:
                    parse(str(ours))
                except Exception as problem:
                    raise self.error(f"{name}：{problem}", f"values.{name}", theirs) from None
            result[name] = {theirs.strip(): str(ours) for theirs, ours in table.items()}
        return result

    def fingerprints(self) -> dict[str, Fingerprint]:
        result = {}
        for name, table in self.tables.get("fingerprint", {}).items():
            where = f"fingerprint.{name}"
            self.known(name, self.tables.get("columns", {}), where, "")
            for key in table:
                self.known(key, ("of", "unless"), where, key)
            of = table.get("of")
            if not isinstance(of, list) or not of or not all(isinstance(each, str) for each in of):
                raise self.error(_("%(key)s 應該是來源欄位的名稱") % {"key": "of"}, where, "of")
            try:
                unless = re.compile(table["unless"]) if "unless" in table else None
            except (re.error, TypeError) as problem:
                raise self.error(f"unless：{problem}", where, "unless") from None
            result[name] = Fingerprint(tuple(of), unless)
        return result


def line_of(source: str, table: str, key: str) -> int:
    """The line of a TOML text on which a key stands, or its table if the key does not; else 1."""
    current, found = "", 1
    for number, line in enumerate(source.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("["):
            current = bare.split("#")[0].strip("[] \t").replace('"', "").replace("'", "")
            if current == (table or key.strip("[]")) or (not table and current.startswith(f"{key}.")):
                found = number
                if not key or not table:
                    return number
        elif current == table and key and re.split(r"\s*=", bare, maxsplit=1)[0].strip("\"'") == key:
            return number
    return found
