"""Charts as numbers: every value a reading of ``figures``, all charts of a board in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.choosing import Choice, Stretch, stretch
from dashboard.models import Chart, Kind, Span
from dashboard.rules import FLOW, RATE, STOCK, TIME, TOTAL, Shape, largest
from dashboard.sharing import Parted, of_one, over_time
from dashboard.told import OTHERS, Cell, Column, Line, Told
from figures import forecasts
from figures.forecasts import Forecast
from figures.models import Target
from figures.places import Wanted, has_places, spots
from figures.registry import (
    MONTH,
    YEAR,
    Count,
    Figure,
    Manual,
    Period,
    Ratio,
    ShareSet,
    SoFar,
    Stock,
    dimension,
    registry,
)
from figures.rules import half_up, shares_of_whole
from figures.together import Answer, Question, answers

# The resolution of H3 of a map of points: for the city some 600 cells of 2.5 km, for a district cells of 350 m.
SPOTS, NEAR_SPOTS = 7, 9


def sum_of(figure: Figure) -> str:
    """What a figure's values do when they are put together."""
    if isinstance(figure, Manual):
        return figure.measures if figure.measures in (FLOW, STOCK) else RATE
    return FLOW if isinstance(figure, Count) else STOCK if isinstance(figure, Stock | SoFar) else RATE


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
        is_set=len(found) > 1 and registry.set_of_parts(chart.figures) is not None,
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
        is_parted = len(self.figures) > 1 and chart.kind in (Kind.DONUT, Kind.STACKED)
        self.share_set = registry.set_of_parts(chart.figures) if is_parted else None
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
        codes = (*chart.figures, *([self.share_set.whole] if self.share_set and self.share_set.whole else []))
        periods = tuple(self.stretch.periods)
        by = (self.rows_by,) if self.rows_by else ()
        self.questions = [
            Question(codes, periods, by, self.dims),
            Question(codes[:1], tuple(self.stretch.before), (), self.dims),
        ]
        self.trend = self._trend()
        if self.trend:
            self.questions.append(Question(codes[:1], tuple(self.trend), (), self.dims))
        self._seen = self._looked_at()
        if self._seen:
            self.questions.append(Question(codes, tuple(self._seen), (), self.dims))
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

    def _looked_at(self) -> list[Period]:
        """What a forecast of the course looks at: one figure, drawn as a line that reaches to the present."""
        last = self.stretch.periods[-1]
        if self.chart.kind != Kind.LINE or self.chart.by != TIME or self.split or len(self.figures) > 1:
            return []
        if last.grain not in forecasts.grains(self.figures[0]):
            return []
        finished = forecasts.periods(last.grain)
        return finished if last.start >= finished[-1].start else []

    def _target(self, targets: Mapping[tuple[str, Period], Target]) -> Target | None:
        """The target of the whole city for a year or a month; its owner set none for parts of it."""
        found = targets.get((self.figures[0].code, self.stretch.periods[0]))
        return found if len(self.stretch.periods) == 1 and not self.dims else None

    def told(self, given: list[Answer], targets: Mapping[tuple[str, Period], Target]) -> Told:
        now, before = given[:2]
        periods = self.stretch.periods
        whole, whole_periods = (given[-1], self._whole) if self.chart.by == TIME else (now, periods)
        adds_up = len(self.figures) == 1 and sum_of(self.figures[0]) != RATE
        if self.share_set:
            return self._shares(self.share_set, now)
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
            forecast=self._forecast(given[2]) if self._seen else None,
            is_apart=len(whole_periods) > 1 and sum_of(first) == RATE and not isinstance(first, Ratio),
        )

    def _shares(self, share_set: ShareSet, now: Answer) -> Told:
        def row(periods: Sequence[Period], label: str) -> Parted:
            parts = [self._cell(now, registry.figure(code), periods) for code in share_set.parts]
            whole = self._cell(now, registry.figure(share_set.whole), periods) if share_set.whole else None
            return Parted(periods[-1], label, parts, whole)

        if self.chart.by != TIME:
            return of_one(share_set, row(self.stretch.periods, self.stretch.label), self.stretch, self.ignored)
        rows = [row([each], each.label) for each in self.stretch.periods if each.has_begun]
        return over_time(share_set, rows, self.stretch, self.ignored)

    def _forecast(self, seen: Answer) -> Forecast | None:
        figure = self.figures[0]
        return forecasts.from_values(figure, self._seen, [seen.exact(figure.code, period) for period in self._seen])

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
                rest = [self._cell(answer, figure, of, split, member) for member in others]
                values = [cell.value for cell in rest if cell.value is not None]
                found.append(Cell(sum(values, Decimal(0)), _url(figure, of, self.dims)))
            return found

        lines = [Line(str(p), *_labels(p, self.stretch), cells(now, [p])) for p in self.stretch.periods if p.has_begun]
        return columns, lines, cells(whole, periods)

    def _cell(self, answer: Answer, figure: Figure, periods: Sequence[Period], by: str = "", member: str = "") -> Cell:
        dims = {**self.dims, by: member} if by else self.dims
        value = self._printed(answer, figure, periods, by, member)
        url = _url(figure, periods, dims)
        if not answer.is_corrected and (not answer.has_typed or registry.is_manual(figure)):
            return Cell(value, url)
        now = self._printed(answer.now, figure, periods, by, member)
        is_typed = any(answer.is_typed(figure.code, period, by, member) for period in periods)
        is_typed = is_typed and not registry.is_manual(figure)
        return Cell(value, url, now if now != value else None, is_typed)

    @staticmethod
    def _printed(answer: Answer, figure: Figure, periods: Sequence[Period], by: str, member: str) -> Decimal | None:
        """A value rounded as its figure is; of shares of a whole one by one as their set is."""
        value = put_together(answer, figure, periods, by, member)
        share_set = registry.set_of_share(figure) if isinstance(figure, Ratio) else None
        if value is None or share_set is None:
            return _rounded(figure, value)
        *parts, whole = (
            put_together(answer, registry.figure(code), periods, by, member)
            for code in (*share_set.parts, share_set.whole)
        )
        shares = shares_of_whole(parts, whole, share_set.decimals)
        return shares[share_set.parts.index(figure.parts[0])] if shares else _rounded(figure, value)


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
        return period.label, period.axis_label
    if period.grain == MONTH:
        years = {each.start.year for each in of.periods}
        return period.label if len(years) > 1 else period.short_label, period.axis_label
    return period.short_label, period.axis_label


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
