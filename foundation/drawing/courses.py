"""Courses in time: columns, stacked or side by side, and lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import NamedTuple

from foundation.drawing.canvas import LEFT, Canvas, Drawing, Mark, brief, number
from foundation.drawing.scales import ticks

TOP, PLOT, BOTTOM = 16, 190, 26
HEIGHT = TOP + PLOT + BOTTOM


class Expected(NamedTuple):
    """A value to come, between what bounds it is likely to be, and all that in words."""

    low: Decimal
    value: Decimal
    high: Decimal
    words: str


type Values = Sequence[Sequence[Decimal | None]]  # one sequence a column (figure or part), one value a category


def columns(
    labels: Sequence[str], names: Sequence[str], values: Values, unit: str, stacked: bool, width: int | None = None
) -> Drawing:
    """Upright bars, one group a label; stacked on each other, or side by side."""
    canvas = Canvas(width)
    groups = [[row[n] or Decimal(0) for row in values] for n in range(len(labels))]
    tops = [sum(each, Decimal(0)) if stacked else max(each, default=Decimal(0)) for each in groups]
    axis = ticks(max(tops, default=Decimal(0)))
    drawn = [_axis(canvas, axis)]
    step = (1 - LEFT) / max(len(labels), 1)
    wide = step * 0.76
    for n, label in enumerate(labels):
        left, foot = LEFT + n * step + (step - wide) / 2, Decimal(0)
        for k, name in enumerate(names):
            value = values[k][n]
            if not value:
                continue
            high = float(value / axis[-1]) * PLOT
            words = f"{label} {name} {number(value)} {unit}" if len(names) > 1 else f"{label} {number(value)} {unit}"
            if stacked:
                y = TOP + PLOT - float((foot + value) / axis[-1]) * PLOT
                drawn.append(canvas.rect(left, y, wide, high, f"c{k + 1}", words))
                foot += value
            else:
                thin = wide / len(names)
                drawn.append(canvas.rect(left + k * thin, TOP + PLOT - high, thin * 0.94, high, f"c{k + 1}", words))
        drawn.append(_label(canvas, left + wide / 2, label, n, len(labels)))
    legend = [Mark(f"c{k + 1}", name) for k, name in enumerate(names)] if len(names) > 1 else ()
    return Drawing("".join(drawn), HEIGHT, legend)


def lines(
    labels: Sequence[str],
    names: Sequence[str],
    values: Values,
    unit: str,
    width: int | None = None,
    expected: Sequence[Expected] = (),
    outlook: str = "",
) -> Drawing:
    """A line a column with a mark at each value; a gap where there is none.

    ``expected`` are the values of the last labels: they go on from the first line, dashed, within their band;
    ``outlook`` says in the legend what that is.
    """
    canvas = Canvas(width)
    tops = [value for row in values for value in row if value is not None] + [each.high for each in expected]
    axis = ticks(max(tops, default=Decimal(0)))
    drawn = [_axis(canvas, axis)]
    step = (1 - LEFT) / max(len(labels), 1)
    for k, row in enumerate(values):
        run: list[tuple[float, float]] = []
        marks = []
        for n, value in enumerate([*row, None]):
            if value is None:
                if len(run) > 1:
                    drawn.append(canvas.polyline(run, HEIGHT, f"line l{k + 1}"))
                run = []
                continue
            x, y = LEFT + (n + 0.5) * step, TOP + PLOT * (1 - float(value / axis[-1]))
            run.append((x, y))
            said = f"{labels[n]} {names[k]} {number(value)} {unit}"
            marks.append(
                f'<circle cx="{canvas.x(x)}" cy="{y:.4g}" r="4" class="c{k + 1}"><title>{escape(said)}</title></circle>'
            )
        drawn += marks
    drawn += [_label(canvas, LEFT + (n + 0.5) * step, label, n, len(labels)) for n, label in enumerate(labels)]
    legend = [Mark(f"c{k + 1}", name) for k, name in enumerate(names)] if len(names) > 1 or expected else []
    if expected:
        drawn.append(_ahead(canvas, expected, values[0], len(labels), axis))
        legend.append(Mark("band", outlook))
    return Drawing("".join(drawn), HEIGHT, legend)


def _ahead(
    canvas: Canvas, expected: Sequence[Expected], known: Sequence[Decimal | None], of: int, axis: Sequence[Decimal]
) -> str:
    """What is expected at the last places of the axis: the band, the line from the last known value, the marks."""
    step, first = (1 - LEFT) / of, of - len(expected)
    across = [LEFT + (first + n + 0.5) * step for n in range(len(expected))]

    def down(value: Decimal) -> float:
        return TOP + PLOT * (1 - float(value / axis[-1]))

    middle = [(x, down(each.value)) for x, each in zip(across, expected, strict=True)]
    above = [(x, down(each.high)) for x, each in zip(across, expected, strict=True)]
    below = [(x, down(each.low)) for x, each in zip(across, expected, strict=True)]
    last = known[first - 1] if 0 < first <= len(known) else None
    start = [] if last is None else [(LEFT + (first - 0.5) * step, down(last))]
    marks = "".join(
        f'<circle cx="{canvas.x(x)}" cy="{y:.4g}" r="3.5" class="hollow"><title>{escape(each.words)}</title></circle>'
        for (x, y), each in zip(middle, expected, strict=True)
    )
    band = canvas.polyline([*start, *above, *reversed(below)], HEIGHT, "band", "polygon")
    return band + canvas.polyline([*start, *middle], HEIGHT, "line l1 ahead") + marks


def spark(values: Sequence[Decimal | None], width: int | None = None) -> Drawing:
    """The course behind a number: a line without an axis."""
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    highest = max((value for _n, value in known), default=Decimal(0)) or Decimal(1)
    points = [(0.02 + 0.96 * n / max(len(values) - 1, 1), 36 - float(value / highest) * 30) for n, value in known]
    if len(points) < 2:
        return Drawing("", 0)
    return Drawing(Canvas(width).polyline(points, 40, "line l1"), 40)


def _axis(canvas: Canvas, axis: Sequence[Decimal]) -> str:
    drawn = []
    for value in axis:
        y = TOP + PLOT * (1 - float(value / axis[-1]))
        drawn.append(canvas.rule(y) + canvas.text(LEFT - 0.015, y + 4, brief(value), "tick", "end"))
    return "".join(drawn)


def _label(canvas: Canvas, x: float, label: str, n: int, of: int) -> str:
    """A label of the time axis: a dozen of many; on a phone every second of these."""
    every = 1 if of <= 16 else -(-of // 12)
    if n % every:
        return ""
    style = "tick spare" if of > 8 and (n // every) % 2 else "tick"
    return canvas.text(x, HEIGHT - 8, label, style, "middle")
