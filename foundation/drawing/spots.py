"""Circles on the districts: where the records of a figure lie, in cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from math import sqrt

from foundation.drawing.canvas import Drawing, Mark
from foundation.drawing.planes import Area

LARGEST, SMALLEST = 11, 1.5  # radii in units of the map, which is 400 wide
MARGIN, LEAST = 0.15, 50  # around a chosen district, as a part of its size; nearer, outlines would have corners
HEIGHT = 360

type Circle = tuple[float, float, int]  # where on the map, across and down, and how many


def spots(
    found: Sequence[Circle], districts: Sequence[Area], box: tuple[float, float], unit: str, drawn_once: bool,
    words: str, chosen: str = "",
) -> Drawing:  # fmt: skip
    """Circles whose areas are as the numbers in them, the largest below, on the districts in one quiet shade.

    ``words`` explain a circle in the legend, with ``{n}`` and ``{unit}``. ``drawn_once`` as for `planes.areas`. The
    picture is of a chosen district and what lies around it.
    """
    ground = []
    for area in sorted(districts, key=lambda area: area.code == chosen):
        style = "a0 chosen" if area.code == chosen else "a0"
        title = f"<title>{escape(area.name)}</title>"
        shape = (
            f'<use href="#area-{area.code}" class="{style}">{title}</use>'
            if drawn_once
            else f'<path d="{area.path}" class="{style}">{title}</path>'
        )
        ground.append(f'<a href="{escape(area.url)}" tabindex="-1">{shape}</a>' if area.url else shape)
    frame = framed(next((area.path for area in districts if area.code == chosen), ""), box)
    shrunk = max(frame[2] / box[0], frame[3] / box[1])
    most = max((n for _x, _y, n in found), default=1)
    circles = "".join(
        f'<circle cx="{x:.4g}" cy="{y:.4g}" r="{radius(n, most) * shrunk:.2g}">'
        f"<title>{number_of(n)} {escape(unit)}</title></circle>"
        for x, y, n in sorted(found, key=lambda circle: -circle[2])
    )
    return Drawing(
        f'<svg width="100%" height="{HEIGHT}" viewBox="{" ".join(f"{part:g}" for part in frame)}">{"".join(ground)}'
        f'<g class="spots">{circles}</g></svg>',
        HEIGHT,
        [Mark("spot", words.format(n=number_of(most), unit=unit))] if found else [],
    )


def framed(path: str, box: tuple[float, float]) -> tuple[float, float, float, float]:
    """The part of the map around an outline (left, top, width, height); the whole map for none."""
    numbers = [int(part) for part in re.findall(r"-?[0-9]+", path)]
    if not numbers:
        return 0, 0, *box
    xs, ys = numbers[::2], numbers[1::2]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    side = max(max(width, height) * (1 + 2 * MARGIN), LEAST)
    return (min(xs) + max(xs) - side) / 2, (min(ys) + max(ys) - side) / 2, side, side


def number_of(n: int) -> str:
    """With its thousands apart."""
    return f"{n:,}"


def radius(n: int, most: int) -> float:
    """Of a circle whose area is as ``n``, with LARGEST for ``most``; never too small to be seen."""
    return max(LARGEST * sqrt(n / most), SMALLEST)
