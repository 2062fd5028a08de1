"""Courses in time: columns, stacked or side by side, and lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from dashboard.drawing.canvas import LEFT, Canvas, Drawing, Mark, brief, number
from dashboard.rules import ticks

TOP, PLOT, BOTTOM = 16, 190, 26
HEIGHT = TOP + PLOT + BOTTOM

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


def lines(labels: Sequence[str], names: Sequence[str], values: Values, unit: str, width: int | None = None) -> Drawing:
    """A line a column with a mark at each value; a gap where there is none."""
    canvas = Canvas(width)
    axis = ticks(max((value for row in values for value in row if value is not None), default=Decimal(0)))
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
    legend = [Mark(f"c{k + 1}", name) for k, name in enumerate(names)] if len(names) > 1 else ()
    return Drawing("".join(drawn), HEIGHT, legend)


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
    """A label of the time axis: every fifth of many; on a phone every second of twelve."""
    if of > 16 and n % 5:
        return ""
    style = "tick spare" if 8 < of <= 16 and n % 2 else "tick"
    return canvas.text(x, HEIGHT - 8, label, style, "middle")
