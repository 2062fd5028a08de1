"""Whose personal data can be disclosed, in words: what the log's ``subject`` and ``fields`` are called.

An app that keeps personal data declares it once, when it starts::

    identity.registry.declare("case", _("案件"), {"name": _("姓名"), "phone": _("電話")})
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

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


def declare_more(code: str, fields: Mapping[str, str | Promise]) -> None:
    """Words for fields that another app keeps of the same subject. KeyError if nobody declared it."""
    known = _subjects[code].fields
    assert isinstance(known, dict)
    known.update(fields)


def subject_label(code: str) -> str:
    """The word for a kind of subject; its code if nobody declared it."""
    return str(_subjects[code].label) if code in _subjects else code


def field_labels(code: str, fields: Iterable[str]) -> list[str]:
    """The words for fields of a kind of subject; their names where nobody declared them."""
    known = _subjects[code].fields if code in _subjects else {}
    return [str(known.get(field, field)) for field in fields]


@dataclass(frozen=True, slots=True)
class Part:
    """What one app keeps of a person with an account, for that person (個人資料保護法 §3: access, copy, deletion).

    ``collect(user)`` gives it as values that JSON knows (dates too); ``forget(user)`` lets go of what need not stay
    when the person deletes the account, in the caller's transaction. Declared in ``<app>/personal.py``.
    """

    code: str
    label: str | Promise
    collect: Callable[[Any], Any]
    forget: Callable[[Any], Any] = lambda user: None


_parts = Declared[Part]("part of what is kept of a person")
declare_part, parts = _parts.add, _parts.in_order
