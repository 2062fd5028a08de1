"""What was measured, and how it is printed: absolute, against its budget, as a ratio to a yardstick of the same run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Row:
    """One figure. ``limit`` is the budget: an upper bound, or a lower one where ``more`` is better.

    ``yardstick`` says what else was measured in the same run and ``ratio`` is this figure divided by it: absolute
    figures drift with the machine, ratios hold.
    """

    what: str
    value: float
    unit: str
    limit: float | None = None
    more: bool = False
    yardstick: str = ""
    ratio: float | None = None
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    @property
    def kept(self) -> bool | None:
        """Whether the budget is kept; None without one."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.more else self.value <= self.limit

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as printed."""
        budget = "" if self.limit is None else f"{'≥' if self.more else '≤'} {number(self.limit)}"
        verdict = {True: "kept", False: "MISSED", None: ""}[self.kept]
        share = "" if not self.limit else f"{self.value / self.limit:.2f}"
        ratio = "" if self.ratio is None else f"{number(self.ratio)} ×"
        return self.what, f"{number(self.value)} {self.unit}", budget, share, verdict, ratio, self.yardstick


HEADER = ("what", "measured", "budget", "share of it", "", "ratio", "to (same run)")


def number(value: float) -> str:
    """Three significant digits, thousands apart."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies (nearest rank). ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def markdown(groups: Iterable[tuple[str, Sequence[Row]]]) -> str:
    """One table; the load average of the machine stands with the name of each bench."""
    lines = [_line(HEADER), _line("---" for _ in HEADER)]
    for title, rows in groups:
        loads = sorted(row.load for row in rows)
        lines.append(_line((f"**{title}** (load {loads[0]:.1f}–{loads[-1]:.1f})", *[""] * (len(HEADER) - 1))))
        lines += [_line(row.cells) for row in rows]
    return "\n".join(lines) + "\n"


def plain(rows: Sequence[Row]) -> str:
    """The rows for a terminal, in columns."""
    table = [row.cells for row in rows]
    widths = [max(width(cells[i]) for cells in table) for i in range(len(HEADER))]
    return "\n".join(
        "  " + "  ".join(cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(cells)).rstrip()
        for cells in table
    )


def width(text: str) -> int:
    """Columns of a terminal that a text takes: Chinese characters are two wide."""
    return sum(2 if ord(c) >= 0x2E80 else 1 for c in text)


def dump(rows: Iterable[Row]) -> str:
    """Rows as text, from one process to another."""
    return json.dumps([asdict(row) for row in rows])


def load(text: str) -> list[Row]:
    """The rows of :func:`dump`."""
    return [Row(**row) for row in json.loads(text)]


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
