"""Letters without a job of their own, which a storm put off: delivered in batches, after the urgent ones.

Those with a job are never older than some seconds, unless the worker was away; then both ways may come to one letter,
and `deliver` sends it once.
"""

from datetime import timedelta

from foundation import clock
from messages.actions import deliver
from messages.models import Message

PUT_OFF = timedelta(seconds=30)
BATCH = 100


def deliver_batch(most: int = BATCH) -> int:
    """Deliver the oldest letters that wait; returns how many went out.

    A channel whose first letter stays queued is left alone: its server is away, and asking it for each of the others
    would make a job for each of them.
    """
    waiting = Message.objects.stuck(clock.now() - PUT_OFF).values_list("token", "channel")[:most]
    sent, away = 0, set()
    for token, channel in list(waiting):
        if channel in away:
            continue
        deliver(token)
        if Message.objects.queued().filter(token=token).exists():
            away.add(channel)
        else:
            sent += 1
    return sent
