"""Telling people things: an outbox in the database, so that a message goes out if and only if its record was committed.

Delivery is at least once. The row is marked as sent after the other side has taken the message; if the worker dies
between the two, it is sent again under the same number, by which a receiver can tell.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from foundation import clock, jobs
from foundation.clock import TAIPEI
from foundation.inserting import insert
from foundation.jobs import Job
from foundation.telephone import mobile
from messages import letters
from messages.channels import CHANNELS, Outgoing, Refused, Unavailable, open_channels
from messages.models import OVER, TAKEN, Channel, Message, MessageEvent, State
from messages.registry import Attachment
from messages.registry import notice as declared
from messages.rules import without_address
from messages.timing import Quiet, Reach, Way, not_before, wait_after, ways
from organisation import storm
from organisation.pack import pack

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
    channel: str = Channel.MAIL,
    otherwise: Sequence[tuple[str, str]] = (),
) -> Message:
    """Tell somebody something; call it in the transaction that writes the record told of.

    ``notice`` is the code of a declared notice, ``to`` an address (of the ``channel``), ``language`` one of
    ``settings.LANGUAGES`` (any other counts as Chinese), ``context`` what the notice's templates need, ``topic`` and
    ``topic_id`` the record, ``unsubscribe`` the address that ends such letters by one POST (RFC 8058), for those that
    can be ended, ``otherwise`` the channels and addresses to try in turn should this one fail (``ways_to``).
    Two SQL statements: the message, and the job that delivers it after the commit, or in the morning where the channel
    may not ring at night. Where the channel is not set up the message is kept in the outbox and there is no job.
    """
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    what = declared(notice)
    letter = letters.write(what, language, context)
    is_short = CHANNELS[channel].is_short
    return _write(
        Message(
            notice=notice,
            channel=channel,
            recipient=to,
            language=language,
            subject=letter.subject[:200],
            body=letter.body,
            short=letters.write_short(what, language, context, letter.subject) if is_short else "",
            topic=topic,
            topic_id=topic_id,
            unsubscribe=unsubscribe,
            otherwise=json.dumps(otherwise) if otherwise else "",
        )
    )


def ways_to(reach: Reach) -> list[Way]:
    """By which ways somebody hears one thing, by the city's rule ``notice_channels`` and what is set up."""
    rule = pack().rule("notice_channels", clock.today()).value
    return ways(reach, rule["first"], rule["beside"], open_channels())


def _write(message: Message) -> Message:
    """Put a new message into the outbox, with its job."""
    now, is_open = clock.now(), CHANNELS[message.channel].is_open()
    message.state = State.QUEUED if is_open else State.KEPT
    message.due_at = free_at(message.channel, message.notice, now) if is_open else None
    insert(message)
    if message.due_at and not (declared(message.notice).can_wait and storm.is_on()):  # else `messages.batches` finds it
        _defer(message, now)
    return message


def _defer(message: Message, now: datetime) -> None:
    at = message.due_at
    jobs.defer(DELIVER, schedule_at=at if at and at > now else None, token=message.token.hex)


def free_at(channel: str, notice: str, at: datetime) -> datetime:
    """The first moment from ``at`` on at which the channel may be used: not in hours of the rule ``quiet_hours``."""
    if channel == Channel.MAIL:
        return at
    return not_before(at.astimezone(TAIPEI), channel, notice, _quiet())


def _quiet() -> Quiet:
    rule = pack().rule("quiet_hours", clock.today()).value
    return Quiet(rule["begins"], rule["ends"], frozenset(rule["channels"]), frozenset(rule["exempt"]))


def deliver(token: str | UUID) -> None:
    """Hand a queued message to its channel. Does nothing if it is not queued any more or another worker has it.

    What fails for the moment is tried again after the channel's waits; what the other side refuses, and what has been
    tried to the end of them, has failed, with the reason. At night what may not ring is put off, which is no attempt.
    """
    with transaction.atomic():
        message = Message.objects.locked().queued().filter(token=token).first()
        if message is None:
            return
        channel, now = CHANNELS[message.channel], clock.now()
        if not channel.is_open():
            put(message, State.KEPT)
            return
        if (morning := free_at(message.channel, message.notice, now)) > now:
            put(message, State.QUEUED, due_at=morning, error=message.error)
            _defer(message, now)
            return
        message.attempts += 1
        try:
            message.reference = channel.deliver(_outgoing(message)) or ""
        except Refused as refusal:
            fail(message, refusal)
        except Unavailable as hindrance:
            if wait := wait_after(message.attempts, channel.waits, hindrance.wait):
                put(message, State.QUEUED, due_at=free_at(message.channel, message.notice, now + wait), error=hindrance)
                _defer(message, now)
            else:
                fail(message, hindrance)
        else:
            hand_over(message)


