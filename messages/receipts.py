"""What the other side says afterwards: receipts of a gateway, and that none has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

from django.db import transaction

from foundation import clock, jobs
from foundation.jobs import Job
from messages.actions import fail, hand_over, put
from messages.models import Message, MessageEvent, State
from messages.timing import Outcome, after_receipt

TAKE = "messages.take_receipt"
AT_ONCE = 1000


@dataclass(frozen=True)
class Receipt:
    """What a gateway says of one message. ``round`` is that of the sending which it speaks of."""

    token: UUID
    round: int
    outcome: Outcome
    reason: str = ""
    reference: str = ""


def read(told: Any) -> Receipt:
    """A receipt as a gateway writes it: ``{"id", "state", "reason", "reference"}``, the id as it was given.

    Raises ValueError that names the member that is wrong.
    """
    if not isinstance(told, dict):
        raise ValueError("receipts")
    token, _dash, round_ = str(told.get("id", "")).partition("-")
    try:
        known = UUID(token), int(round_ or 0)
    except ValueError:
        raise ValueError("id") from None
    if told.get("state") not in get_args(Outcome):
        raise ValueError("state")
    return Receipt(*known, told["state"], str(told.get("reason") or "")[:400], str(told.get("reference") or "")[:100])


def keep(receipts: list[Receipt]) -> None:
    """Have receipts taken by jobs: the gateway need not wait for a message that a worker holds. One statement."""
    jobs.defer_many(
        Job(
            TAKE,
            {
                "token": receipt.token.hex,
                "round": receipt.round,
                "outcome": receipt.outcome,
                "reason": receipt.reason,
                "reference": receipt.reference,
            },
            lock=f"receipt:{receipt.token.hex}",
        )
        for receipt in receipts
    )


@transaction.atomic
def take(receipt: Receipt) -> None:
    """Write what has become of a message by its receipt. One of an earlier sending, and of no message, says nothing."""
    message = Message.objects.select_for_update().filter(token=receipt.token, rounds=receipt.round).first()
    state = after_receipt(message.state, receipt.outcome) if message else None
    if message is None or state is None:
        if message and receipt.outcome == "accepted" and message.state == State.HANDED:
            MessageEvent.objects.create(message=message, state=message.state, reason=receipt.outcome)
        return
    message.reference = message.reference or receipt.reference
    match state:
        case "handed":
            hand_over(message)
        case "delivered":
            put(message, State.DELIVERED)
        case _:
            message.sent_at = message.sent_at or clock.now()
            fail(message, f"{receipt.outcome}: {receipt.reason}" if receipt.reason else receipt.outcome)


def give_up_waiting() -> int:
    """Messages whose receipt has not come in time have none: a state of its own, in which nothing is known to have
    failed, so nothing is sent in their place. A receipt that comes later still counts. Returns how many."""
    total = 0
    while True:
        with transaction.atomic():
            overdue = list(Message.objects.locked().unanswered(clock.now())[:AT_ONCE])
            for message in overdue:
                put(message, State.SILENT)
        total += len(overdue)
        if len(overdue) < AT_ONCE:
            return total
