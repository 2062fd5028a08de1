"""Watching what comes in: whether it is a storm, and what waits meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.db.models.functions import TruncMinute
from django.utils.translation import gettext_noop

from cases.models import Attachment, Case
from figures.models import Touched
from foundation.clock import now
from foundation.jobs import Waiting, waiting, workers_away
from messages.models import Message
from organisation import storm
from organisation.actions.storms import begin_storm, end_overdue, end_storm
from organisation.rules import storm_begins, storm_is_over
from search.models import Waiting as NotIndexed
from servicerequests.actions import intake
from servicerequests.models import Intake

WEEKS = 4  # the usual is the mean of the same time of the week in so many weeks before
KEPT = timedelta(days=30)
BY_ITSELF = gettext_noop("受理量超過平常的數倍，自動進入。")


@dataclass(frozen=True)
class Arrivals:
    """What came in during the last minutes, and what comes in usually in so many minutes at this time of the week."""

    count: int
    usual: float
    minutes: int


def arrivals(at: datetime | None = None) -> Arrivals:
    """Count them; five statements over an index."""
    at, minutes = at or now(), int(storm.rule("minutes"))
    span = timedelta(minutes=minutes)

    def count(until: datetime) -> int:
        return Case.objects.arrived(until - span, until).count()

    usual = sum(count(at - timedelta(weeks=week)) for week in range(1, WEEKS + 1)) / WEEKS
    return Arrivals(count(at), usual, minutes)


def watch(at: datetime | None = None) -> None:
    """Begin storm mode when it is a storm; end one that the house began itself when it is over. One that a person
    declared ends by a person, or by its time."""
    end_overdue()
    seen = arrivals(at)
    measure = (seen.count, seen.usual, storm.rule("multiple"), int(storm.rule("at_least")))
    storm.forget()
    going_on = storm.storm()
    if going_on is None and storm_begins(*measure):
        begin_storm(None, BY_ITSELF)
    elif going_on is not None and going_on.began_by_id is None and storm_is_over(*measure):
        end_storm(None)
    Intake.objects.filter(at__lt=now() - KEPT).delete()


@dataclass(frozen=True)
class PutOff:
    """Work of one sort that waits: how much, and since when where that is known."""

    what: str
    count: int
    since: datetime | None = None


@dataclass(frozen=True)
class Backlog:
    """The queue of what waits, and how intake does."""

    jobs: list[Waiting]
    workers_away: bool
    letters: PutOff
    figures: PutOff
    search: PutOff
    pictures: PutOff
    p99: int | None
    accepted: int
    by_minute: list[tuple[datetime, int]]
    arrivals: Arrivals


def backlog() -> Backlog:
    """Count what waits; a fixed number of statements."""
    at = now()
    hour = at - timedelta(hours=1)
    letters = Message.objects.queued().aggregate(n=Count("pk"), since=Min("created_at"))
    marks = Touched.objects.aggregate(n=Count("pk"), since=Min("at"))
    pictures = Attachment.objects.awaiting().order_by().aggregate(n=Count("pk"), since=Min("uploaded_at"))
    per_minute = Case.objects.arrived(hour, at).order_by().annotate(minute=TruncMinute("received_at"))
    counts = dict(per_minute.values_list("minute").annotate(n=Count("pk")))
    # A minute without a report stands in the curve as well: without it an hour's lull would look like a steady stream.
    minutes = [hour.replace(second=0, microsecond=0) + timedelta(minutes=n) for n in range(61)] if counts else []
    p99, accepted = intake.within(hour)
    return Backlog(
        jobs=waiting(),
        workers_away=workers_away(),
        letters=PutOff("letters", letters["n"], letters["since"]),
        figures=PutOff("figures", marks["n"], marks["since"]),
        search=PutOff("search", NotIndexed.objects.count()),
        pictures=PutOff("pictures", pictures["n"], pictures["since"]),
        p99=p99,
        accepted=accepted,
        by_minute=[(minute, counts.get(minute, 0)) for minute in minutes],
        arrivals=arrivals(at),
    )
