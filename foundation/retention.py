"""What personal data an app holds, and how it lets go of it when its term is over.

An app declares each of its holdings in ``<app>/retention.py``; how long it is kept is a rule of the city pack, and
the app ``retention`` runs them every night. This is only the list, so that every layer can declare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value
from django.utils.functional import Promise

from foundation.declared import Declared

type Text = str | Promise


@dataclass(frozen=True)
class Holding:
    """One thing that is kept for a term.

    ``rule`` names the rule of the pack with the term. ``due(before)`` gives the records whose term began before a
    moment and that still hold something; a record that was let go of is never due again. ``excuse`` is an expression
    over such a record: why it must be kept all the same, a key of ``excuses``, or empty. ``forget(keys)`` lets go of
    records by their primary keys, in the caller's transaction, and may run twice.
    """

    code: str
    label: Text
    rule: str
    due: Callable[[datetime], QuerySet]
    forget: Callable[[Sequence[Any]], Any]
    excuse: Any = field(default_factory=lambda: Value(""))
    excuses: Mapping[str, Text] = field(default_factory=dict)


_holdings = Declared[Holding]("holding")
declare, holdings = _holdings.add, _holdings.in_order
