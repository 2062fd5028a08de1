"""Where the records of a figure lie, as far as anybody may know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet


@dataclass(frozen=True)
class Places:
    """``cell`` is the path of the column with a record's H3 cell, ``public`` picks the records whose place may be
    shown, ``finest`` gives the resolution of H3 below which the public is told no place."""

    cell: str
    public: Callable[[QuerySet], QuerySet]
    finest: Callable[[], int]
