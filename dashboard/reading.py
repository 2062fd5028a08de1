"""Charts as numbers: every value a reading of ``figures``, all charts of a board in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.choosing import Choice, Stretch, stretch
from dashboard.models import Chart, Kind, Span
from dashboard.rules import FLOW, RATE, STOCK, TIME, TOTAL, Shape, change, largest
from figures.models import Target
from figures.places import Spot, Wanted, has_places, spots
from figures.registry import MONTH, YEAR, Count, Figure, Manual, Period, Ratio, Stock, dimension, registry
from figures.rules import half_up, reached
from figures.together import Answer, Question, answers

# The resolution of H3 of a map of points: for the city some 600 cells of 2.5 km, for a district cells of 350 m.
SPOTS, NEAR_SPOTS = 7, 9
OTHERS = "*"  # the column of parts that are too small for a colour of their own


class Cell(NamedTuple):
    """A value as printed and the address where it is explained."""

    value: Decimal | None
    url: str


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

    def points(self, column: int = 0) -> list[tuple[str, Decimal | None]]:
        return [(line.label, line.cells[column].value) for line in self.lines]


def sum_of(figure: Figure) -> str:
    """What a figure's values do when they are put together."""
    if isinstance(figure, Manual):
        return figure.measures if figure.measures in (FLOW, STOCK) else RATE
    return FLOW if isinstance(figure, Count) else STOCK if isinstance(figure, Stock) else RATE


def dimensions_of(codes: Iterable[str]) -> set[str]:
    """The dimensions that all of some figures have. Raises LookupError for an unknown figure."""
    sets = [{each.code for each in registry.dimensions_of(registry.figure(code))} for code in codes]
    return set.intersection(*sets) if sets else set()


def shape_of(chart: Chart) -> Shape:
    """The shape of a chart's data. Raises LookupError for an unknown figure."""
    found = [registry.figure(code) for code in chart.figures]
    return Shape(
        sums=tuple(sum_of(figure) for figure in found),
        units=tuple(str(figure.unit) for figure in found),
        by=chart.by,
        split=chart.split,
        has_places=all(has_places(figure) for figure in found),
        has_target=not chart.by and len(found) == 1 and Target.objects.of_figures(chart.figures).exists(),
    )


def tell(charts: Sequence[Chart], chosen: Choice) -> list[Told]:
    """Every chart as a table, in a fixed number of statements."""
    asked = [_Asked(chart, chosen) for chart in charts]
    questions = [question for each in asked for question in each.questions]
    given = iter(answers(questions))
    aims = sorted({code for chart in charts if chart.kind == Kind.PROGRESS for code in chart.figures})
    targets = {(each.figure, each.of_period): each for each in Target.objects.of_figures(aims)} if aims else {}
    told = [each.told([next(given) for _question in each.questions], targets) for each in asked]
    return _placed(asked, told)


def _placed(asked: Sequence[_Asked], told: list[Told]) -> list[Told]:
    """The charts with the places of those that are maps of points; one statement if there is any."""
    which = [number for number, each in enumerate(asked) if each.chart.kind == Kind.POINTS]
    is_near = any(asked[number].chosen for number in which)  # what is chosen is so for all charts
    found = spots([asked[number].places for number in which], NEAR_SPOTS if is_near else SPOTS)
    for number, places in zip(which, found, strict=True):
        told[number] = replace(told[number], spots=places)
    return told


