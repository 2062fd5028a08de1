"""Where a network is, from a database that the operator supplies (``CITYHALL_PLACES``): a file in MaxMind's format, as
DB-IP and MaxMind publish them. Without one nothing is known, and nobody is asked outside."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import maxminddb
from django.conf import settings

from singlesignon.suspicion import Place


@lru_cache(maxsize=1)
def _database(path: str, changed: float) -> maxminddb.Reader:
    return maxminddb.open_database(path)


def is_known() -> bool:
    """Whether there is a database of places."""
    return bool(settings.PLACES) and Path(settings.PLACES).is_file()


def place_of(network: str) -> Place | None:
    """Where a network (or an address) lies, coarsely; None where that is not known."""
    if not is_known():
        return None
    try:
        address = ip_network(network, strict=False).network_address
    except ValueError:
        return None
    path = Path(settings.PLACES)
    found: Any = _database(str(path), path.stat().st_mtime).get(str(address))
    if not isinstance(found, dict):
        return None
    country, location = found.get("country", {}).get("iso_code"), found.get("location", {})
    if not country or "latitude" not in location:
        return None
    return Place(country, float(location["latitude"]), float(location["longitude"]))
