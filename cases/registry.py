"""Declared objects of the engine: families (a life) and kinds (a piece of work in the pack that lives it).

A *family* is code: its series of numbers, its lifecycle, the functions that carry out its verbs, what is told to the
citizen. A *kind* is data of the city pack: its words, fields, deadline, routing. So another city is another folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError

from cases.fields import Choice, Field, Hinted, is_register
from cases.rules import Promise
from cases.states import Lifecycle, Text
from foundation.declared import Declared
from organisation.pack import pack

SERIES = "DPW"


@dataclass(frozen=True)
class DatedPromise:
    """The promise in force from a day on, with its source."""

    since: date
    promise: Promise
    source: str


@dataclass(frozen=True)
class ExtensionRule:
    """How often and by how much a deadline may be extended; ``unit`` as in the working calendar."""

    max_times: int = 0
    max_amount: Decimal = Decimal(0)
    unit: str = "working_days"


@dataclass(frozen=True)
class ApprovalRule:
    """Whose signatures an answer needs, in their order, as levels (``unit``, ``agency``); none: it goes out as it is.

    ``confidential`` takes the place of ``answer`` where the petitioner asked for confidence or complains of the unit;
    with ``joint`` the units that contributed sign first.
    """

    answer: tuple[str, ...] = ()
    confidential: tuple[str, ...] = ()
    joint: bool = False


@dataclass(frozen=True)
class Kind(Hinted):
    """A kind of case, as the city pack declares it."""

    code: str
    family: Family
    label_zh: str
    label_en: str
    hint_zh: str = ""
    hint_en: str = ""
    icon: str = ""
    words: tuple[str, ...] = ()
    order: int = 0
    urgent: bool = False
    anonymous: bool = True
    sensitive: bool = False
    confirm_address: bool = False
    # When photos and texts become public: never, once an officer has looked them through, or (photos) always.
    photos_public: str = "reviewed"
    texts_public: str = "reviewed"
    fields: tuple[Field, ...] = ()
    public_fields: tuple[str, ...] = ()
    deadline: tuple[DatedPromise, ...] = ()
    remind_before: Promise | None = None
    active_from: date = date.min
    active_until: date | None = None
    default_unit: str = ""
    unit_by_district: Mapping[str, str] = field(default_factory=dict)
    reopen_days: int = 0
    extension: ExtensionRule = ExtensionRule()
    approval: ApprovalRule = ApprovalRule()

    @property
    def lifecycle(self) -> Lifecycle:
        return self.family.lifecycle

    def active(self, on: date) -> bool:
        """Whether it may be reported on a day; old cases keep kinds that may not be reported any more."""
        return self.active_from <= on and (self.active_until is None or on <= self.active_until)

    def promise(self, on: date) -> Promise | None:
        """The promise in force on a day, or None before the first one."""
        found = [dated for dated in self.deadline if dated.since <= on]
        return max(found, key=lambda dated: dated.since).promise if found else None

    def unit_of_reference(self, values: Mapping[str, Any]) -> str:
        """The code of the unit of the record that the answers say it is about; empty where there is none."""
        for f in self.references:
            if (key := values.get(f.name)) and (found := f.reference.get(key)) and found.unit:
                return found.unit
        return ""

    def unit_for(self, district_code: str | None) -> str:
        """The code of the unit that answers for this kind in a district, as the pack has it."""
        return self.unit_by_district.get(district_code or "", self.default_unit)

    @cached_property
    def references(self) -> tuple[Field, ...]:
        """The fields that are answered from a register."""
        return tuple(f for f in self.fields if f.type == "reference")

    @cached_property
    def field_by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    def clean(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The kind's fields, validated. Raises ValidationError with one list of messages a field."""
        values, errors = {}, {}
        for f in self.fields:
            try:
                value = f.clean(raw.get(f.name))
            except ValidationError as error:
                errors[f.name] = error
            else:
                if value is not None:
                    values[f.name] = value
        if errors:
            raise ValidationError(errors)
        return values

    def answers(self, values: Mapping[str, Any], *, public: bool = False) -> list[tuple[str, str]]:
        """The kept values as (label, words), in the order asked; only the public ones for the public."""
        return [
            (f.label, f.display(values[f.name]))
            for f in self.fields
            if f.name in values and (not public or f.name in self.public_fields)
        ]


@dataclass(frozen=True)
class DeskPage:
    """A page of a desk's own that the rail leads to: its words, the name of its address, and who may open it."""

    label: Text
    address: str
    permission: str


