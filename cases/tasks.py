"""Jobs of the engine. Each may run twice or late without harm."""

from datetime import timedelta

from cases.actions import deadlines, following
from cases.models import Attachment
from foundation.clock import now, today
from foundation.jobs import periodic, task
from organisation.pack import pack


@periodic("* * * * *")
def watch_deadlines(timestamp: int = 0) -> None:
    """Every minute: remind before and escalate after."""
    deadlines.remind()
    deadlines.escalate()


@task()
def recompute_deadlines(reason: str, districts: list[str] | None = None) -> int:
    """After a change of the calendar."""
    return deadlines.recompute_deadlines(reason, districts)


@periodic("17 19 * * *")
def purge_drafts(timestamp: int = 0) -> int:
    """Every night: uploads of two days ago that were never filed, or later by as long as a petition may wait for its
    address to be confirmed."""
    days = 2 + int(pack().rule("petition_confirm_days", today()).value)
    stale = Attachment.objects.filter(case__isnull=True, uploaded_at__lt=now() - timedelta(days=days))
    for draft in (drafts := list(stale)):
        draft.remove_files()
        draft.delete()
    return len(drafts)


@task()
def tell_followers(case_id: int, verb: str) -> None:
    """The work on a case is done, or it was put away."""
    following.tell_followers(case_id, verb)


@periodic("37 19 * * *")
def forget_followers(timestamp: int = 0) -> int:
    """Every night: addresses and devices that are not needed any more."""
    return following.forget_followers() + following.forget_devices()