class _Asked:
    """A chart with what it asks of the figures."""

    def __init__(self, chart: Chart, chosen: Choice) -> None:
        self.chart = chart
        self.figures = [registry.figure(code) for code in chart.figures]
        self.has = dimensions_of(chart.figures)
        self.split = chart.split
        self.by = chart.by if chart.by not in (TOTAL, TIME) else ""
        self.rows_by = self.split or self.by
        self.chosen = chosen.dims.get(self.by, "")
        self.dims = {
            name: value
            for name, value in {**chosen.dims, **chart.within}.items()
            if name in self.has and name != self.rows_by
        }
        self.ignored = [str(dimension(name).label) for name in chosen.dims if name not in self.has]
        self.stretch = self._fit(stretch(chart.span, chart.by, chosen))
        codes = tuple(chart.figures)
        periods = tuple(self.stretch.periods)
        by = (self.rows_by,) if self.rows_by else ()
        self.questions = [
            Question(codes, periods, by, self.dims),
            Question(codes[:1], tuple(self.stretch.before), (), self.dims),
        ]
        self.trend = self._trend()
        if self.trend:
            self.questions.append(Question(codes[:1], tuple(self.trend), (), self.dims))
        if chart.by == TIME:
            self._whole = self._fit(stretch(chart.span, TOTAL, chosen)).periods
            self.questions.append(Question(codes, tuple(self._whole), by, self.dims))

    @property
    def places(self) -> Wanted:
        """What a map of points shows: the records of all periods, in the chosen district if there is one."""
        dims = {**self.dims, self.by: self.chosen} if self.chosen else self.dims
        periods = self.stretch.periods
        return Wanted(self.chart.figures[0], periods[0].start, periods[-1].end, dims)

    def _fit(self, wanted: Stretch) -> Stretch:
        """A figure that has no values by month is read by the year."""
        grain = wanted.periods[0].grain
        if all(grain in registry.grains_of(figure) for figure in self.figures):
            return wanted
        year = Period.of(YEAR, wanted.periods[-1].start)
        return Stretch([year], [year.previous], _("比前一年"), year.label)

    def _trend(self) -> list[Period]:
        """The months behind a number: those of the year, up to now."""
        if self.chart.kind != Kind.NUMBER or MONTH not in registry.grains_of(self.figures[0]):
            return []
        last = self.stretch.periods[-1]
        months = Period.year(last.start.year).months if last.grain != "day" else []
        return [month for month in months if month.has_begun]

    def _target(self, targets: Mapping[tuple[str, Period], Target]) -> Target | None:
        """The target of the whole city for a year or a month; its owner set none for parts of it."""
        found = targets.get((self.figures[0].code, self.stretch.periods[0]))
        return found if len(self.stretch.periods) == 1 and not self.dims else None

    def told(self, given: list[Answer], targets: Mapping[tuple[str, Period], Target]) -> Told:
        now, before = given[:2]
        periods = self.stretch.periods
        whole, whole_periods = (given[-1], self._whole) if self.chart.by == TIME else (now, periods)
        adds_up = len(self.figures) == 1 and sum_of(self.figures[0]) != RATE
        if self.split:
            columns, lines, total = self._parts(now, whole, whole_periods)
        else:
            columns = [Column(f.code, str(f.label), str(f.unit), registry.is_manual(f)) for f in self.figures]
            total = [self._cell(whole, figure, whole_periods) for figure in self.figures]
            lines = self._lines(now)
        first = self.figures[0]
        return Told(
            columns=columns,
            lines=lines,
            total=total,
            stretch=self.stretch,
            adds_up=adds_up and (self.chart.by != TIME or sum_of(first) == FLOW),
            before=_rounded(first, put_together(before, first, self.stretch.before)),
            trend=[_rounded(first, given[2].exact(first.code, month)) for month in self.trend],
            ignored=self.ignored,
            chosen=self.chosen,
            target=self._target(targets),
            decimals=first.decimals,
            is_apart=len(whole_periods) > 1 and sum_of(first) == RATE and not isinstance(first, Ratio),
        )

    def _lines(self, now: Answer) -> list[Line]:
        if self.chart.by == TIME:
            lines = [
                Line(str(p), *_labels(p, self.stretch), [self._cell(now, figure, [p]) for figure in self.figures])
                for p in self.stretch.periods
                if p.has_begun
            ]
            # Years before the first record were not counted: nothing is not zero.
            begins = next((n for n, line in enumerate(lines) if any(cell.value for cell in line.cells)), 0)
            return lines[begins:] if self.chart.span == Span.YEARS5 else lines
        if not self.by:
            return []
        lines = [
            Line(
                member,
                label,
                label,
                [self._cell(now, figure, self.stretch.periods, self.by, member) for figure in self.figures],
            )
            for member, label in now.members(self.by)
        ]
        return [line for line in lines if any(cell.value for cell in line.cells)]

    def _parts(
        self, now: Answer, whole: Answer, periods: Sequence[Period]
    ) -> tuple[list[Column], list[Line], list[Cell]]:
        """One figure's course in time by its largest parts; the others together, where parts add up."""
        figure, split = self.figures[0], self.split
        labels = dict(now.members(split))
        totals = {member: put_together(whole, figure, periods, split, member) for member in labels}
        shown = largest(totals)
        columns = [Column(member, labels[member], str(figure.unit)) for member in shown]
        others = [m for m, value in totals.items() if value and m not in shown] if sum_of(figure) == FLOW else []
        if others:
            columns.append(Column(OTHERS, _("其他"), str(figure.unit)))

        def cells(answer: Answer, of: Sequence[Period]) -> list[Cell]:
            found = [self._cell(answer, figure, of, split, member) for member in shown]
            if others:
                rest = [value for m in others if (value := put_together(answer, figure, of, split, m)) is not None]
                found.append(Cell(sum(rest, Decimal(0)), _url(figure, of, self.dims)))
            return found

        lines = [Line(str(p), *_labels(p, self.stretch), cells(now, [p])) for p in self.stretch.periods if p.has_begun]
        return columns, lines, cells(whole, periods)

    def _cell(self, answer: Answer, figure: Figure, periods: Sequence[Period], by: str = "", member: str = "") -> Cell:
        dims = {**self.dims, by: member} if by else self.dims
        value = put_together(answer, figure, periods, by, member)
        return Cell(_rounded(figure, value), _url(figure, periods, dims))


