"""The demo's year, told by every desk that has one: each adds its own records to those of the others."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from django.utils.module_loading import autodiscover_modules

# tell(rng, officers by unit, common-era year, scale) writes a desk's records of the year; returns how many cases.
type Teller = Callable[[Random, dict[int, list[int]], int, float], int]

_tellers: dict[Teller, bool] = {}


def add_teller(tell: Teller, *, counted: bool = False) -> Teller:
    """Declare a desk's part of the demo, in its ``demo`` room; with ``counted`` it is told when the year's figures are
    there, and writes nothing that these count."""
    _tellers.setdefault(tell, counted)
    return tell


def tellers(*, counted: bool = False) -> list[Teller]:
    """The parts of all desks that are told before the year is counted, or after it."""
    autodiscover_modules("demo")
    return [tell for tell, after in _tellers.items() if after == counted]
