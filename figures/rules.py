"""The arithmetic of figures. Pure: no Django, no database, no clock."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import combinations
from statistics import median

# Days that lie closer together than this are computed in one statement: counting a few more days costs less than
# asking once more.
NEAR = timedelta(days=7)


def half_up(value: Decimal, decimals: int) -> Decimal:
    """Rounded to ``decimals`` places, a half away from zero (四捨五入), as reports of the city round."""
    return value.quantize(_unit(decimals), rounding=ROUND_HALF_UP)


@cache
def _unit(decimals: int) -> Decimal:
    """The last place that is kept: 1, 0.1, 0.01."""
    return Decimal(1).scaleb(-decimals)


def percentage(numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    """Numerator over denominator in percent; None where there is nothing to divide by."""
    return None if numerator is None or not denominator else numerator * 100 / denominator


def first_of_month(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the following month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from ``first``'s to ``last``'s, both included; empty if last is before first."""
    months = []
    month = first_of_month(first)
    while month <= last:
        months.append(month)
        month = next_month(month)
    return months


def spans(days: Iterable[date], near: timedelta = NEAR) -> list[tuple[date, date]]:
    """Days as few stretches (first, last) that cover them, in order; days nearer than ``near`` share a stretch."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] <= near:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def subsets(names: Iterable[str], largest: int | None = None) -> list[tuple[str, ...]]:
    """All subsets of some names, the empty one first, each sorted; with ``largest`` only those of up to that size."""
    ordered = sorted(names)
    top = len(ordered) if largest is None else min(largest, len(ordered))
    return [subset for size in range(top + 1) for subset in combinations(ordered, size)]


def largest_remainder(parts: Sequence[Decimal], decimals: int) -> list[Decimal]:
    """The shares of parts in percent, rounded so that they add up to exactly 100 (最大餘數法, Hamilton's method).

    Each share is cut off at ``decimals`` places; what is missing to 100 goes, one last place each, to the parts that
    lost most by that, of equal ones to those that stand first. So no share is off by a whole last place. Empty where
    the parts add up to nothing. Raises ValueError for a part below zero: a whole has none.
    """
    if any(part < 0 for part in parts):
        raise ValueError("a part of a whole is not below zero")
    total = sum((Fraction(part) for part in parts), Fraction(0))
    if not total:
        return []
    places = 100 * 10**decimals
    quotas = [Fraction(part) * places / total for part in parts]
    cut = [int(quota) for quota in quotas]
    by_loss = sorted(range(len(parts)), key=lambda n: (cut[n] - quotas[n], n))
    for n in by_loss[: places - sum(cut)]:
        cut[n] += 1
    return [Decimal(each).scaleb(-decimals) for each in cut]


def shares_of_whole(values: Sequence[Decimal | None], whole: Decimal | None, decimals: int) -> list[Decimal]:
    """The shares of parts that make up the whole, as ``largest_remainder`` rounds them; empty where they do not."""
    known = [value for value in values if value is not None and value >= 0]
    if len(known) < len(values) or whole is None or sum(known, Decimal(0)) != whole:
        return []
    return largest_remainder(known, decimals)


def usual(earlier: Sequence[Decimal]) -> tuple[Decimal, Decimal] | None:
    """Between what bounds a value is usual, judged by earlier ones of its kind; None without any.

    Around their median: half of it, or four times their spread (the median deviation, scaled to a standard deviation),
    or what chance alone moves a count by (three times its root), whichever is widest. Medians, so that one odd value
    among the earlier ones does not make the next odd one usual.
    """
    if not earlier:
        return None
    middle = median(earlier)
    spread = median([abs(value - middle) for value in earlier]) * Decimal("1.4826")
    allowed = max(4 * spread, abs(middle) / 2, 3 * abs(middle).sqrt())
    return middle - allowed, middle + allowed


def outside(value: Decimal, least: Decimal | None, most: Decimal | None) -> bool:
    """Whether a value lies below the least or above the most that is plausible; an open end is None."""
    return (least is not None and value < least) or (most is not None and value > most)


def reached(value: Decimal, target: Decimal, at_most: bool) -> bool:
    """Whether a value keeps a target: at least it, or at most it where less is better."""
    return value <= target if at_most else value >= target
