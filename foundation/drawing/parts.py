"""Parts of a whole: lying bars, a ring, and how far a figure is from its target."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from math import pi

from foundation.drawing.canvas import Canvas, Drawing, Mark, number

MOST_BARS = 12
RADIUS, STROKE = 70, 34


def bars(
    rows: Sequence[tuple[str, Sequence[Decimal | None]]],
    names: Sequence[str],
    chosen: int = -1,
    width: int | None = None,
) -> Drawing:
    """Lying bars, each under its label, so that long names have room on a phone; the value at the end of the line.
    ``chosen`` is the place of the row that stands out."""
    canvas = Canvas(width)
    highest = max((value for _label, values in rows for value in values if value), default=Decimal(0)) or Decimal(1)
    drawn, y = [], 0.0
    for n, (label, values) in enumerate(rows):
        drawn.append(canvas.text(0, y + 14, label, "name chosen" if n == chosen else "name"))
        drawn.append(canvas.text(1, y + 14, " / ".join(map(number, values)), "name", "end"))
        y += 20
        for k, value in enumerate(values):
            drawn.append(canvas.rect(0, y, 1, 8, "track"))
            if value and value > 0:
                drawn.append(canvas.rect(0, y, float(value / highest), 8, f"c{k + 1}"))
            y += 10
        y += 6
    legend = [Mark(f"c{k + 1}", name) for k, name in enumerate(names)] if len(names) > 1 else ()
    return Drawing("".join(drawn), int(y), legend)


def donut(parts: Sequence[tuple[str, Decimal]], shares: Sequence[Decimal], total: str, unit: str) -> Drawing:
    """A ring of the parts of a whole, clockwise from the top; the whole is written in its middle, the shares of the
    parts (in percent, which add up to 100) in the legend."""
    whole = sum((value for _label, value in parts), Decimal(0))
    around, start, drawn = 2 * pi * RADIUS, 0.0, []
    for n, (label, value) in enumerate(parts):
        share = float(value / whole) if whole else 0
        length = max(share * around - (1.5 if len(parts) > 1 else 0), 0.5)
        drawn.append(
            f'<circle cx="100" cy="100" r="{RADIUS}" class="ring l{n + 1}" stroke-width="{STROKE}" '
            f'stroke-dasharray="{length:.5g} {around - length:.5g}" stroke-dashoffset="{-start * around:.5g}" '
            f'transform="rotate(-90 100 100)"><title>{escape(f"{label} {number(value)} {unit}")}</title></circle>'
        )
        start += share
    middle = f'<text x="100" y="103" class="whole" text-anchor="middle">{escape(total)}</text>'
    middle += f'<text x="100" y="121" class="tick" text-anchor="middle">{escape(unit)}</text>'
    said = [f"{label} {share}%" for (label, _value), share in zip(parts, shares, strict=True)]
    return Drawing(
        f'<svg width="100%" height="200" viewBox="0 0 200 200">{"".join(drawn)}{middle}</svg>',
        200,
        [Mark(f"c{n + 1}", words) for n, words in enumerate(said)],
    )


def progress(value: Decimal, target: Decimal, reached: bool, words: str, width: int | None = None) -> Drawing:
    """How far a figure is on the way to its target, which is a mark across the bar; green where it is reached."""
    canvas = Canvas(width)
    most = max(value, target, Decimal(1))
    at = float(target / most)
    body = canvas.rect(0, 8, 1, 22, "track") + canvas.rect(
        0, 8, max(float(value / most), 0), 22, "c4" if reached else "c1"
    )
    body += f'<line x1="{canvas.x(at)}" x2="{canvas.x(at)}" y1="2" y2="36" class="target"/>'
    return Drawing(body + canvas.text(at, 52, words, "tick", "end" if at > 0.5 else ""), 58)
