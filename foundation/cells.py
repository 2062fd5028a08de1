"""Cells of H3 by the bits of their numbers: they nest, so all that lies in a wider cell is one stretch of an index, and
the wider cell of a row is its number under a mask, which SQL can group by."""

RESOLUTION_AT, DIGIT = 52, 3  # bits of a cell's number: where its resolution stands, and how many a digit has


def widened(resolution: int) -> tuple[int, int]:
    """Two masks: ``cell & keep | fill`` is the cell of that resolution around any finer cell."""
    fill = (resolution << RESOLUTION_AT) | ((1 << DIGIT * (15 - resolution)) - 1)
    return ~(0xF << RESOLUTION_AT) & ((1 << 63) - 1), fill
