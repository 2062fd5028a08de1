"""The registry: keeps what is declared and refuses what does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from figures.registry.city import Said, said
from figures.registry.declared import (
    Count,
    Counted,
    Derived,
    Dimension,
    Figure,
    Manual,
    PerMonth,
    Ratio,
    ShareSet,
    SoFar,
    Text,
)
from figures.registry.periods import GRAINS
from foundation.declared import Declared

_CODE = re.compile(r"[a-z]+(\.[a-z][a-z0-9_]*)+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Registry:
    """Figures and dimensions by code. What a declaration refers to must have been declared before it.

    ``city()`` is what the city pack says about figures: those that it declares itself stand beside those of the desks,
    which go first where both declare one.
    """

    def __init__(self, city: Callable[[], Said] = said) -> None:
        self._city = city
        self._figures = Declared[Figure]("figure")
        self._dimensions = Declared[Dimension]("dimension")
        self._share_sets = Declared[ShareSet]("set of shares")

    def register_dimension(self, dimension: Dimension) -> Dimension:
        """Declare a dimension. Raises ImproperlyConfigured for a second one of the same code."""
        if not _NAME.fullmatch(dimension.code):
            raise ImproperlyConfigured(f"{dimension.code!r} is no code of a dimension: lower-case letters, digits, _")
        return self._dimensions.add(dimension)

    def register[F: Figure](self, figure: F) -> F:
        """Declare a figure. Raises ImproperlyConfigured for a duplicate, a bad code or an unknown reference."""
        if not _CODE.fullmatch(figure.code):
            raise ImproperlyConfigured(f"{figure.code!r} is no code of a figure: write <app>.<name>")
        if unknown := [part for part in figure.parts if part not in self._figures]:
            raise ImproperlyConfigured(f"{figure.code}: no figure {', '.join(unknown)} is declared before it")
        if isinstance(figure, Counted) and (unknown := sorted(set(figure.dimensions) - set(self._dimensions))):
            raise ImproperlyConfigured(f"{figure.code}: no dimension {', '.join(unknown)} is declared before it")
        if isinstance(figure, PerMonth | SoFar) and not isinstance(self._figures[figure.of], Count):
            raise ImproperlyConfigured(f"{figure.code}: only counts add up over time, {figure.of} is none")
        self._figures.add(figure)
        return figure

    def register_share_set(self, share_set: ShareSet) -> ShareSet:
        """Declare a set of shares. Raises ImproperlyConfigured for fewer than two parts or an unknown figure."""
        if problem := self.misfit(share_set):
            raise ImproperlyConfigured(f"{share_set.code}: {problem}")
        return self._share_sets.add(share_set)

    def misfit(self, share_set: ShareSet) -> str:
        """Why a set of shares cannot be, in words for the developer; empty if it can."""
        if len(share_set.parts) < 2 or len(set(share_set.parts)) < len(share_set.parts):
            return "a whole has two parts at least, each once"
        known = {figure.code for figure in self.figures()}
        if unknown := [code for code in (*share_set.parts, share_set.whole) if code and code not in known]:
            return f"no figure {', '.join(unknown)} is declared"
        return ""

    def share_sets(self) -> list[ShareSet]:
        """All sets of shares, sorted by code."""
        both = {**self._city().share_sets, **self._share_sets}
        return [both[code] for code in sorted(both)]

    def share_set(self, code: str) -> ShareSet:
        """The set of a code. Raises LookupError that names those that desks declare."""
        return self._share_sets.get(code) or self._city().share_sets.get(code) or self._share_sets.named(code)

    def set_of_share(self, figure: Figure) -> ShareSet | None:
        """The set of which a rate is the share of one part in the whole; None for what is no such share."""
        if not isinstance(figure, Ratio):
            return None
        asked = (figure.numerator, figure.denominator)
        own = (each for each in self._share_sets.values() if asked[1] == each.whole and asked[0] in each.parts)
        return next(own, None) or self._city().set_of_share.get(asked)

    def set_of_parts(self, codes: Sequence[str]) -> ShareSet | None:
        """The set of which some figures are all the parts, in any order; None where they are none."""
        return next((each for each in self.share_sets() if sorted(each.parts) == sorted(codes)), None)

    def grains_of_set(self, share_set: ShareSet) -> tuple[str, ...]:
        """For which periods all of its figures have values."""
        codes = [code for code in (*share_set.parts, share_set.whole) if code]
        return tuple(g for g in GRAINS if all(g in self.grains_of(self.figure(code)) for code in codes))

    def figure(self, code: str) -> Figure:
        """The figure of a code. Raises LookupError that names those there are."""
        found = self._figures.get(code) or self._city().figures.get(code)
        return found or self._figures.named(code)

    def figures(self) -> list[Figure]:
        """All figures, sorted by code."""
        both = {**self._city().figures, **self._figures}
        return [both[code] for code in sorted(both)]

    def manual(self) -> list[Manual]:
        """The figures that their owners enter, sorted by code."""
        return [figure for figure in self.figures() if isinstance(figure, Manual)]

    def is_manual(self, figure: Figure) -> bool:
        """Whether a number of it was typed by a person, or was computed from one that was."""
        return isinstance(figure, Manual) or any(self.is_manual(self.figure(part)) for part in figure.parts)

    def owner_of(self, figure: Figure) -> str:
        """The code of the agency that answers for a figure; empty where the city pack names none."""
        return figure.owner or self._city().owners.get(figure.code.partition(".")[0], "")

    def chapter_of(self, figure: Figure) -> str:
        """Its place in the city's report, ``3.1.2``; empty if it has none there."""
        return figure.chapter or self._city().chapters.get(figure.code, "")

    def counted(self, group: str | None = None) -> list[Counted]:
        """The figures taken from records, of one group or all."""
        return [f for f in self.figures() if isinstance(f, Counted) and group in (None, f.group)]

    def dimension(self, code: str) -> Dimension:
        """The dimension of a code. Raises LookupError that names those there are."""
        return self._dimensions.named(code)

    def dimensions(self) -> list[Dimension]:
        """All dimensions, sorted by code."""
        return self._dimensions.in_order()

    def dimensions_of(self, figure: Figure) -> list[Dimension]:
        """By what a figure can be broken down: for a derived one, what all its parts can."""
        return [self._dimensions[code] for code in sorted(self._dimension_codes(figure))]

    def _dimension_codes(self, figure: Figure) -> set[str]:
        if isinstance(figure, Counted):
            return set(figure.dimensions)
        if isinstance(figure, Derived):
            return set.intersection(*(self._dimension_codes(self.figure(part)) for part in figure.parts))
        return set()

    def grains_of(self, figure: Figure) -> tuple[str, ...]:
        """For which periods it has values: years, months, days."""
        parts = figure.parts if isinstance(figure, Ratio) else ()
        return tuple(g for g in figure.grains if all(g in self.grains_of(self.figure(part)) for part in parts))

    def topic_of(self, figure: Figure) -> Text:
        """The name of the desk that declares a figure."""
        app = figure.code.partition(".")[0]
        if apps.is_installed(app):
            return apps.get_app_config(app).verbose_name
        return self._city().topics.get(app, app)


registry = Registry()
