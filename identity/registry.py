"""Whose personal data can be disclosed, in words: what the log's ``subject`` and ``fields`` are called.

An app that keeps personal data declares it once, when it starts::

    identity.registry.declare("case", _("案件"), {"name": _("姓名"), "phone": _("電話")})
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

from foundation.declared import Declared


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of record that holds personal data, and its fields, in words."""

    code: str
    label: str | Promise
    fields: Mapping[str, str | Promise]


_subjects = Declared[Subject]("subject of disclosures")
subjects = _subjects.in_order


def declare(code: str, label: str | Promise, fields: Mapping[str, str | Promise]) -> Subject:
    """Give a kind of subject its words. Raises ImproperlyConfigured if the code is taken."""
    return _subjects.add(Subject(code, label, dict(fields)))


def subject_label(code: str) -> str:
    """The word for a kind of subject; its code if nobody declared it."""
    return str(_subjects[code].label) if code in _subjects else code


def field_labels(code: str, fields: Iterable[str]) -> list[str]:
    """The words for fields of a kind of subject; their names where nobody declared them."""
    known = _subjects[code].fields if code in _subjects else {}
    return [str(known.get(field, field)) for field in fields]
