"""Jobs of the engine. Each may run twice or late without harm."""

from cases.actions import deadlines, following
from foundation.jobs import periodic, task


@periodic("* * * * *")
def watch_deadlines(timestamp: int = 0) -> None:
    """Every minute: remind before and escalate after."""
    deadlines.remind()
    deadlines.escalate()


@task()
def recompute_deadlines(reason: str, districts: list[str] | None = None) -> int:
    """After a change of the calendar."""
    return deadlines.recompute_deadlines(reason, districts)


@task()
def tell_followers(case_id: int, verb: str) -> None:
    """The work on a case is done, or it was put away."""
    following.tell_followers(case_id, verb)


@periodic("37 19 * * *")
def forget_followers(timestamp: int = 0) -> int:
    """Every night: addresses that are not needed any more."""
    return following.forget_followers()
