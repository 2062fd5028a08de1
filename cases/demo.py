"""The demo's year, told by every desk that has one: each adds its own records to those of the others."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from django.utils.module_loading import autodiscover_modules

# tell(rng, officers by unit, common-era year, scale) writes a desk's records of the year; returns how many cases.
type Teller = Callable[[Random, dict[int, list[int]], int, float], int]

_tellers: list[Teller] = []


def add_teller(tell: Teller) -> Teller:
    """Declare a desk's part of the demo, in its ``demo`` room."""
    if tell not in _tellers:
        _tellers.append(tell)
    return tell


def tellers() -> list[Teller]:
    """The parts of all desks."""
    autodiscover_modules("demo")
    return list(_tellers)
