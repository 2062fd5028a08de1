"""What the worker does for figures."""

from figures import actions
from foundation.jobs import periodic
from organisation import storm


@periodic("* * * * * */10")
def refresh(timestamp: int) -> None:
    """Every ten seconds: count the days that were marked since. Costs one look at an empty table when there are none.

    Not deferred by ``touch``: filing a report would pay for a second statement, and every writer would ask for the
    same job. In a storm only now and then: the marks stay until then, so nothing is lost.
    """
    if storm.is_turn(timestamp, 10):
        actions.drain(slow=False)


@periodic("*/5 * * * *")
def refresh_slow(timestamp: int) -> None:
    """Every five minutes: what takes long, too; in a storm when it is over."""
    if not storm.is_on():
        actions.drain()


@periodic("40 3 * * *")
def check(timestamp: int) -> None:
    """Every night: what is out of range, jumps, does not add up or is late, for the list at ``/figures/quality/``."""
    actions.check()
