"""Jobs of the outbox. Each may run twice or late without harm."""

from foundation.jobs import periodic, task
from messages import actions


@task()
def deliver(message_id: int) -> None:
    """Hand one message to its channel."""
    actions.deliver(message_id)


@periodic("*/10 * * * *")
def requeue_stuck(timestamp: int) -> None:
    """Find messages whose job got lost."""
    actions.requeue_stuck()
