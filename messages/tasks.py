"""Jobs of the outbox. Each may run twice or late without harm."""

from foundation.jobs import periodic, task
from messages import actions, batches


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
