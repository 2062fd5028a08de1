"""Counting: mark days as changed, bring the figures up to date, build them anew, close a period.

How marks and values keep in step
---------------------------------
A writer changes a record and calls ``touch`` in the same transaction, so a mark commits exactly when its record does.
``drain`` takes the marks first and counts afterwards, in statements of one READ COMMITTED transaction, each of which
sees what was committed when it began. So for a writer that commits

- before the marks are taken: its mark is taken, and the later count sees its record;
- after that, before the count: its record is counted already, its mark stays and has the day counted once more;
- after the count: its mark stays, and the next drain counts its record.

In no order is a record left out for good. Two drains at once could still lose one, if the earlier snapshot wrote last;
so whoever counts holds one advisory lock, taken in a statement before the first snapshot that matters. Writers never
wait for it, nor for each other: marks have no key in common.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Max, Min
from django.utils.translation import gettext as _

from figures import shares, sql
from figures.models import Freeze, Observation, Touched
from figures.querysets import key_of
from figures.registry import DAY, MONTH, YEAR, Counted, Period, RuleFigure, Stock, registry
from figures.rules import spans
from figures.versions import version_of
from foundation.clock import TAIPEI, now, today
from foundation.inserting import write

if TYPE_CHECKING:
    from identity.models import User

log = logging.getLogger(__name__)

# Neighbouring periods are computed in one statement; so are days of about a week.
_NEAR = {DAY: timedelta(days=7), MONTH: timedelta(days=31), YEAR: timedelta(days=366)}


def touch(group: str, dates: Iterable[date]) -> None:
    """Say that records of a group have changed on some days; the figures follow within seconds of the commit.

    Call it in the transaction that changes the record, with every date by which a figure counts it, as it was before
    and as it is after. One statement, and no waiting for other writers.
    """
    if days := set(dates):
        write('INSERT INTO figures_touched ("group", day) SELECT %s, unnest(%s::date[])', (group, list(days)))


@transaction.atomic
def drain(slow: bool = True) -> int:
    """Bring the figures up to date with all marks; returns how many (group, day) were counted anew.

    Without ``slow``, what takes long (medians of a year) is left marked for a later drain. Does nothing if somebody
    else is counting at this moment: the marks stay for the next time.
    """
    if not be_alone(wait=False):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            'WITH taken AS (DELETE FROM figures_touched WHERE %s OR NOT slow RETURNING "group", day, slow) '
            'SELECT "group", day, bool_and(slow) FROM taken GROUP BY 1, 2',
            [slow],
        )
        marks = cursor.fetchall()
    for group in sorted({mark[0] for mark in marks}):
        figures = registry.counted(group)
        if not figures:
            log.warning("figures: days of the group %r are marked, but no figure counts by it", group)
        fresh = {day for marked, day, was_slow in marks if marked == group and not was_slow}
        _refresh(figures, fresh, lambda figure, grain: grain not in figure.slow)
        if slow:
            days = {day for marked, day, _slow in marks if marked == group}
            _refresh(figures, days, lambda figure, grain: grain in figure.slow)
        elif any(figure.slow for figure in figures):
            Touched.objects.bulk_create(Touched(group=group, day=day, slow=True) for day in fresh)
    return len(marks)


@transaction.atomic
def refresh(dates: Iterable[date], group: str | None = None, reason: str = "") -> None:
    """Count the given days anew, with the months and years they lie in, for one group or all."""
    be_alone()
    _refresh(registry.counted(group), set(dates), reason=reason)


@transaction.atomic
def rebuild(
    year: int | None = None, reason: str = "", progress: Callable[[Counted], None] = lambda figure: None
) -> int:
    """Count everything anew, or one year; returns how many observations are stored then.

    Frozen values stay, and what differs from them is written down as a correction with the reason given.
    """
    be_alone()
    for figure in registry.counted():
        progress(figure)
        _forget_undeclared(figure)
        if span := _span(figure, year):
            for grain in figure.grains:
                _store(figure, sql.Stretch(grain, *span), reason)
    known = [figure.code for figure in registry.figures()]
    Observation.objects.filter(is_frozen=False).exclude(figure__in=known).delete()
    _restate()
    return Observation.objects.count()


@transaction.atomic
def freeze(period: Period, by: User | None = None) -> Freeze:
    """Close a month or a year: its figures are counted once more, and what they are now is what was published.

    Raises ValidationError if the period still runs, is a day, or is closed already, and if a set of shares does not add
    up: what is published adds up.
    """
    if period.grain == DAY:
        raise ValidationError(_("只有月份或年度可以結帳。"))
    if not period.is_over:
        raise ValidationError(_("%(period)s尚未終了，不能結帳。") % {"period": period.label})
    be_alone()
    if Freeze.objects.covering(period).exists():
        raise ValidationError(_("%(period)s已經結帳。") % {"period": period.label})
    figures = registry.counted()
    for figure in figures:
        for grain in figure.grains:
            if (grain, period.grain) != (YEAR, MONTH):
                _store(figure, sql.Stretch(grain, period.start, period.end))
    _note_rules(period)
    if broken := shares.broken(period):
        raise ValidationError([_not_whole(each) for each in broken])
    covered = Observation.objects.filter(period__range=(period.start, period.end), is_frozen=False)
    if period.grain == MONTH:
        covered = covered.exclude(grain=YEAR)
    covered.update(is_frozen=True, frozen_value=F("value"))
    return Freeze.objects.create(
        grain=period.grain,
        start=period.start,
        figures={figure.code: sorted(figure.dimensions) for figure in figures}
        | {f.code: [] for f in registry.manual()},
        definitions={f.code: version_of(f) for f in registry.figures()},
        frozen_at=now(),
        frozen_by=by,
    )


def _not_whole(found: shares.Shares) -> str:
    """Why a set keeps its period from being closed."""
    words = {"set": found.share_set.label, "period": found.period.label}
    if found.missing:
        names = _("、").join(str(reading.figure.label) for reading in found.missing)
        return _("「%(set)s」%(period)s還缺：%(names)s。") % (words | {"names": names})
    if found.whole is None:
        return _("「%(set)s」%(period)s沒有整體的數字。") % words
    numbers = {"sum": f"{found.sum:,}", "whole": f"{found.whole:,}"}
    return _("「%(set)s」%(period)s各部分合計 %(sum)s，應為 %(whole)s。") % (words | numbers)


def _note_rules(period: Period) -> None:
    """What rules lay down is kept at the closing, too: a mended entry of the pack must not change what was printed."""
    at = now()
    periods = [period, *(period.months if period.grain == YEAR else [])]
    rules = [figure for figure in registry.figures() if isinstance(figure, RuleFigure)]
    Observation.objects.bulk_create(
        [
            Observation(
                figure=rule.code,
                grain=each.grain,
                period=each.start,
                value=rule.value(each),
                computed_at=at,
                definition=version_of(rule),
            )
            for rule in rules
            for each in periods
        ],
        ignore_conflicts=True,
    )


def _restate() -> None:
    """Bring back what was entered wherever nothing else stands: of figures that are declared again after they were not
    for a while, and of those that a desk counts by now, for the periods before its records."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO figures_observation "
            "(figure, grain, by, period, dims, value, is_frozen, computed_at, is_typed) "
            "SELECT DISTINCT ON (figure, grain, period) figure, grain, '', period, '{}'::jsonb, value, false, "
            "entered_at, true FROM figures_manualentry WHERE figure = ANY(%s) ORDER BY figure, grain, period, id DESC "
            "ON CONFLICT DO NOTHING",
            [[f.code for f in (*registry.manual(), *registry.counted())]],
        )


