"""What all drawings share: a height in pixels, places across in fractions, and escaped words.

A picture on a page is as wide as its card: what lies across is given in percent and what lies down in pixels, so that
letters keep their size on a phone and on a wall. A picture in a file has a width, and the same drawing puts pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

LEFT = 0.13  # the part of the width that the labels of the value axis need


@dataclass(frozen=True)
class Mark:
    """A line of the legend: the class of its colour, and its words."""

    style: str
    label: str


@dataclass(frozen=True)
class Drawing:
    """The inside of an ``svg`` element, its height in pixels, and the legend that explains its colours."""

    body: str
    height: int
    legend: Sequence[Mark] = ()


@dataclass(frozen=True)
class Canvas:
    """Puts places across; ``width`` in pixels for a file, None for a page."""

    width: int | None = None

    def x(self, fraction: float) -> str:
        """A place or a length across."""
        return f"{fraction * 100:.4g}%" if self.width is None else f"{fraction * self.width:.4g}"

    def text(self, x: float, y: float, words: str, style: str = "", anchor: str = "") -> str:
        """A word; ``anchor`` is middle or end."""
        more = (f' class="{style}"' if style else "") + (f' text-anchor="{anchor}"' if anchor else "")
        return f'<text x="{self.x(x)}" y="{y:g}"{more}>{escape(words)}</text>'

    def rect(self, x: float, y: float, width: float, height: float, style: str, title: str = "") -> str:
        inner = f"<title>{escape(title)}</title></rect>" if title else "</rect>"
        size = f'width="{self.x(width)}" height="{max(height, 0):.4g}"'
        return f'<rect x="{self.x(x)}" y="{y:.4g}" {size} class="{style}">{inner}'

    def rule(self, y: float, x: float = LEFT) -> str:
        """A line across, at a value of the axis."""
        return f'<line x1="{self.x(x)}" x2="{self.x(1)}" y1="{y:.4g}" y2="{y:.4g}" class="rule"/>'

    def polyline(
        self, points: Sequence[tuple[float, float]], height: int, style: str, element: str = "polyline"
    ) -> str:
        """A line through points (or, as a ``polygon``, an area): across in fractions, down in pixels. On a page it lies
        in a frame of its own that stretches, while its stroke does not."""
        if self.width is not None:
            path = " ".join(f"{x * self.width:.4g},{y:.4g}" for x, y in points)
            return f'<{element} points="{path}" class="{style}"/>'
        path = " ".join(f"{x * 1000:.4g},{y:.4g}" for x, y in points)
        return (
            f'<svg width="100%" height="{height}" viewBox="0 0 1000 {height}" preserveAspectRatio="none">'
            f'<{element} points="{path}" class="{style}" vector-effect="non-scaling-stroke"/></svg>'
        )


def number(value: Decimal | None) -> str:
    """With its thousands apart; a dash where there is none."""
    return "—" if value is None else f"{value:,}"


def brief(value: Decimal) -> str:
    """For an axis: 25,000 and 2.5, never 2.5000."""
    whole = value.to_integral_value()
    return f"{whole:,}" if value == whole else f"{value.normalize():f}"
