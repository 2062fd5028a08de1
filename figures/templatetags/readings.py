"""How readings of figures are shown on every page, so that what a person typed is marked wherever it stands.

In the templates of all apps, without a load: ``{% reading_number reading %}``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template

from figures.queries import NOTHING, Reading
from figures.registry import Counted, Figure, Manual
from figures.rules import half_up

register = template.Library()


@register.inclusion_tag("figures/parts/reading.html")
def reading_number(reading: Reading, size: str = "", link: bool = True, unit: bool = True) -> dict[str, Any]:
    """A reading with its unit and its marks: dotted if the product computed it, ``人工填報`` if a person typed it, both
    if it was computed from something typed; and what it is now where a closed value was corrected.

    ``size`` is ``big`` for the one number of a card; without ``link`` it leads nowhere (on its own page).
    """
    return {
        "reading": reading,
        "is_typed": isinstance(reading.figure, Manual) or (isinstance(reading.figure, Counted) and reading.is_typed),
        "url": reading.url if link else "",
        "unit": reading.unit if unit else "",
        "size": size,
    }


@register.filter
def printed_as(value: Decimal | None, figure: Figure) -> str:
    """A value of a figure as its readings print it: its decimals, thousands apart, a dash where there is none."""
    return NOTHING if value is None else f"{half_up(value, figure.decimals):,}"
