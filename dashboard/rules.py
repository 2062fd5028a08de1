"""What a chart shows, in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def peak(points: Sequence[tuple[str, Decimal | None]]) -> tuple[str, Decimal] | None:
    """The label and value of the highest point; the first of equals; None where there is nothing above zero."""
    known = [(label, value) for label, value in points if value]
    return max(known, key=lambda point: point[1]) if known else None


def change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """The difference between two readings, or None where one is missing."""
    return None if now is None or before is None else now - before