def be_alone(wait: bool = True) -> bool:
    """Be the only one who counts or enters values until the transaction ends; False if others do and not to wait."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_xact_lock(hashtextextended('figures', 0))")
        if cursor.fetchone()[0] is False:
            return False
        # Enough memory to group a year of records without files. Compiling such statements costs more than it saves,
        # and merging on (period, by) alone compares every cell of a break-down with every other.
        for setting, to in {"work_mem": "64MB", "jit": "off", "enable_mergejoin": "off"}.items():
            cursor.execute("SELECT set_config(%s, %s, true)", (setting, to))
    return True


def _refresh(
    figures: Iterable[Counted],
    days: set[date],
    wanted: Callable[[Counted, str], bool] = lambda figure, grain: True,
    reason: str = "",
) -> None:
    """Count days and the months and years that they lie in, for the grains of figures that are wanted."""
    if not days:
        return
    for figure, grain in [(f, grain) for f in figures for grain in f.grains if wanted(f, grain)]:
        starts = {Period.of(grain, day).start for day in days}
        stretches = _since(figure, grain, min(starts)) if isinstance(figure, Stock) else spans(starts, _NEAR[grain])
        for first, last in stretches:
            _store(figure, sql.Stretch(grain, first, Period.of(grain, last).end), reason)


def _since(figure: Stock, grain: str, first: date) -> list[tuple[date, date]]:
    """A stock changes on all later days as well, and with time alone; so what is missing since is made good."""
    latest = Observation.objects.filter(figure=figure.code, grain=grain, by="").aggregate(Max("period"))["period__max"]
    last = Period.of(grain, today()).previous.start
    if latest and latest < last:
        first = min(first, Period(grain, latest).next.start)
    return [(first, last)] if first <= last else []


def _span(figure: Counted, year: int | None) -> tuple[date, date] | None:
    """The first and last day of the years with records or observations of a figure, or of the one given."""
    if year is not None:
        return Period.year(year).start, Period.year(year).end
    records = figure.records().order_by().aggregate(first=Min(figure.dated_by), last=Max(figure.dated_by))
    if isinstance(figure, Stock) and records["last"]:
        records["last"] = now()
    stored = Observation.objects.filter(figure=figure.code).aggregate(first=Min("period"), last=Max("period"))
    ends = [
        each.astimezone(TAIPEI).date() if isinstance(each, datetime) else each
        for each in (*records.values(), *stored.values())
        if each
    ]
    return (Period.of(YEAR, min(ends)).start, Period.of(YEAR, max(ends)).end) if ends else None


def _forget_undeclared(figure: Counted) -> None:
    """Remove stored values by dimensions or grains that the figure no longer has."""
    mine = Observation.objects.filter(figure=figure.code, is_frozen=False, is_typed=False)
    for grain in figure.grains:
        mine.filter(grain=grain).exclude(by__in=[key_of(s) for s in figure.stored(grain)]).delete()
    mine.exclude(grain__in=figure.grains).delete()


def _store(figure: Counted, stretch: sql.Stretch, reason: str = "") -> None:
    sets = figure.stored(stretch.grain)
    frozen = Freeze.objects.frozen_cells(figure.code, stretch.grain, stretch.first, stretch.last)
    sql.store(figure, stretch, sets, frozen, reason, now()).run()
