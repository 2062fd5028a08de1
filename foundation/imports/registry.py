"""What can be imported: the declared object and the registry for it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from foundation.declared import Declared

type Record = dict[str, Any]
type Key = tuple[Any, ...]


class Refused(Exception):
    """Why a value or a line is not taken, in the reader's language.

    ``reason`` may hold %(name)s places; the summary counts refusals by the reason without its values. ``column`` is
    filled in by the engine where a column's ``parse`` raises it.
    """

    def __init__(self, reason: str, *, column: str = "", **values: Any) -> None:
        super().__init__(reason)
        self.reason, self.column, self.values = reason, column, values

    def __str__(self) -> str:
        return self.reason % self.values if self.values else self.reason

    @property
    def kind(self) -> str:
        """The reason without its values, as a summary counts it."""
        return re.sub(r"%\(\w+\)[sd]", "…", self.reason) if self.values else self.reason


def text(value: str) -> str:
    """The value as it stands; the engine has taken off the blanks around it."""
    return value


@dataclass(frozen=True)
class Column:
    """One column: ``parse`` makes its value of a text that is not empty, or raises Refused (or ValueError).

    An empty cell is None, and refused if the column is required. ``help`` says in words what belongs there.
    """

    name: str
    parse: Callable[[str], Any] = text
    required: bool = False
    help: Any = ""


def _no_context() -> None:
    return None


@dataclass(frozen=True)
class Import:
    """A record type that can be imported, and exported with the same columns.

    * ``key``: the columns whose values together identify a record of the source; a file once more changes nothing.
    * ``begin()`` is called once a run; what it returns (look-up tables, say) is the ``context`` of the other hooks.
    * ``check(record, context)`` may complete the record or raise Refused; it sees the values of all columns. It runs in
      a thread beside the writing of the batch before, so what it reads from the database, if it must, is not part of
      the batch's transaction: let ``begin`` look things up.
    * ``existing(records, cursor)`` is given records by their key, in a transaction, and returns the keys of those that
      the database holds already. An import that corrects what it brought before leaves out those that it holds
      differently: they go to ``write``, too, and count as imported.
    * ``objections(records, cursor)`` is given the same and returns, by key, what of a record is left as the database
      has it although the file says otherwise, with the reasons. Such a line is listed in the rejects file and counts
      as rejected; what else it says goes to ``write``.
    * ``write(records, cursor, context)`` writes such records (no key twice) in the batch's transaction, and whatever
      belongs to them. It returns how many it wrote, or None for all; a record that another process wrote at the same
      moment is left out by ON CONFLICT DO NOTHING. If it raises a database error the engine halves the batch until the
      line that caused it is found, and rejects that.
    * ``export(filters)`` yields records, as dicts with a value for each column; ``filters`` are parsed by ``filters``.
    """

    code: str
    label: Any
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    existing: Callable[[Mapping[Key, Record], Any], Iterable[Key]]
    write: Callable[[list[Record], Any, Any], int | None]
    objections: Callable[[Mapping[Key, Record], Any], Mapping[Key, list[Refused]]] | None = None
    begin: Callable[[], Any] = _no_context
    check: Callable[[Record, Any], Record] | None = None
    export: Callable[[dict[str, Any]], Iterator[Record]] | None = None
    filters: dict[str, Callable[[str], Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.code}: a column is declared twice")
        for name in self.key:
            if name not in names:
                raise ValueError(f"{self.code}: the key names {name!r}, which is no column")
            if not self.column(name).required:
                raise ValueError(f"{self.code}: {name!r} is part of the key and must be required")

    def column(self, name: str) -> Column:
        """The column of a name."""
        return next(column for column in self.columns if column.name == name)

    def key_of(self, record: Record) -> Key:
        """What identifies the record."""
        return tuple([record[name] for name in self.key])


_imports = Declared[Import]("import")
register = _imports.add


def names() -> list[str]:
    """The codes of all imports, sorted."""
    autodiscover_modules("imports")
    return sorted(_imports)


def get(code: str) -> Import:
    """The import of a code. Raises LookupError that names those there are."""
    known = names()
    if code not in _imports:
        raise LookupError(
            _("沒有「%(code)s」這種匯入；可用的有：%(known)s")
            % {"code": code, "known": "、".join(known) or _("（無）")}
        )
    return _imports[code]
