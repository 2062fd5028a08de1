"""What the worker does for figures."""

from figures import actions
from foundation.jobs import periodic


@periodic("* * * * * */10")
def refresh(timestamp: int) -> None:
    """Every ten seconds: count the days that were marked since. Costs one look at an empty table when there are none.

    Not deferred by ``touch``: filing a report would pay for a second statement, and every writer would ask for the
    same job.
    """
    actions.drain(slow=False)


@periodic("*/5 * * * *")
def refresh_slow(timestamp: int) -> None:
    """Every five minutes: what takes long, too."""
    actions.drain()
