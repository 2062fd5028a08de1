"""What the clock does by itself: reminders before the deadline, escalation after it, and a new calendar."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import override

from cases.actions.performing import GROUP, record
from cases.models import Case
from figures.actions import touch
from foundation.clock import now
from messages.actions import send
from organisation.directory import heads_of

BATCH = 200


def remind() -> int:
    """Remind the officers of cases whose deadline is near; returns how many. Safe to run at any time, in parallel."""
    return _each("remind_at", lambda case: _nudge(case, "remind", [case.officer] if case.officer else None))


def escalate() -> int:
    """Report cases past their deadline to the heads of their units; returns how many. Safe to run in parallel."""
    return _each("escalate_at", lambda case: _nudge(case, "escalate", None))


def _each(column: str, deal_with) -> int:
    """Deal with the cases whose moment in ``column`` has come, a batch a transaction; each is dealt with once."""
    total = 0
    while True:
        with transaction.atomic():
            due = (
                Case.objects.select_for_update(of=("self",), skip_locked=True)
                .for_list()
                .filter(**{f"{column}__lte": now()})
                .order_by(column)[:BATCH]
            )
            batch = list(due)
            for case in batch:
                deal_with(case)
            Case.objects.filter(pk__in=[case.pk for case in batch]).update(**{column: None})
            if dates := {case.received_on for case in batch}:
                touch(GROUP, dates)
        total += len(batch)
        if len(batch) < BATCH:
            return total


def _nudge(case: Case, verb: str, people) -> None:
    people = people or heads_of(case.unit_id)
    record(
        case,
        verb,
        None,
        data={"due": case.due_at.isoformat() if case.due_at else None, "to": [person.pk for person in people]},
    )
    for person in people:
        if person.email:
            with override(person.language):
                place = case.place
            send(f"cases.{verb}", person.email, person.language,
                 {"number": str(case.number), "kind": case.kind_code, "place": place, "due": case.due_at},
                 "cases.case", case.pk)  # fmt: skip


def recompute_deadlines(reason: str, districts: Iterable[str] | None = None) -> int:
    """Compute the deadlines of all running cases again after the calendar changed; returns how many moved.

    ``districts`` are district codes; None is the whole city. The reason stands on the timeline of each case that moved,
    with the old and the new time, and the public reads it.
    """
    open_cases = Case.objects.open().filter(due_at__isnull=False)
    if districts is not None:
        open_cases = open_cases.filter(district_id__in=list(districts))
    moved = 0
    for pk in open_cases.values_list("pk", flat=True).iterator():
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).for_list().get(pk=pk)
            before = case.due_at
            if case.closed_at or case.done_at or case.deadline() == before:
                continue
            case.set_deadline()
            case.version += 1
            case.save(update_fields=["due_at", "remind_at", "escalate_at", "version"])
            record(case, "deadline", None, reason, public=True,
                   data={"from": before.isoformat(), "to": case.due_at.isoformat()})  # fmt: skip
            touch(GROUP, {case.received_on})
            moved += 1
    return moved
