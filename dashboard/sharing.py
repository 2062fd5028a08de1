"""Shares of a whole on a board: parts that are declared as a set, rounded so that they add up, or not drawn at all."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.choosing import Stretch
from dashboard.rules import largest
from dashboard.told import OTHERS, Cell, Column, Line, Told
from figures.registry import Period, ShareSet, registry
from figures.rules import shares_of_whole

HUNDRED = Decimal(100)
MOST_SHADES = 7  # colours that the style sheet has for parts


class Parted(NamedTuple):
    """The parts of a set for a period (or for some put together), and their whole; None of percentages."""

    period: Period
    label: str
    parts: list[Cell]
    whole: Cell | None


def of_one(share_set: ShareSet, row: Parted, stretch: Stretch, ignored: list[str]) -> Told:
    """A set at one time: a line a part, with its value and, where values are amounts, its share."""
    shares = shares_of(share_set, row)
    figures = [registry.figure(code) for code in share_set.parts]
    is_manual = any(map(registry.is_manual, figures))
    columns = [Column("value", str(share_set.label), str(figures[0].unit), is_manual)]
    if share_set.whole:
        columns.append(Column("share", _("比重"), "%", is_manual))
    address = _address(share_set, row.period)
    given: list[Decimal | None] = [*shares] or [None] * len(figures)
    lines = [
        Line(figure.code, str(figure.label), str(figure.label), [cell, Cell(share, address)][: len(columns)])
        for figure, cell, share in zip(figures, row.parts, given, strict=True)
        if cell.value is not None
    ]
    total = [row.whole or Cell(HUNDRED if shares else _sum(row), address), Cell(HUNDRED if shares else None, address)]
    problem = why_not(share_set, row)
    return Told(columns, lines, total[: len(columns)], stretch, True, ignored=ignored, problem=problem)


def over_time(share_set: ShareSet, rows: Sequence[Parted], stretch: Stretch, ignored: list[str]) -> Told:
    """A set over time: a line a period with the shares of the parts; the smallest together where colours end."""
    known = {row.period: dict(zip(share_set.parts, shares_of(share_set, row), strict=False)) for row in rows}
    sums = {code: sum((each.get(code, Decimal(0)) for each in known.values()), Decimal(0)) for code in share_set.parts}
    colours = largest(sums, MOST_SHADES - 1)
    shown = [code for code in share_set.parts if code in colours]
    figures = [registry.figure(code) for code in shown]
    columns = [Column(f.code, str(f.label), "%", registry.is_manual(f)) for f in figures]
    others = [code for code in share_set.parts if sums[code] and code not in shown]
    if others:
        columns.append(Column(OTHERS, _("其他"), "%"))
    lines = []
    for row in rows:
        shares, address = known[row.period], _address(share_set, row.period)
        cells = [Cell(shares.get(code), address) for code in shown]
        if others:
            cells.append(Cell(sum((shares[code] for code in others), Decimal(0)) if shares else None, address))
        lines.append(Line(str(row.period), row.label, row.period.axis_label, cells))
    problem = next(filter(None, (why_not(share_set, row) for row in rows)), "")
    return Told(columns, lines, [], stretch, False, ignored=ignored, decimals=share_set.decimals, problem=problem)


def shares_of(share_set: ShareSet, row: Parted) -> list[Decimal]:
    """The shares of the parts, which add up to 100; empty where they do not, or where nothing is known."""
    values = [cell.value for cell in row.parts]
    if share_set.whole:
        return shares_of_whole(values, row.whole.value if row.whole else None, share_set.decimals)
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) and sum(known) == HUNDRED else []


def why_not(share_set: ShareSet, row: Parted) -> str:
    """Why a set is not drawn, in words; empty where it is, and where nothing is known of it."""
    values = [cell.value for cell in row.parts]
    if not any(values) or shares_of(share_set, row):
        return ""
    words = {"when": row.label}
    if None in values:
        missing = [code for code, value in zip(share_set.parts, values, strict=True) if value is None]
        names = _("、").join(str(registry.figure(code).label) for code in missing)
        return _("%(when)s還缺「%(names)s」，合計不了，所以不畫圖。") % (words | {"names": names})
    whole = row.whole.value if row.whole else HUNDRED
    if whole is None:
        return _("%(when)s沒有整體的數字，不知道各部分是不是都算到了，所以不畫圖。") % words
    numbers = {"sum": f"{_sum(row):,}", "whole": f"{whole:,}"}
    return _("%(when)s各部分合計 %(sum)s，應為 %(whole)s，所以不畫圖。") % (words | numbers)


def _sum(row: Parted) -> Decimal:
    return sum((cell.value for cell in row.parts if cell.value is not None), Decimal(0))


def _address(share_set: ShareSet, period: Period) -> str:
    return f"{reverse('figure-shares', args=[share_set.code])}?year={period.start.year}"
