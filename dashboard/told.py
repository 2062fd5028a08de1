"""A chart as a table: what pictures, sentences, tables and files are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from dashboard.choosing import Stretch
from dashboard.rules import change
from figures.forecasts import Forecast
from figures.models import Target
from figures.places import Spot
from figures.rules import half_up, reached

OTHERS = "*"  # the column of parts that are too small for a colour of their own


class Cell(NamedTuple):
    """A value as printed, the address where it is explained, and what the records say ``now`` of a published value that
    was corrected since."""

    value: Decimal | None
    url: str
    now: Decimal | None = None
    is_typed: bool = False  # of a figure that is counted otherwise: this value was entered by a person


class Column(NamedTuple):
    """A figure, or a part of one; ``is_manual``: a person typed it, or what it is computed from."""

    key: str
    label: str
    unit: str
    is_manual: bool = False


class Line(NamedTuple):
    """A period or a member of a dimension with its cells, one a column; ``short`` is its label on an axis."""

    key: str
    label: str
    short: str
    cells: list[Cell]


@dataclass(frozen=True)
class Told:
    """A chart as a table. ``total`` has a cell a column; ``before`` is the first column's total to compare with."""

    columns: list[Column]
    lines: list[Line]
    total: list[Cell]
    stretch: Stretch
    adds_up: bool
    before: Decimal | None = None
    trend: list[Decimal | None] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)  # labels of what was chosen and the figures do not have
    chosen: str = ""  # the key of the line that was chosen for the whole board
    target: Target | None = None
    decimals: int = 0
    problem: str = ""  # why a set of shares is not drawn
    forecast: Forecast | None = None  # what comes after its lines
    spots: Sequence[Spot] = ()  # where the records lie, for a map of points
    is_apart: bool = False  # its periods have values that nobody can put together: medians, means

    @property
    def value(self) -> Decimal | None:
        """The first column's total."""
        return self.total[0].value if self.total else None

    @property
    def change(self) -> Decimal | None:
        """The difference from the time before; None while the time still runs: a part says nothing beside a whole."""
        return change(self.value, self.before) if self.stretch.is_over else None

    @property
    def aim(self) -> Decimal | None:
        """The target's value as the figure is printed."""
        return half_up(self.target.value, self.decimals) if self.target else None

    @property
    def is_reached(self) -> bool:
        """Whether the target is kept; false where there is none."""
        return bool(
            self.target and self.value is not None and reached(self.value, self.target.value, self.target.at_most)
        )

    @property
    def unit(self) -> str:
        return self.columns[0].unit if self.columns else ""  # a split of nothing has no parts

    @property
    def corrected(self) -> int:
        """How many of its published values were corrected since."""
        rows = [*(line.cells for line in self.lines), self.total]
        return sum(cell.now is not None for cells in rows for cell in cells)

    def points(self, column: int = 0) -> list[tuple[str, Decimal | None]]:
        return [(line.label, line.cells[column].value) for line in self.lines]
