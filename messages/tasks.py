"""Jobs of the outbox. Each may run twice or late without harm."""

import logging
from typing import cast
from uuid import UUID

from foundation.jobs import periodic, task
from messages import actions, batches, inbox, receipts
from messages.mailbox import Unreachable

log = logging.getLogger(__name__)


@task()
def deliver(token: str) -> None:
    """Hand one message, by its token, to its channel."""
    actions.deliver(token)


@periodic("*/10 * * * *")
def requeue_stuck(timestamp: int) -> None:
    """Find messages whose job got lost."""
    actions.requeue_stuck()


@periodic("* * * * * */10", priority=-1)
def deliver_batch(timestamp: int) -> None:
    """Every ten seconds: the letters that a storm put off. Before the urgent ones' jobs it gives way."""
    batches.deliver_batch()


@task()
def take_receipt(token: str, round: int, outcome: str, reason: str = "", reference: str = "") -> None:
    """Write what a gateway said of a message."""
    receipts.take(receipts.Receipt(UUID(token), round, cast(receipts.Outcome, outcome), reason, reference))


@periodic("5-55/10 * * * *")
def give_up_waiting(timestamp: int = 0) -> int:
    """Find messages whose receipt never came."""
    return receipts.give_up_waiting()


# -- What comes in -----------


@periodic("* * * * *")
def fetch_mail(timestamp: int = 0) -> int:
    """Every minute: what is new in the city's mailbox. One at a time; a server that is down is asked again."""
    try:
        return inbox.fetch()
    except Unreachable as problem:
        log.warning("the mailbox cannot be read: %s", problem)
        return 0


@task()
def read_inbound(token: str) -> None:
    """Read one thing that came in, by its token."""
    inbox.read(token)


@periodic("*/10 * * * *")
def requeue_unread(timestamp: int = 0) -> int:
    """Find what came in and whose reading got lost."""
    return inbox.requeue_unread()


@periodic("37 19 * * *")
def purge_inbound(timestamp: int = 0) -> int:
    """Every night (03:37 in Taipei): forget what is kept no longer."""
    return inbox.purge()
