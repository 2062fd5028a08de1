"""Whose personal data can be disclosed, in words: what the log's ``subject`` and ``fields`` are called.

An app that keeps personal data declares it once, when it starts::

    identity.registry.declare("case", _("案件"), {"name": _("姓名"), "phone": _("電話")})
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of record that holds personal data, and its fields, in words."""

    code: str
    label: str | Promise
    fields: Mapping[str, str | Promise]


_SUBJECTS: dict[str, Subject] = {}


def declare(code: str, label: str | Promise, fields: Mapping[str, str | Promise]) -> Subject:
    """Give a kind of subject its words. ValueError if the code is taken."""
    if code in _SUBJECTS:
        raise ValueError(f"the subject {code!r} is declared already")
    _SUBJECTS[code] = Subject(code, label, dict(fields))
    return _SUBJECTS[code]


def subjects() -> list[Subject]:
    """All declared kinds, by code."""
    return [_SUBJECTS[code] for code in sorted(_SUBJECTS)]


def subject_label(code: str) -> str:
    """The word for a kind of subject; its code if nobody declared it."""
    return str(_SUBJECTS[code].label) if code in _SUBJECTS else code


def field_labels(code: str, fields: Iterable[str]) -> list[str]:
    """The words for fields of a kind of subject; their names where nobody declared them."""
    known = _SUBJECTS[code].fields if code in _SUBJECTS else {}
    return [str(known.get(field, field)) for field in fields]
