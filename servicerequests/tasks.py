"""Jobs of the desk. Each may run twice or late without harm."""

from foundation.jobs import periodic, task
from servicerequests.actions import broadcasting, gathering, watching


@task()
def tell_reporters(broadcast: int, after: int) -> None:
    """Write to the reporters of the next cases of a broadcast."""
    broadcasting.tell_reporters(broadcast, after)


@periodic("* * * * *")
def gather_open(timestamp: int) -> None:
    """Every minute: take in what open incidents missed (another process had not heard of them, or an import)."""
    gathering.gather_open()


@periodic("* * * * * */30")
def watch_arrivals(timestamp: int) -> None:
    """Twice a minute: begin storm mode when far more comes in than usual, and end it when it has calmed down."""
    watching.watch()