def _outgoing(message: Message) -> Outgoing:
    return Outgoing(
        identifier=message.token.hex,
        recipient=message.recipient,
        subject=message.subject,
        body=message.body,
        language=message.language,
        unsubscribe=message.unsubscribe,
        short=message.short,
        round=message.rounds,
        urgent=message.notice in _quiet().exempt if message.channel == Channel.PUSH else False,
        attachments=_attachments(message),
    )


def _attachments(message: Message) -> Sequence[Attachment]:
    """The files of a mail. A notice that is no longer declared still goes out: its words are in the outbox."""
    if message.channel != Channel.MAIL:
        return ()
    try:
        attach = declared(message.notice).attach
    except LookupError:
        return ()
    return attach(message.topic_id, message.language) if attach else ()


def hand_over(message: Message) -> None:
    """The other side has taken a message: the end, or the beginning of the wait for its receipt."""
    if not CHANNELS[message.channel].sends_receipts:
        put(message, State.SENT)
        return
    hours = pack().rule("sms_receipt_hours", clock.today()).value
    put(message, State.HANDED, due_at=clock.now() + timedelta(hours=hours))


def fail(message: Message, why: Exception | str) -> Message | None:
    """A message has failed for good. If there is another way to its recipient it goes that way: the new message."""
    put(message, State.FAILED, error=str(why) or "?")
    if not message.otherwise:
        return None
    (channel, to), *rest = json.loads(message.otherwise)
    what = declared(message.notice)
    return _write(
        Message(
            notice=what.code,
            channel=channel,
            recipient=to,
            language=message.language,
            subject=message.subject,
            body=message.body,
            short=message.short if CHANNELS[channel].is_short else "",
            topic=message.topic,
            topic_id=message.topic_id,
            unsubscribe=message.unsubscribe,
            otherwise=json.dumps(rest) if rest else "",
            instead_of=message,
        )
    )


def send_again(message_id: int, by: Any = None) -> bool:
    """Queue a message that failed, was kept or has no receipt; who asked stands in its history.

    False if it is none of these, if its words are gone (``cases.retention``), or if its channel is not set up.
    """
    with transaction.atomic():
        message = Message.objects.locked().filter(pk=message_id, state__in=OVER).first()
        if message is None or not message.body or not CHANNELS[message.channel].is_open():
            return False
        now = clock.now()
        message.rounds += message.state != State.KEPT  # kept: nobody out there knows of it yet
        message.attempts, message.reference = 0, ""
        put(message, State.QUEUED, due_at=free_at(message.channel, message.notice, now), by=by)
        _defer(message, now)
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


def put(
    message: Message, state: State, *, due_at: datetime | None = None, error: Exception | str = "", by: Any = None
) -> None:
    """Write what has become of a message. A server's answer may repeat the address, which the row keeps encrypted."""
    now = clock.now()
    message.state, message.due_at = state, due_at
    if state in TAKEN:
        message.sent_at = message.sent_at or now
    elif state != State.FAILED:
        message.sent_at = None
    message.delivered_at = now if state == State.DELIVERED else None
    message.error = _without(message, " ".join(str(error).split()))[:500]
    if message.error:
        log.warning("message %s (%s), attempt %s: %s", message.pk, message.notice, message.attempts, message.error)
    message.save(
        update_fields=["state", "attempts", "due_at", "sent_at", "delivered_at", "error", "rounds", "reference"]
    )
    MessageEvent.objects.create(message=message, at=now, state=state, reason=message.error, by=by)


def _without(message: Message, words: str) -> str:
    """The words with the address masked, a telephone number in both of its forms."""
    number = mobile(message.recipient) if message.channel == Channel.SMS else None
    forms = [message.recipient, *((number, f"0{number[4:]}", number[1:]) if number else ())]
    for form in forms:
        words = without_address(words, form)
    return words
