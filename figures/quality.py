"""The checks of values: range, jump, sums, late data. They read figures as everybody does; nothing is counted here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from figures import queries
from figures.models import ManualEntry, Observation
from figures.models.finding import Finding
from figures.queries import Reading
from figures.registry import MONTH, YEAR, Figure, Manual, Period, Ratio, registry
from figures.rules import outside, usual
from figures.shares import broken
from foundation.clock import today

# A value that is entered by hand is late so long after its period: a year's is asked for in the report of January.
TERM = timedelta(days=31)
EARLIER = {YEAR: 5, MONTH: 12}  # how many periods before are looked at
ENOUGH = {YEAR: 1, MONTH: 3}  # with how many of them a jump can be told
OF_FEW = 30  # a share of fewer than that moves by chance


@dataclass(frozen=True)
class Found:
    """One thing that a check found. Equal by what it is about, whatever its numbers."""

    kind: str
    subject: str
    period: Period
    detail: dict[str, str] = field(default_factory=dict, compare=False, hash=False)


def check(year: int) -> list[Found]:
    """Everything that the checks find about a year and its months. Asks the database a fixed number of times."""
    whole = Period.year(year)
    figures = registry.figures()
    found = [*_values(figures, whole)]
    found += [*_values(figures, *[month for month in whole.months if month.is_over])]
    sums = broken(whole) if whole.has_begun else []
    found += [
        Found(
            Finding.Kind.SUM, each.share_set.code, each.period, {"sum": str(each.sum), "whole": str(each.whole or "")}
        )
        for each in sums
    ]
    return [*found, *_late(whole), *_conflicts(whole)]


def _values(figures: list[Figure], *periods: Period) -> Iterator[Found]:
    """Range and jump of periods of one grain."""
    begun = [period for period in periods if period.has_begun]
    if not begun:
        return
    grain = begun[0].grain
    before: list[Period] = []
    for _number in range(EARLIER[grain]):
        before.insert(0, (before or begun)[0].previous)
    fitting = [figure for figure in figures if grain in registry.grains_of(figure)]
    readings = queries.grid([figure.code for figure in fitting], [*before, *begun])
    for figure in fitting:
        row = readings[figure.code]
        for place in range(len(before), len(row)):
            of = readings[figure.denominator][place] if isinstance(figure, Ratio) else None
            is_of_few = of is not None and (of.now.value or 0) < OF_FEW
            yield from _value(figure, row[place], [] if is_of_few else row[place - len(before) : place])


def _value(figure: Figure, reading: Reading, earlier: list[Reading]) -> Iterator[Found]:
    """What is found about one value; without earlier ones only its range is looked at."""
    value = reading.now.value
    if value is None:
        return
    least, most = bounds(figure)
    if outside(value, least, most):
        detail = {"value": str(value), "least": _text(least), "most": _text(most)}
        yield Found(Finding.Kind.RANGE, figure.code, reading.period, detail)
    # While a period runs its sum is no sum yet; zeros are most often periods from before there were records.
    known = [each.now.value for each in earlier if each.now.value]
    enough = len(known) >= ENOUGH[reading.period.grain]
    if enough and reading.period.is_over and (span := usual(known)) and outside(value, *span):
        detail = {"value": str(value), "least": _text(span[0]), "most": _text(span[1])}
        yield Found(Finding.Kind.JUMP, figure.code, reading.period, detail)


def bounds(figure: Figure) -> tuple[Decimal | None, Decimal | None]:
    """Within what bounds a figure's values are plausible: as declared, shares of a whole from 0 to 100 %."""
    if isinstance(figure, Manual):
        return figure.least, figure.most
    if isinstance(figure, Ratio) and str(figure.unit) == "%":
        return Decimal(0), Decimal(100)
    return None, None


def _text(bound: Decimal | None) -> str:
    return "" if bound is None else f"{bound:.2f}".rstrip("0").rstrip(".")


def _late(whole: Period) -> Iterator[Found]:
    """Manual values that are missing though their period is over for longer than the term."""
    figures = registry.manual()
    held = {
        (entry.figure, entry.of_period)
        for entry in ManualEntry.objects.that_hold([f.code for f in figures], whole.start, whole.end)
    }
    for period in (whole, *whole.months):
        if period.end + TERM < today():
            for figure in figures:
                if period.grain in registry.grains_of(figure) and (figure.code, period) not in held:
                    yield Found(Finding.Kind.LATE, figure.code, period)


def _conflicts(whole: Period) -> Iterator[Found]:
    """Where a desk counts what was entered before: values that differ, and values that stand though the desk's records
    had begun by then and have nothing of the period."""
    counted = [figure.code for figure in registry.counted()]
    entries = {
        (entry.figure, entry.of_period): entry.value
        for entry in ManualEntry.objects.that_hold(counted, whole.start, whole.end)
    }
    codes = sorted({code for code, _period in entries})
    since = Observation.objects.first_counted(codes)
    stored = {
        (each.figure, Period(each.grain, each.period)): each
        for each in Observation.objects.filter(
            figure__in=codes, by="", period__range=(whole.start, whole.end), grain__in=[YEAR, MONTH]
        )
    }
    for (code, period), value in entries.items():
        held = stored.get((code, period))
        is_counted = held is not None and not held.is_typed
        begins = since.get(code)
        if not is_counted and (begins is None or period.end < begins):
            continue
        now = held.value if held is not None and is_counted else Decimal(0)
        if now != value:
            detail = {"entered": _text(value), "value": _text(now)}
            yield Found(Finding.Kind.CONFLICT, code, period, detail)
