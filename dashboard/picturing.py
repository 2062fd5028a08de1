"""A chart's table as a picture."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from dashboard.choosing import Choice
from dashboard.models import Chart, Kind
from dashboard.outlines import outlines
from dashboard.rules import TIME, largest
from dashboard.told import Line, Told
from figures import forecasts
from figures.registry import dimension
from figures.rules import largest_remainder
from foundation import drawing
from foundation.drawing import Area, Drawing

MOST_BARS = 12


def weekdays() -> list[str]:
    """Monday to Sunday."""
    return [_("週一"), _("週二"), _("週三"), _("週四"), _("週五"), _("週六"), _("週日")]


def ranked(told: Told) -> list[Line]:
    """The lines with the largest first values, largest first; the one that was chosen is always among them."""
    lines = sorted(told.lines, key=lambda line: -(line.cells[0].value or 0))
    shown = lines[:MOST_BARS]
    return shown + [line for line in lines[MOST_BARS:] if line.key == told.chosen]


def picture(chart: Chart, told: Told, chosen: Choice, width: int | None = None) -> Drawing | None:
    """The picture, for a page or, with a width in pixels, for a file; None where the table says it all."""
    names = [column.label for column in told.columns]
    labels = [line.short for line in told.lines]
    values = [[line.cells[k].value for line in told.lines] for k in range(len(names))]
    unit = told.unit
    match chart.kind:
        case Kind.NUMBER:
            return drawing.spark(told.trend, width)
        case Kind.PROGRESS if told.value is not None and told.aim is not None:
            words = _("目標 %(n)s %(unit)s") % {"n": drawing.number(told.aim), "unit": unit}
            return drawing.progress(told.value, told.aim, told.is_reached, words, width)
        case _ if told.problem or not any(value for row in values for value in row):
            return None
        case Kind.LINE:
            return _course(told, labels, names, values, width)
        case Kind.STACKED:
            return drawing.columns(labels, names, values, unit, True, width)
        case Kind.BAR if chart.by == TIME:
            return drawing.columns(labels, names, values, unit, False, width)
        case Kind.BAR:
            lines = ranked(told)
            place = next((n for n, line in enumerate(lines) if line.key == told.chosen), -1)
            return drawing.bars([(x.label, [c.value for c in x.cells]) for x in lines], names, place, width)
        case Kind.DONUT:
            return _ring(told)
        case Kind.HEAT:
            return drawing.week(weekdays(), _hours(told), _("{day} {hour} 時"), unit, width)
        case Kind.MAP:
            return _map(told, chosen, drawn_once=width is None)
        case Kind.POINTS:
            return _points(told, chosen, drawn_once=width is None)
    return None


def _course(
    told: Told, labels: list[str], names: list[str], values: list[list[Decimal | None]], width: int | None
) -> Drawing:
    """Lines; a forecast begins where the last period is over, beside what is known of a running one."""
    if told.forecast is None:
        return drawing.lines(labels, names, values, told.unit, width)
    points = told.forecast.points
    over = [label for label, line in zip(labels, told.lines, strict=True) if line.key < str(points[0].period)]
    labels = [*over, *(point.period.axis_label for point in points)]
    expected = forecasts.expected(told.forecast)
    return drawing.lines(labels, names, values, told.unit, width, expected, forecasts.legend())


def _ring(told: Told) -> Drawing:
    """A ring; the shares in its legend add up to 100, of a declared set as that is rounded."""
    has_shares = any(column.key == "share" for column in told.columns)
    parts = _parts(told)
    values = [value for _label, value in parts]
    if has_shares or told.unit == "%":
        by_label = {line.label: line.cells[-1].value or Decimal(0) for line in told.lines}
        known = [by_label.get(label) for label, _value in parts]
        rest = Decimal(100) - sum((share for share in known if share is not None), Decimal(0))
        shares = [rest if share is None else share for share in known]
    else:
        shares = largest_remainder(values, 1)
    return drawing.donut(parts, shares, drawing.number(told.value), told.unit)


def _parts(told: Told) -> list[tuple[str, Decimal]]:
    """The largest lines, and the others as one."""
    shown = largest({line.key: line.cells[0].value for line in told.lines})
    by_key = {line.key: line for line in told.lines}
    parts = [(by_key[key].label, by_key[key].cells[0].value or Decimal(0)) for key in shown]
    others = sum((line.cells[0].value or Decimal(0) for line in told.lines if line.key not in shown), Decimal(0))
    return [*parts, (_("其他"), others)] if others else parts


def _hours(told: Told) -> dict[tuple[int, int], Decimal]:
    """Values by weekday and hour, from keys such as ``1-14``."""
    found = {}
    for line in told.lines:
        day, _dash, hour = line.key.partition("-")
        if day.isdecimal() and hour.isdecimal() and line.cells[0].value:
            found[int(day), int(hour)] = line.cells[0].value
    return found


def _points(told: Told, chosen: Choice, drawn_once: bool) -> Drawing:
    drawn = outlines()
    circles = [(*drawn.place(spot.lon, spot.lat), spot.n) for spot in told.spots]
    inside = [(x, y, n) for x, y, n in circles if 0 <= x <= drawn.box[0] and 0 <= y <= drawn.box[1]]
    words = _("圓的面積是件數，最大的 {n} {unit}")
    return drawing.spots(inside, _areas(told, chosen, drawn_once), drawn.box, told.unit, drawn_once, words, told.chosen)


def _map(told: Told, chosen: Choice, drawn_once: bool) -> Drawing:
    found = _areas(told, chosen, drawn_once)
    return drawing.areas(found, outlines().box, told.unit, told.chosen, drawn_once)


def _areas(told: Told, chosen: Choice, drawn_once: bool) -> list[Area]:
    """The districts with their values; on a page each leads to itself being chosen."""
    values = {line.key: line.cells[0].value for line in told.lines}
    names = {code: str(label) for code, label in dimension("district").members()}
    there = f"?{chosen.query(district='')}&district=" if drawn_once else ""
    return [
        Area(code, path, names.get(code, code), values.get(code, Decimal(0)), there and there + code)
        for code, path in outlines().paths.items()
    ]
