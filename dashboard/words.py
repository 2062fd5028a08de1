"""What a chart shows, in one sentence; and what stands beside it."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.models import Chart, Kind
from dashboard.picturing import weekdays
from dashboard.rules import TIME, facts
from dashboard.told import Told
from figures.rules import half_up
from foundation.drawing import number

# Why a kind of chart is not offered, by the codes of ``rules.refusal``.
REFUSALS = {
    "no_figure": gettext_lazy("還沒有選指標。"),
    "only_heat": gettext_lazy("星期與時段只能畫成熱度圖或表格。"),
    "no_split": gettext_lazy("這種圖不能再分組。"),
    "split_needs_time": gettext_lazy("只有一個指標、依時間呈現時才能再分組。"),
    "one_figure": gettext_lazy("只能有一個指標。"),
    "one_unit": gettext_lazy("所選指標的單位不同，畫在同一條軸上會誤導。"),
    "too_many": gettext_lazy("所選指標太多，畫在一起看不清楚。"),
    "only_total": gettext_lazy("只有「不分組」時才能用。"),
    "needs_time": gettext_lazy("要依時間呈現。"),
    "needs_by": gettext_lazy("要依時間或某個面向呈現。"),
    "needs_split": gettext_lazy("要選「每一段再分成」什麼。"),
    "only_flow": gettext_lazy("只有一段期間內累計的件數可以疊加。"),
    "needs_dimension": gettext_lazy("要依某個面向呈現，各部分合起來是全部。"),
    "adds_up": gettext_lazy("比率、平均或中位數不能相加成一個整體。"),
    "needs_hours": gettext_lazy("只有記錄到時刻的指標，依星期與時段呈現時才能用。"),
    "needs_district": gettext_lazy("要依行政區呈現。"),
    "needs_places": gettext_lazy("這個指標的紀錄沒有可以公開的位置。"),
    "needs_target": gettext_lazy("這個指標還沒有訂目標，由指標的負責人訂定。"),
}


def sentence(chart: Chart, told: Told) -> str:
    """One sentence (sometimes two clauses) that says what the chart shows, for everyone who does not see it."""
    first = told.columns[0].label if told.columns else ""
    if told.problem:
        return told.problem
    if chart.kind == Kind.PROGRESS:
        return _progress(told)
    if chart.kind == Kind.DONUT and chart.by == "":
        return _ring(told)
    if chart.by == "":
        return _total(told)
    if chart.split:
        return _split(told)
    found = facts(_points(chart, told), told.adds_up)
    if found.highest is None:
        return _("這段期間沒有「%(what)s」的資料。") % {"what": first}
    label, value = found.highest
    words = {"label": label, "what": first, "n": number(value), "unit": told.unit}
    is_rate = not told.adds_up and told.decimals > 0
    said = (
        _("%(label)s的%(what)s最高，%(n)s %(unit)s") if is_rate else _("%(label)s的%(what)s最多，%(n)s %(unit)s")
    ) % words
    if found.share is not None and chart.by != TIME:
        said += _("，占 %(share)s%%") % {"share": half_up(found.share, 1)}
    if found.lowest:
        lowest = {"label": found.lowest[0], "n": number(found.lowest[1]), "unit": told.unit}
        said += (_("；%(label)s最低，%(n)s %(unit)s") if is_rate else _("；%(label)s最少，%(n)s %(unit)s")) % lowest
    return said + _compared(told) + _("。") + _expected(told) + _placed(chart, told)


def _expected(told: Told) -> str:
    """What the next period is likely to come to; nothing where there is no forecast."""
    if told.forecast is None:
        return ""
    next_one = told.forecast.points[0]
    words = {"when": next_one.period.short_label, "n": number(next_one.value), "unit": told.unit}
    return _("推估%(when)s %(n)s %(unit)s。") % words


def _placed(chart: Chart, told: Told) -> str:
    """Of how many records a map of points shows the place: not of those that are protected, or that have none."""
    if chart.kind != Kind.POINTS:
        return ""
    words = {"n": number(Decimal(sum(spot.n for spot in told.spots))), "unit": told.unit}
    return _("圖上是位置可以公開的 %(n)s %(unit)s，相近的畫成一個圓。") % words


def _points(chart: Chart, told: Told) -> list[tuple[str, Decimal | None]]:
    if chart.kind != Kind.HEAT and chart.by != "clock":
        return told.points()
    names, words = weekdays(), []
    for line in told.lines:
        day, _dash, hour = line.key.partition("-")
        if day.isdecimal():
            words.append((_("{day} {hour} 時").format(day=names[int(day) - 1], hour=hour), line.cells[0].value))
    return words


def _total(told: Told) -> str:
    if told.value is None:
        return _("%(when)s沒有「%(what)s」的資料。") % {"when": told.stretch.label, "what": told.columns[0].label}
    words = {"when": told.stretch.label, "what": told.columns[0].label, "n": number(told.value), "unit": told.unit}
    return _("%(when)s的%(what)s是 %(n)s %(unit)s") % words + _compared(told) + _("。")


def _ring(told: Told) -> str:
    """The largest part of a whole that is declared, and its share."""
    found = facts(told.points(len(told.columns) - 1), False)
    if found.highest is None:
        return _("%(when)s沒有「%(what)s」的資料。") % {"when": told.stretch.label, "what": told.columns[0].label}
    words = {"when": told.stretch.label, "label": found.highest[0], "share": number(found.highest[1])}
    return _("%(when)s最多的是%(label)s，占 %(share)s%%。") % words


def _split(told: Told) -> str:
    parts = [
        (column.label, cell.value) for column, cell in zip(told.columns, told.total, strict=True) if column.key != "*"
    ]
    found = facts(parts, told.adds_up)
    if found.highest is None:
        return _("%(when)s沒有資料。") % {"when": told.stretch.label}
    words = {"when": told.stretch.label, "label": found.highest[0], "n": number(found.highest[1]), "unit": told.unit}
    return _("%(when)s最多的是%(label)s，%(n)s %(unit)s。") % words


def _progress(told: Told) -> str:
    if told.value is None:
        return _total(told)
    if told.aim is None:
        return _total(told) + _("這段期間沒有訂目標。")
    words = {"what": told.columns[0].label, "n": number(told.value), "unit": told.unit, "target": number(told.aim)}
    if told.is_reached:
        return _("%(what)s %(n)s %(unit)s，達到目標 %(target)s %(unit)s。") % words
    return _("%(what)s %(n)s %(unit)s，目標是 %(target)s %(unit)s，還沒有達到。") % words


def amount(change: Decimal) -> str:
    """A change without its direction, which words say: ``91,060``, ``1.7``."""
    return f"{half_up(abs(change), 1).normalize():,f}"


def direction(told: Told) -> str:
    """The change from the time before, in words; nothing where there is none to compare with."""
    if told.change is None:
        return ""
    words = {"versus": told.stretch.versus, "n": amount(told.change), "unit": told.unit}
    if told.change > 0:
        return _("%(versus)s多 %(n)s %(unit)s") % words
    return _("%(versus)s少 %(n)s %(unit)s") % words if told.change else _("與前期相同")


def _compared(told: Told) -> str:
    said = direction(told)
    if not said or len(told.columns) > 1:
        return ""
    return (
        _("；全部合計%(change)s") % {"change": said}
        if told.lines and told.adds_up
        else _("，%(change)s") % {"change": said}
    )