def put_together(
    answer: Answer, figure: Figure, periods: Sequence[Period], by: str = "", member: str = ""
) -> Decimal | None:
    """One value for a stretch of periods: the sum of a flow, the last value of a stock, a rate from what its parts come
    to. None where there is no honest one: the median of two months is not known from their medians."""
    if not periods:
        return None
    if len(periods) == 1:
        return answer.exact(figure.code, periods[0], by, member)
    if isinstance(figure, Ratio):
        return figure.compute(
            periods[-1], lambda code, _period: put_together(answer, registry.figure(code), periods, by, member)
        )
    begun = [period for period in periods if period.has_begun]
    if sum_of(figure) == STOCK:
        return answer.exact(figure.code, begun[-1], by, member) if begun else None
    if sum_of(figure) == FLOW:
        values = [answer.exact(figure.code, period, by, member) for period in begun]
        known = [value for value in values if value is not None]
        return sum(known, Decimal(0)) if known else None
    return None


def _rounded(figure: Figure, value: Decimal | None) -> Decimal | None:
    return None if value is None else half_up(value, figure.decimals)


def _labels(period: Period, of: Stretch) -> tuple[str, str]:
    """A period's label in the table and on the axis: the year only where there are two."""
    if period.grain == YEAR:
        return period.label, period.short_label
    if period.grain == MONTH:
        years = {each.start.year for each in of.periods}
        return period.label if len(years) > 1 else period.short_label, str(period.start.month)
    return period.short_label, f"{period.start.month}/{period.start.day}"


@lru_cache(maxsize=4096)
def _address(code: str, period: Period | None, dims: tuple[tuple[str, str], ...]) -> str:
    if period is None:
        return reverse("figure", args=[code])
    address = reverse("figure-period", args=[code, period])
    return f"{address}?{urlencode(dims)}" if dims else address


def _url(figure: Figure, periods: Sequence[Period], dims: dict[str, str]) -> str:
    """Where a value is explained; what was put together from several periods leads to the figure's definition."""
    if len(periods) > 1:
        return _address(figure.code, None, ())
    return _address(figure.code, periods[0], tuple(sorted(dims.items())))
