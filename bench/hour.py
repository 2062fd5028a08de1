"""A storm of an hour: fifty times the usual rate by day. Only by name, since it takes that long."""

from __future__ import annotations

from bench import storm
from bench.ground import Size
from bench.table import Row

RATE = 50 * storm.USUAL  # reports a second
HOUR = 3600.0  # seconds


def measure(size: Size) -> list[Row]:
    """The hour, or a moment of it at the tests' size."""
    return storm.weather(RATE, HOUR if size == Size() else size.seconds * storm.TIMES)
