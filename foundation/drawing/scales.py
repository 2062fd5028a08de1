"""Round values for an axis, and classes for shades."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def ticks(highest: Decimal, most: int = 4) -> list[Decimal]:
    """Round values from zero up to at least the highest: 1, 2, 2.5 or 5 times a power of ten apart."""
    if highest <= 0:
        return [Decimal(0), Decimal(1)]
    rough = highest / most
    power = Decimal(10) ** rough.adjusted()
    step = next(power * size for size in _STEPS if power * size >= rough)
    if highest == highest.to_integral_value():
        step = max(step, Decimal(1))  # no thirds of a case
    return [step * n for n in range(int((highest / step).to_integral_value(ROUND_CEILING)) + 1)]


def classes(values: Sequence[Decimal], number: int = 5) -> list[Decimal]:
    """The upper bounds of up to ``number`` classes with about the same number of values each, for a map's colours.

    Zero and less stand outside the classes; equal values never fall into two.
    """
    ranked = sorted(value for value in values if value > 0)
    bounds = {ranked[-(-len(ranked) * n // number) - 1] for n in range(1, number + 1)} if ranked else set()
    return sorted(bounds)


def class_of(value: Decimal | None, bounds: Sequence[Decimal]) -> int:
    """Which class a value is in, from 1; 0 for none, zero or less. The last class is always the darkest, 5."""
    if value is None or value <= 0:
        return 0
    place = next((n for n, bound in enumerate(bounds) if value <= bound), len(bounds) - 1)
    return 5 - (len(bounds) - 1 - place)
