"""Jobs of the outbox. Each may run twice or late without harm."""

import logging
from typing import cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from foundation.jobs import periodic, task
from messages import actions, batches, inbox, receipts
from messages.mailbox import Unreachable

log = logging.getLogger(__name__)


@task(_("通知：寄出"))
def deliver(token: str) -> None:
    """Hand one message, by its token, to its channel."""
    actions.deliver(token)


@periodic("*/10 * * * *", _("通知：找回漏寄的"))
def requeue_stuck(timestamp: int) -> None:
    """Find messages whose job got lost."""
    actions.requeue_stuck()


@periodic("* * * * * */10", _("通知：分批寄出"), priority=-1)
def deliver_batch(timestamp: int) -> None:
    """Every ten seconds: the letters that a storm put off. Before the urgent ones' jobs it gives way."""
    batches.deliver_batch()


@task(_("簡訊：登記回條"))
def take_receipt(token: str, round: int, outcome: str, reason: str = "", reference: str = "") -> None:
    """Write what a gateway said of a message."""
    receipts.take(receipts.Receipt(UUID(token), round, cast(receipts.Outcome, outcome), reason, reference))


@periodic("5-55/10 * * * *", _("簡訊：找出沒有回條的"))
def give_up_waiting(timestamp: int = 0) -> int:
    """Find messages whose receipt never came."""
    return receipts.give_up_waiting()


# -- What comes in -----------


@periodic("* * * * *", _("信箱：收信"))
def fetch_mail(timestamp: int = 0) -> int:
    """Every minute: what is new in the city's mailbox. One at a time; a server that is down is asked again."""
    try:
        return inbox.fetch()
    except Unreachable as problem:
        log.warning("the mailbox cannot be read: %s", problem)
        return 0


@task(_("信箱與 LINE：讀取來信"))
def read_inbound(token: str) -> None:
    """Read one thing that came in, by its token."""
    inbox.read(token)


@periodic("*/10 * * * *", _("信箱與 LINE：找回漏讀的"))
def requeue_unread(timestamp: int = 0) -> int:
    """Find what came in and whose reading got lost."""
    return inbox.requeue_unread()


@periodic("37 19 * * *", _("信箱與 LINE：刪除過期的"))
def purge_inbound(timestamp: int = 0) -> int:
    """Every night (03:37 in Taipei): forget what is kept no longer."""
    return inbox.purge()
