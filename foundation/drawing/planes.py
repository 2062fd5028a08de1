"""What lies in a plane: the districts on a map, the hours of the week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from foundation.drawing.canvas import Canvas, Drawing, Mark, number
from foundation.drawing.scales import class_of, classes

ROW, HEAD = 24, 20
HOURS = 24


@dataclass(frozen=True)
class Area:
    """A district on the map: its outline as a path, its name, its value, and where it leads."""

    code: str
    path: str
    name: str
    value: Decimal | None
    url: str = ""


def areas(found: Sequence[Area], box: tuple[float, float], unit: str, chosen: str, drawn_once: bool) -> Drawing:
    """The districts in five shades with about as many districts each. ``drawn_once``: the outlines stand elsewhere on
    the page under ``area-CODE``, for all its maps."""
    bounds = classes([area.value for area in found if area.value is not None])
    drawn = []
    for area in sorted(found, key=lambda area: area.code == chosen):  # the chosen one's border lies on top
        style = f"a{class_of(area.value, bounds)}" + (" chosen" if area.code == chosen else "")
        title = f"<title>{escape(f'{area.name} {number(area.value)} {unit}')}</title>"
        shape = (
            f'<use href="#area-{area.code}" class="{style}">{title}</use>'
            if drawn_once
            else f'<path d="{area.path}" class="{style}">{title}</path>'
        )
        drawn.append(f'<a href="{escape(area.url)}" tabindex="-1">{shape}</a>' if area.url else shape)
    height = 360
    return Drawing(
        f'<svg width="100%" height="{height}" viewBox="0 0 {box[0]:g} {box[1]:g}">{"".join(drawn)}</svg>',
        height,
        _legend(bounds, [area.value for area in found]),
    )


def week(
    days: Sequence[str], values: Mapping[tuple[int, int], Decimal], words: str, unit: str, width: int | None = None
) -> Drawing:
    """Seven rows of 24 hours in five shades. ``values`` by weekday (1 is Monday) and hour; ``words`` is how an hour is
    said, as ``{day} {hour}``."""
    canvas = Canvas(width)
    left, bounds = 0.1, classes(list(values.values()))
    step = (1 - left) / HOURS
    drawn = [canvas.text(left + (h + 0.5) * step, 14, str(h), "tick", "middle") for h in range(0, HOURS, 3)]
    for n, day in enumerate(days, 1):
        y = HEAD + (n - 1) * ROW
        drawn.append(canvas.text(0, y + 16, day, "tick"))
        for hour in range(HOURS):
            value = values.get((n, hour), Decimal(0))
            said = f"{words.format(day=day, hour=hour)} {number(value)} {unit}"
            drawn.append(canvas.rect(left + hour * step, y, step * 0.94, ROW - 2, f"a{class_of(value, bounds)}", said))
    return Drawing("".join(drawn), HEAD + 7 * ROW + 4, _legend(bounds, list(values.values())))


def _legend(bounds: Sequence[Decimal], values: Sequence[Decimal | None]) -> list[Mark]:
    """The classes in words: from the least value in each to its bound."""
    known = sorted(value for value in values if value is not None and value > 0)
    marks, before = [], None
    for bound in bounds:
        within = [value for value in known if value <= bound and (before is None or value > before)]
        least = number(within[0])
        marks.append(Mark(f"a{class_of(bound, bounds)}", least if within[0] == bound else f"{least}–{number(bound)}"))
        before = bound
    return marks
