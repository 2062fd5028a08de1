"""The public map: the tile whose cells count about 20,000 cases, the fullest tile of all, and the list beside them."""

from __future__ import annotations

import os
import time
from collections import Counter
from itertools import repeat
from math import asinh, pi, radians, tan

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import traffic
from bench.ground import Size
from bench.server import web
from bench.table import Row, percentile
from cases.models import Case
from publicmap.queries import Asked, tile
from publicmap.rules import RESOLUTION

WANTED = 20_000
CONNECTIONS = 2
STATEMENTS, P95, LIST_P95 = 2, 150, 300


def measure(size: Size) -> list[Row]:
    """Load each over two connections; beside it the tile's query alone."""
    points = Asked().cases().values_list("lon", "lat")
    wanted, fullest = chosen(list(points))
    rows = [Row("cases present", Case.objects.count(), ""), Row("of them on the map", len(points), "")]
    # Read from the index alone where the pages are known to be visible to all, as autovacuum sees to in a running city.
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) cases_case")
    with web(os.environ) as port:
        for words, address, limit in (("about 20,000", wanted, P95), ("the fullest", fullest, None)):
            cells = tile(Asked(), *address)
            counted = sum(sum(cell[2:6]) for cell in cells)
            path = "/map/tiles/{}/{}/{}.json?days=all".format(*address)
            alone = percentile([_once(address) for _ in range(20)], 0.5)
            loaded = _load(port, path, size.seconds)
            rows += [
                Row(f"tile with {words}: {counted:,} cases in {len(cells)} cells at zoom {address[0]}, SQL statements",
                    _statements(path), "", STATEMENTS),
                Row(f"p95 over HTTP, {counted:,} cases", loaded.p(0.95), "ms", limit, False, "its query alone",
                    loaded.p(0.95) / alone),
                Row("… p50", loaded.p(0.5), "ms"),
                Row("… tiles a second", loaded.rate, "/s"),
            ]  # fmt: skip
        for words, path, limit in (("last 30 days", "/map/", LIST_P95), ("all", "/map/?days=all", None)):
            loaded = _load(port, path, size.seconds)
            rows += [
                Row(f"the list, {words}, SQL statements", _statements(path), "", 4),
                Row(f"p95 over HTTP, the list, {words}", loaded.p(0.95), "ms", limit),
            ]
    return rows


def chosen(points: list[tuple[float, float]]) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """The tile with the number of cases that is nearest to 20,000, and the fullest; counted here, from the points."""
    found: Counter[tuple[int, int, int]] = Counter()
    for lon, lat in points:
        x, y = (lon + 180) / 360, (1 - asinh(tan(radians(lat))) / pi) / 2
        for zoom in RESOLUTION:
            found[zoom, int(x * (1 << zoom)), int(y * (1 << zoom))] += 1
    return min(found, key=lambda address: abs(found[address] - WANTED)), max(found, key=lambda a: (found[a], a[0]))


def _once(address: tuple[int, int, int]) -> float:
    began = time.perf_counter()
    tile(Asked(), *address)
    return (time.perf_counter() - began) * 1000


def _load(port: int, path: str, seconds: float) -> traffic.Traffic:
    wanted = traffic.request("GET", path)
    with traffic.Connection(port) as warm:
        for _ in range(4):
            warm.exchange(wanted)
    result = traffic.drive(port, repeat(wanted), CONNECTIONS, seconds)
    if set(result.statuses) != {200}:
        raise RuntimeError(f"{path}: {dict(result.statuses)}")
    return result


def _statements(path: str) -> int:
    client = Client(HTTP_HOST="localhost")
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)
