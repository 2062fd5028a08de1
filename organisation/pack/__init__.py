"""The city pack: what makes this city this city, as data in a folder (``settings.CITY_PACK``), read once a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from organisation.pack.model import Pack, read_pack
from organisation.pack.reading import PackError, Problem
from organisation.pack.records import CityInfo, Rule, RuleEntry

__all__ = ["CityInfo", "Pack", "PackError", "Problem", "Rule", "RuleEntry", "pack", "read_pack"]

_read = lru_cache(maxsize=4)(read_pack)


def pack() -> Pack:
    """The pack of this installation. PackError when it cannot be used."""
    return _read(Path(settings.CITY_PACK))
