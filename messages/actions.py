"""Telling people things: an outbox in the database, so that a mail goes out if and only if its record was committed.

Delivery is at least once. The row is marked as sent after the server has taken the mail; if the worker dies between the
two, the mail is sent again with the same Message-ID, by which a receiver can tell.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from foundation import clock, jobs
from foundation.inserting import insert
from foundation.jobs import Job
from messages import letters
from messages.channels import CHANNELS, Outgoing, Refused, Unavailable
from messages.models import Channel, Message, State
from messages.registry import notice as declared
from messages.rules import wait_after, without_address
from organisation import storm

log = logging.getLogger(__name__)

DELIVER = "messages.deliver"
# A message that is this late has lost its job; until then a busy worker may still come to it.
STUCK_AFTER = timedelta(minutes=15)
STUCK_AT_ONCE = 1000


def send(
    notice: str,
    to: str,
    language: str,
    context: Mapping[str, Any],
    topic: str,
    topic_id: int,
    unsubscribe: str = "",
    channel: Channel = Channel.MAIL,
) -> Message:
    """Tell somebody something; call it in the transaction that writes the record told of.

    ``notice`` is the code of a declared notice, ``to`` an address (of the ``channel``), ``language`` one of
    ``settings.LANGUAGES`` (any other counts as Chinese), ``context`` what the notice's templates need, ``topic`` and
    ``topic_id`` the record, ``unsubscribe`` the address that ends such letters by one POST (RFC 8058), for those that
    can be ended. Two SQL statements: the message, and the job that delivers it after the commit. Where the channel is
    not set up the message is kept in the outbox and there is no job.
    """
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    letter = letters.write(declared(notice), language, context)
    is_open = CHANNELS[channel].is_open()
    message = Message(
        notice=notice,
        channel=channel,
        recipient=to,
        language=language,
        subject=letter.subject[:200],
        body=letter.body,
        topic=topic,
        topic_id=topic_id,
        unsubscribe=unsubscribe,
        state=State.QUEUED if is_open else State.KEPT,
        due_at=clock.now() if is_open else None,
    )
    insert(message)
    if is_open and not (declared(notice).can_wait and storm.is_on()):  # else `messages.batches` finds it
        jobs.defer(DELIVER, token=message.token.hex)
    return message


def deliver(token: str | UUID) -> None:
    """Hand a queued message to its channel. Does nothing if it is not queued any more or another worker has it.

    What fails for the moment is tried again later (``rules.WAITS``); what the other side refuses, and what has been
    tried for three days, has failed, with the reason.
    """
    with transaction.atomic():
        message = Message.objects.locked().queued().filter(token=token).first()
        if message is None:
            return
        if not CHANNELS[message.channel].is_open():
            _put(message, State.KEPT)
            return
        message.attempts += 1
        try:
            CHANNELS[message.channel].deliver(
                Outgoing(
                    identifier=message.token.hex,
                    recipient=message.recipient,
                    subject=message.subject,
                    body=message.body,
                    language=message.language,
                    unsubscribe=message.unsubscribe,
                )
            )
        except Refused as refusal:
            _put(message, State.FAILED, error=refusal)
        except Unavailable as hindrance:
            if wait := wait_after(message.attempts):
                _put(message, State.QUEUED, due_at=clock.now() + wait, error=hindrance)
                jobs.defer(DELIVER, schedule_at=message.due_at, token=message.token.hex)
            else:
                _put(message, State.FAILED, error=hindrance)
        else:
            _put(message, State.SENT)


def send_again(message_id: int) -> bool:
    """Queue a message that failed or was kept. False if it is neither, its words are gone (``cases.retention``), or
    there is no mail server to send it by."""
    with transaction.atomic():
        message = Message.objects.locked().filter(pk=message_id, state__in=[State.FAILED, State.KEPT]).first()
        if message is None or not message.body or not CHANNELS[message.channel].is_open():
            return False
        message.attempts = 0
        _put(message, State.QUEUED, due_at=clock.now())
        jobs.defer(DELIVER, token=message.token.hex)
        return True


def requeue_stuck() -> int:
    """Give jobs to messages that should have been tried long ago and were not; returns how many.

    The job commits with the message, so this is for jobs that were deleted by hand or gave up on a dead database.
    """
    now = clock.now()
    with transaction.atomic():
        stuck = list(Message.objects.locked().stuck(now - STUCK_AFTER).values_list("token", flat=True)[:STUCK_AT_ONCE])
        Message.objects.filter(token__in=stuck).update(due_at=now)
        return jobs.defer_many(
            Job(DELIVER, {"token": token.hex}, queueing_lock=f"{DELIVER}:{token.hex}") for token in stuck
        )


def _put(message: Message, state: State, *, due_at: datetime | None = None, error: Exception | str = "") -> None:
    """Write what has become of a message. A server's answer may repeat the address, which the row keeps encrypted."""
    message.state, message.due_at = state, due_at
    message.sent_at = clock.now() if state == State.SENT else None
    message.error = without_address(" ".join(str(error).split()), message.recipient)[:500]
    if message.error:
        log.warning("message %s (%s), attempt %s: %s", message.pk, message.notice, message.attempts, message.error)
    message.save(update_fields=["state", "attempts", "due_at", "sent_at", "error"])
