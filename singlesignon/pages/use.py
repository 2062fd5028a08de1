"""How a system is used, drawn: its days, and by which ways people came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from foundation import drawing
from foundation.drawing import Drawing
from singlesignon.models import DailyAuthentications, RelyingSystem


@dataclass(frozen=True)
class Day:
    """What a day came to."""

    day: date
    good: int
    refused: int


@dataclass(frozen=True)
class Use:
    """Some days of a system, oldest first; ``methods`` is how people who got in had shown who they are."""

    days: list[Day]
    methods: list[tuple[list[str], int]]
    picture: Drawing | None


def use_of(system: RelyingSystem, first: date, last: date) -> Use:
    """The days from ``first`` to ``last``, in one statement; a system that was not entered has no picture."""
    good, refused, methods = Counter[date](), Counter[date](), Counter[str]()
    for each in DailyAuthentications.objects.of(system, first, last):
        (refused if each.error else good)[each.day] += each.number
        if not each.error:
            methods[each.methods] += each.number
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    values = [[Decimal(count[day]) for day in days] for count in (good, refused)]
    names = [_("進入系統"), _("未完成")]
    labels = [str(day.day) for day in days]
    is_any = bool(good or refused)
    return Use(
        [Day(day, good[day], refused[day]) for day in days],
        [(codes.split("+"), number) for codes, number in methods.most_common()],
        drawing.columns(labels, names, values, _("次"), True) if is_any else None,
    )
