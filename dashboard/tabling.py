"""A chart's table as HTML: by hand, because a template for each of hundreds of cells would be most of a page's time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboard.models import Chart
from dashboard.picturing import weekdays
from dashboard.rules import CLOCK, TIME
from dashboard.told import Cell, Line, Told
from figures.forecasts import Likely
from figures.registry import dimension
from foundation.drawing import number


def head(chart: Chart) -> str:
    """What the lines of a chart are."""
    if chart.by == TIME:
        return _("期間")
    return str(dimension(chart.by).label) if chart.by else _("項目")


def with_unit(label: str, unit: str) -> str:
    """A heading with its unit."""
    return _("%(what)s（%(unit)s）") % {"what": label, "unit": unit}


def table(chart: Chart, told: Told) -> SafeString:
    """The whole table with its total; a number that was computed leads to its sums."""
    if chart.by == CLOCK:
        return _week(chart, told)
    units = {column.unit for column in told.columns}
    names = [column.label if len(units) == 1 else with_unit(column.label, column.unit) for column in told.columns]
    mark = typed_mark()
    heads = "".join(
        f'<th scope="col" class="number">{escape(name)}{mark if column.is_manual else ""}</th>'
        for name, column in zip(names, told.columns, strict=True)
    )
    lines = told.lines or [Line("", told.stretch.label, "", told.total)]
    body = "".join(_row(line, line.key == told.chosen and bool(told.chosen)) for line in lines)
    if not told.lines and chart.by:
        body = f'<tr><td colspan="{len(names) + 1}">{escape(_("這段期間沒有資料。"))}</td></tr>'
    if told.forecast:
        body += "".join(map(_likely, told.forecast.points))
    foot = f"<tfoot>{_row(Line('', _('合計'), '', told.total))}</tfoot>" if told.lines and told.total else ""
    return _framed(chart, units, head(chart), heads, body, foot)


def _framed(chart: Chart, units: Iterable[str], first: str, heads: str, body: str, foot: str = "") -> SafeString:
    """A table that scrolls in its own frame where it is too wide; its parts were escaped when they were made."""
    return format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{0}"><table>'
        '<caption class="unseen">{1}</caption><thead><tr><th scope="col">{2}</th>{3}</tr></thead>'
        "<tbody>{4}</tbody>{5}</table></div>",
        str(chart),
        with_unit(str(chart), ", ".join(sorted(units))),
        first,
        mark_safe(heads),
        mark_safe(body),
        mark_safe(foot),
    )


def _week(chart: Chart, told: Told) -> SafeString:
    """The hours of the week: a row an hour, a column a day."""
    cells = {line.key: line.cells[0] for line in told.lines}
    heads = "".join(f'<th scope="col" class="number">{escape(day)}</th>' for day in weekdays())
    body = "".join(
        f'<tr><th scope="row">{hour}</th>'
        + "".join(_cell(cells.get(f"{day}-{hour}", Cell(None, ""))) for day in range(1, 8))
        + "</tr>"
        for hour in range(24)
    )
    return _framed(chart, [told.unit], _("時"), heads, body)


def _row(line: Line, is_chosen: bool = False) -> str:
    cells = "".join(_cell(cell) for cell in line.cells)
    return f'<tr{" class=chosen" if is_chosen else ""}><th scope="row">{escape(line.label)}</th>{cells}</tr>'


def _likely(point: Likely) -> str:
    """A row of a forecast, said to be one: it leads nowhere, as nothing was counted."""
    label = _("%(when)s（推估）") % {"when": point.period.short_label}
    span = _("%(low)s 至 %(high)s") % {"low": number(point.low), "high": number(point.high)}
    return (
        f'<tr class="quiet"><th scope="row">{escape(label)}</th><td class="number">{number(point.value)}'
        f"<br><small>{escape(span)}</small></td></tr>"
    )


def _cell(cell: Cell) -> str:
    corrected = f"<br>{corrected_mark(cell)}" if cell.now is not None else ""
    corrected += typed_mark() if cell.is_typed else ""
    if cell.value is None:
        return f'<td class="number">—{corrected}</td>'
    return (
        f'<td class="number"><a class="figure" href="{_attribute(cell.url)}"><span class="figure-number">'
        f"{number(cell.value)}</span></a>{corrected}</td>"
    )


@lru_cache(maxsize=8192)
def _attribute(url: str) -> str:
    """An address as it stands in an attribute: a board has the same hundreds each time."""
    return escape(url)


def typed_mark() -> str:
    """Beside what a person typed."""
    return f' <span class="typed-mark">{escape(_("人工填報"))}</span>'


def corrected_mark(cell: Cell) -> SafeString:
    """What the records say since of a value that was published."""
    words = _("更正：現為 %(now)s") % {"now": number(cell.now)}
    return format_html('<small class="figure-corrected">{}</small>', words)


def rows(chart: Chart, told: Told) -> tuple[list[str], list[list]]:
    """The table for a file: its header, and its rows with the values as numbers."""
    header = [head(chart), *(with_unit(column.label, column.unit) for column in told.columns)]
    lines = told.lines or [Line("", told.stretch.label, "", told.total)]
    body = [[line.label, *(cell.value for cell in line.cells)] for line in lines]
    if told.lines and told.total:
        body.append([_("合計"), *(cell.value for cell in told.total)])
    return header, body
