"""What a kind asks: its fields, their answers, and the registers of the desks that some are answered from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _

from cases.states import Text
from foundation.declared import Declared
from foundation.language import in_language


class Labelled:
    """What is called something in both languages."""

    label_zh: str
    label_en: str

    @property
    def label(self) -> str:
        return in_language(self.label_zh, self.label_en)


class Hinted(Labelled):
    """What also has a hint in both."""

    hint_zh: str
    hint_en: str

    @property
    def hint(self) -> str:
        return in_language(self.hint_zh, self.hint_en)


@dataclass(frozen=True)
class Choice(Labelled):
    """One answer of a choice field."""

    value: str
    label_zh: str
    label_en: str = ""


@dataclass(frozen=True)
class Referred:
    """A record of a desk's register, as far as a report about it needs it; ``unit`` is the code of who answers."""

    key: str
    label: str
    note: str = ""
    unit: str = ""
    url: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    metres: int | None = None


@dataclass(frozen=True)
class Reference:
    """A register of a desk, from which fields of type ``reference`` are answered: which work, which park, which stop.

    So a kind can ask for a record of one desk in the flow of another, and neither knows the other. ``question`` is the
    heading of the page that asks; ``near(lon, lat)`` gives the records to choose from, the nearest first; ``get(key)``
    one record, or None for a key that there is none of.
    """

    code: str
    question: Text
    near: Callable[[float, float], list[Referred]]
    get: Callable[[str], Referred | None]


_references = Declared[Reference]("register")
add_reference = _references.add


def is_register(code: str) -> bool:
    """Whether a desk has declared a register of that code."""
    return code in _references


@dataclass(frozen=True)
class Field(Hinted):
    """One question that a kind asks. ``type``: text, number, choice, bool, date, time, or reference to a record of
    the register ``register``."""

    name: str
    type: str
    label_zh: str
    label_en: str = ""
    hint_zh: str = ""
    hint_en: str = ""
    required: bool = False
    max_length: int = 200
    choices: tuple[Choice, ...] = ()
    register: str = ""

    def clean(self, raw: Any) -> Any:
        """The value as kept in the case's JSON column, or None. Raises ValidationError in the reader's language."""
        if raw is None or raw == "" or raw is False:
            if self.required:
                raise ValidationError(_("請填寫「%(field)s」。") % {"field": self.label})
            return None
        return getattr(self, f"_clean_{self.type}")(raw)

    def _clean_text(self, raw: Any) -> str:
        text = str(raw).strip()
        if len(text) > self.max_length:
            raise ValidationError(
                _("「%(field)s」最多 %(most)d 個字，現在有 %(now)d 個字。")
                % {"field": self.label, "most": self.max_length, "now": len(text)}
            )
        return text

    def _clean_number(self, raw: Any) -> str:
        try:
            number = Decimal(str(raw).strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise ValidationError(_("「%(field)s」請填數字。") % {"field": self.label})
        return str(number)

    def _clean_choice(self, raw: Any) -> str:
        if str(raw) not in {choice.value for choice in self.choices}:
            raise ValidationError(_("「%(field)s」請從列出的項目中選一項。") % {"field": self.label})
        return str(raw)

    @property
    def reference(self) -> Reference:
        """The register that a field of type ``reference`` is answered from."""
        return _references[self.register]

    def _clean_reference(self, raw: Any) -> str:
        found = self.reference.get(str(raw).strip())
        if found is None:
            raise ValidationError(_("「%(field)s」請從列出的項目中選一項。") % {"field": self.label})
        return found.key

    def _clean_bool(self, raw: Any) -> bool:
        return raw in (True, "true", "on", "1", "yes")

    def _clean_date(self, raw: Any) -> str:
        return self._clean_moment(raw, parse_date, _("「%(field)s」請填日期，例如 2022-03-05。"))

    def _clean_time(self, raw: Any) -> str:
        return self._clean_moment(raw, parse_time, _("「%(field)s」請填時間，例如 21:30。"))

    def _clean_moment(self, raw: Any, parse: Callable[[str], Any], message: str) -> str:
        try:
            moment = parse(str(raw))
        except ValueError:
            moment = None
        if moment is None:
            raise ValidationError(message % {"field": self.label})
        return moment.isoformat()

    def display(self, value: Any) -> str:
        """A kept value in words."""
        if self.type == "choice":
            return next((choice.label for choice in self.choices if choice.value == value), str(value))
        if self.type == "bool":
            return _("是") if value else _("否")
        if self.type == "reference" and (found := self.reference.get(value)):
            return found.label
        return str(value)
