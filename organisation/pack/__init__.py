"""The city pack: what makes this city this city, as data in a folder (``settings.CITY_PACK``), read once a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from organisation.pack.model import Pack, read_pack
from organisation.pack.reading import PackError, Problem
from organisation.pack.records import CityInfo, Rule, RuleEntry

__all__ = ["CityInfo", "Pack", "PackError", "Problem", "Rule", "RuleEntry", "pack", "read_pack"]


@lru_cache(maxsize=4)
def _read(folder: str) -> Pack:
    return read_pack(Path(folder))


def pack() -> Pack:
    """The pack of this installation. PackError when it cannot be used."""
    # By its text: a Path costs 20 times as much to look up, and this is asked for with each report.
    return _read(str(settings.CITY_PACK))
