"""Let go of personal data whose term is over, in bounded batches, and write down what was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet

from foundation import clock
from foundation.clock import TAIPEI
from foundation.retention import Holding, holdings
from organisation.pack import pack
from retention.models import Run
from retention.rules import cutoff

BATCH = 500  # records a statement and transaction: no lock is held for long, and a kill loses no more than these


@dataclass(frozen=True)
class Forecast:
    """What a run would do at a moment: ``free`` records would be let go of, ``held`` are kept, by reason."""

    holding: Holding
    amount: int
    unit: str
    law: str
    before: datetime
    free: int
    held: dict[str, int]

    @property
    def looked(self) -> int:
        return self.free + sum(self.held.values())


def forecast(at: datetime | None = None) -> list[Forecast]:
    """What tonight's run would do; changes nothing. One statement a holding. Holdings without a rule are left out."""
    at = at or clock.now()
    return [_forecast(holding, at) for holding in _ruled(at)]


def run(at: datetime | None = None) -> list[Run]:
    """Let go of everything whose term is over. Run twice, the second finds nothing more; cut off, the next ends it."""
    at = at or clock.now()
    return [_run(holding, at) for holding in _ruled(at)]


def _ruled(at: datetime) -> Iterator[Holding]:
    """The holdings that the city has a rule for at a moment; without one everything is kept."""
    for holding in holdings():
        try:
            pack().rule(holding.rule, at.astimezone(TAIPEI).date())
        except LookupError:
            continue
        yield holding


def _term(holding: Holding, at: datetime) -> tuple[int, str, str, datetime]:
    """Amount, unit and source of the rule in force, and the moment before which its term is over."""
    local = at.astimezone(TAIPEI)
    entry, unit = pack().rule(holding.rule, local.date()), pack().rules[holding.rule].unit
    return int(entry.value), unit, entry.source, cutoff(local, int(entry.value), unit)


def _due(holding: Holding, before: datetime) -> QuerySet:
    return holding.due(before).annotate(kept_because=holding.excuse)


def _forecast(holding: Holding, at: datetime) -> Forecast:
    amount, unit, law, before = _term(holding, at)
    counted = dict(_due(holding, before).order_by().values_list("kept_because").annotate(n=Count("pk")))
    return Forecast(holding, amount, unit, law, before, counted.pop("", 0), counted)


def _run(holding: Holding, at: datetime) -> Run:
    amount, unit, law, before = _term(holding, at)
    on = at.astimezone(TAIPEI).date()
    facts = {"term": f"{amount} {unit}", "law": law[:300], "before": before}
    report, _new = Run.objects.update_or_create(on=on, holding=holding.code, defaults=facts)
    last = None
    while (last := _batch(holding, before, report, last)) is not None:
        pass
    held = {why: n for why, n in _forecast(holding, at).held.items() if n}
    with transaction.atomic():
        report = Run.objects.select_for_update().get(pk=report.pk)
        report.held, report.looked, report.finished_at = held, report.done + sum(held.values()), clock.now()
        report.save(update_fields=["held", "looked", "finished_at"])
    return report


@transaction.atomic
def _batch(holding: Holding, before: datetime, report: Run, last: object) -> object:
    """Let go of one batch behind the key ``last``, with its number in the report; None when there is no more.

    The report's row is locked first, so that two runs at once take turns and count each record once.
    """
    report = Run.objects.select_for_update().get(pk=report.pk)
    rows = _due(holding, before).filter(kept_because="")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    keys = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)[:BATCH])
    if not keys:
        return None
    holding.forget(keys)
    report.done += len(keys)
    report.save(update_fields=["done"])
    return keys[-1]
