"""What the apps declare when they start: each sort of declaration is kept by code, once, for all to look up."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured


class Declared[T](dict[str, T]):
    """The declarations of one sort, by code. ``sort`` is its name in messages to developers.

    ::

        _searchables = Declared[Searchable]("searchable")
        register, searchable, searchables = _searchables.add, _searchables.named, _searchables.in_order
    """

    def __init__(self, sort: str) -> None:
        super().__init__()
        self.sort = sort

    def add(self, declared: T) -> T:
        """Keep a declaration. Raises ImproperlyConfigured for a second of the same code."""
        code: str = _code(declared)
        if code in self:
            raise ImproperlyConfigured(f"{self.sort} {code!r} is declared twice")
        self[code] = declared
        return declared

    def named(self, code: str) -> T:
        """The declaration of a code. Raises LookupError that names those there are."""
        try:
            return self[code]
        except KeyError:
            known = ", ".join(sorted(self)) or "none"
            raise LookupError(f"no {self.sort} {code!r} is declared; there are: {known}") from None

    def in_order(self) -> list[T]:
        """All declarations, by code."""
        return [self[code] for code in sorted(self)]


def _code(declared: Any) -> str:
    return declared.code