@dataclass(frozen=True)
class Family:
    """A life that kinds share.

    ``performers`` carry out the verbs of the lifecycle; ``notices`` name what is told to the citizen after a verb;
    ``allows(user, case, transition)`` replaces the check by role; ``panels`` are template parts that a desk adds to the
    case page, ``related`` those that come after it (`cases.pages.related`), ``pages`` what it adds to the rail;
    ``on_filing`` are told of each new case, in its transaction.
    """

    code: str
    series: str
    label: Text
    lifecycle: Lifecycle
    performers: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    notices: Mapping[str, str] = field(default_factory=dict)
    allows: Callable[..., bool] | None = None
    panels: tuple[Callable[..., dict | None], ...] = ()
    related: tuple[Callable[..., dict | None], ...] = ()
    pages: tuple[DeskPage, ...] = ()
    on_filing: tuple[Callable[..., None], ...] = ()


class Registry:
    """The families and kinds in force. Refuses duplicates and unknown families."""

    def __init__(self) -> None:
        self.families = Declared[Family]("family")
        # Parts of the case page for every family, as `Family.panels`: about how a case came in, say.
        self.panels: list[Callable[..., dict | None]] = []
        self._kinds: dict[str, Kind] | None = None

    def add_family(self, family: Family) -> Family:
        """Declare a family. Raises ImproperlyConfigured for a second of the same code or a verb without performer."""
        if family.series not in SERIES or len(family.series) != 1:
            raise ImproperlyConfigured(f"family {family.code!r}: series {family.series!r} is not one of {SERIES}")
        if missing := set(family.lifecycle.transitions) - set(family.performers):
            raise ImproperlyConfigured(f"family {family.code!r}: nobody performs {sorted(missing)}")
        return self.families.add(family)

    @property
    def kinds(self) -> dict[str, Kind]:
        """The pack's kinds by code, in the pack's order."""
        if self._kinds is None:
            self._kinds = {kind.code: kind for kind in self._read(pack().kinds)}
        return self._kinds

    def _read(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Kind]:
        for row in sorted(rows, key=lambda row: row.get("order", 0)):
            if row["family"] not in self.families:
                raise ImproperlyConfigured(f"kind {row['code']!r}: unknown family {row['family']!r}")
            for f in row.get("fields", ()):
                if f["type"] == "reference" and not is_register(f["register"]):
                    raise ImproperlyConfigured(f"kind {row['code']!r}: unknown register {f['register']!r}")
            yield kind_from_pack(row, self.families[row["family"]])


def kind_from_pack(row: Mapping[str, Any], family: Family) -> Kind:
    """A kind from one ``[[kind]]`` of the pack's kinds.toml, which the pack's loader has checked."""
    routing = row.get("routing", {})
    reminder = row.get("remind_before")
    extension = row.get("extension")
    approval = row.get("approval") or {}
    plain = {
        name: row[name]
        for name in (
            "code",
            "label_zh",
            "label_en",
            "hint_zh",
            "hint_en",
            "icon",
            "order",
            "urgent",
            "anonymous",
            "sensitive",
            "confirm_address",
            "photos_public",
            "texts_public",
            "reopen_days",
            "active_from",
            "active_until",
        )
        if name in row
    }
    return Kind(
        family=family,
        words=tuple(row.get("words", ())),
        fields=tuple(
            Field(**{**f, "choices": tuple(Choice(**choice) for choice in f.get("choices", ()))})
            for f in row.get("fields", ())
        ),
        public_fields=tuple(row.get("public_fields", ())),
        deadline=tuple(
            DatedPromise(
                d["since"], Promise(Decimal(str(d["amount"])), d["unit"], f"{row['code']}@{d['since']}"), d["source"]
            )
            for d in row.get("deadline", ())
        ),
        remind_before=Promise(Decimal(str(reminder["amount"])), reminder["unit"]) if reminder else None,
        default_unit=routing.get("unit", ""),
        unit_by_district=dict(routing.get("districts", {})),
        extension=ExtensionRule(extension["max_times"], Decimal(str(extension["max_amount"])), extension["unit"])
        if extension
        else ExtensionRule(),
        approval=ApprovalRule(
            tuple(approval.get("answer", ())), tuple(approval.get("confidential", ())), approval.get("joint", False)
        ),
        **plain,
    )


registry = Registry()


def kinds() -> dict[str, Kind]:
    """The kinds in force, by code."""
    return registry.kinds


def kind(code: str) -> Kind:
    """One kind. Raises KeyError for a code that the pack does not know."""
    return registry.kinds[code]
