"""Jobs of the desk. Each may run twice or late without harm."""

from foundation.jobs import periodic, task
from servicerequests.actions import broadcasting, gathering


@task()
def tell_reporters(broadcast: int, after: int) -> None:
    """Write to the reporters of the next cases of a broadcast."""
    broadcasting.tell_reporters(broadcast, after)


@periodic("* * * * *")
def gather_open(timestamp: int) -> None:
    """Every minute: take in what open incidents missed (another process had not heard of them, or an import)."""
    gathering.gather_open()
