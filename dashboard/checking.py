"""Whether a chart can be drawn and may be shown: one answer for the editor and for the pack."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import gettext as _

from dashboard.models import Audience, Board, Chart
from dashboard.reading import dimensions_of, shape_of
from dashboard.rules import TIME, TOTAL, refusal
from dashboard.words import REFUSALS
from figures.registry import DAY, MONTH, dimension, registry
from foundation.language import in_language
from organisation.pack import pack
from organisation.pack.reading import SLUG, Source

FILE = "boards.toml"


def faults(chart: Chart, board: Board) -> list[tuple[str, str]]:
    """What is wrong with a chart, as field and message; empty if nothing."""
    try:
        figures = [registry.figure(code) for code in chart.figures]
    except LookupError as error:
        return [("figures", str(error.args[0]))]
    found = []
    if not figures:
        return [("figures", _("請至少選一個「指標」。"))]
    if board.audience == Audience.PUBLIC:
        found += [
            ("figures", _("「%(figure)s」不公開，不能放在公開的儀表板。") % {"figure": figure.label})
            for figure in figures
            if not figure.public
        ]
    has = dimensions_of(chart.figures)
    for field in ("by", "split"):
        name = getattr(chart, field)
        if name and name != TIME and name not in has:
            found.append((field, _("所選指標不能依「%(name)s」呈現。") % {"name": _dimension_label(name)}))
    for name, value in chart.within.items():
        if name not in has:
            found.append(("within", _("所選指標不能依「%(name)s」呈現。") % {"name": _dimension_label(name)}))
        elif value not in {member for member, _label in dimension(name).members()}:
            found.append(
                ("within", _("「%(name)s」沒有「%(value)s」。") % {"name": _dimension_label(name), "value": value})
            )
    grain = {"today": DAY, "days30": DAY, "months12": MONTH}.get(chart.span, MONTH if chart.by == TIME else "")
    if chart.by == TIME and chart.span == "today":
        found.append(("span", _("一天沒有時間上的變化，請選別的期間或不分組。")))
    elif grain:
        without = [figure for figure in figures if grain not in registry.grains_of(figure)]
        if without and not (grain == MONTH and chart.span == "years5"):
            found.append(("span", _("「%(figure)s」沒有這麼細的期間的數值。") % {"figure": without[0].label}))
    if not found and (why := refusal(chart.kind, shape_of(chart))):
        found.append(
            ("kind", _("這裡不能用「%(kind)s」：%(why)s") % {"kind": chart.get_kind_display(), "why": REFUSALS[why]})
        )
    return found


def _dimension_label(name: str) -> str:
    try:
        return str(dimension(name).label)
    except LookupError:
        return name


def categories() -> list[tuple[str, str]]:
    """The pack's categories of topics, in order, as code and label in the language of the page."""
    return [(code, in_language(zh, en)) for code, zh, en in _categories(pack().digest)]


@lru_cache(maxsize=4)
def _categories(digest: str) -> tuple[tuple[str, str, str], ...]:
    if not (pack().path / FILE).exists():
        return ()
    top = Source(pack().path / FILE, FILE, []).toml()
    found = [
        (entry.text("code", pattern=SLUG), entry.text("label_zh"), entry.text("label_en"))
        for entry in top.entries("category")
    ]
    return tuple(found)


def by_choices(codes: list[str]) -> list[tuple[str, str]]:
    """By what charts of some figures can be broken down: nothing, time, and what all of them have."""
    has = dimensions_of(codes) if codes else set()
    dims = [(each.code, str(each.label)) for each in registry.dimensions() if each.code in has]
    return [(TOTAL, _("不分組")), (TIME, _("時間")), *dims]
