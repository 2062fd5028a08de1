"""Reading sets of shares: what the parts come to, and whether they make the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from figures import queries
from figures.queries import Reading
from figures.registry import MONTH, YEAR, Period, ShareSet, registry
from figures.rules import shares_of_whole

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Part:
    """A part of a whole: what was counted or entered, and its share in percent, None where there is none to give."""

    reading: Reading
    share: Decimal | None


@dataclass(frozen=True)
class Shares:
    """A set of shares for a period.

    ``sum`` is what the parts come to and ``whole`` what they should: of percentages 100. ``whole_reading`` is None for
    those. Only where they agree do the parts have shares; of percentages the parts are the shares.
    """

    share_set: ShareSet
    period: Period
    parts: tuple[Part, ...]
    sum: Decimal
    whole: Decimal | None
    whole_reading: Reading | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of any part: there is nothing to publish, and nothing wrong."""
        return all(part.reading.value is None for part in self.parts)

    @property
    def missing(self) -> list[Reading]:
        """The parts without a value."""
        return [part.reading for part in self.parts if part.reading.value is None]

    @property
    def difference(self) -> Decimal | None:
        """By how much the parts exceed the whole (below zero: what is lacking); None where there is no whole."""
        return None if self.whole is None else self.sum - self.whole

    @property
    def adds_up(self) -> bool:
        """Whether it may be published."""
        return self.is_empty or (not self.missing and self.difference == 0)


def shares(code: str, period: Period) -> Shares:
    """A set of shares for a period, as the records and entries say now. Raises LookupError for an unknown set."""
    return shares_of([registry.share_set(code)], period)[0]


def shares_of(share_sets: Iterable[ShareSet], period: Period) -> list[Shares]:
    """Several sets for a period, those of them that have values for it, for the price of one."""
    fitting = [each for each in share_sets if period.grain in registry.grains_of_set(each)]
    codes = {code for each in fitting for code in (*each.parts, each.whole) if code}
    readings = queries.values(sorted(codes), period) if codes else {}
    return [_shares(each, period, readings) for each in fitting]


def _shares(share_set: ShareSet, period: Period, readings: dict[str, Reading]) -> Shares:
    parts = [readings[code].now for code in share_set.parts]
    values = [reading.value for reading in parts]
    total = sum((value for value in values if value is not None), Decimal(0))
    if share_set.whole:
        whole_reading = readings[share_set.whole].now
        whole = whole_reading.value
        printed = shares_of_whole(values, whole, share_set.decimals)
        given: list[Decimal | None] = [*printed] or [None] * len(parts)
        return Shares(share_set, period, tuple(map(Part, parts, given)), total, whole, whole_reading)
    return Shares(share_set, period, tuple(map(Part, parts, values)), total, HUNDRED, None)


def broken(period: Period) -> list[Shares]:
    """The sets that may not be published for a period, months of a year included: their parts do not make the whole."""
    periods = [period, *(period.months if period.grain == YEAR else [])] if period.grain in (YEAR, MONTH) else [period]
    found = [shares for each in periods for shares in shares_of(registry.share_sets(), each)]
    return [each for each in found if not each.adds_up]
