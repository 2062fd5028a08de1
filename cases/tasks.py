"""Jobs of the engine. Each may run twice or late without harm."""

from time import monotonic

from django.utils.translation import gettext_lazy as _

from cases.actions import deadlines, files, following
from foundation.jobs import periodic, task
from organisation import storm

COPYING = 12.0  # seconds a turn: a worker that is stopped must come to an end in time


@periodic("* * * * *", _("期限：提醒承辦與通報主管"))
def watch_deadlines(timestamp: int = 0) -> None:
    """Every minute: remind before and escalate after."""
    deadlines.remind()
    deadlines.escalate()


@periodic("* * * * * */20", _("照片：製作公開用照片與縮圖"))
def make_copies(timestamp: int) -> None:
    """Make the public copies and thumbnails that were put off: in a storm now and then, after it until none is left."""
    if storm.is_turn(timestamp, 20):
        until = monotonic() + COPYING
        while monotonic() < until and files.make_copies(batch=5):
            pass


@task(_("期限：依行事曆重新計算"))
def recompute_deadlines(reason: str, districts: list[str] | None = None) -> int:
    """After a change of the calendar."""
    return deadlines.recompute_deadlines(reason, districts)


@task(_("通知：告訴關注的人"))
def tell_followers(case_id: int, verb: str) -> None:
    """The work on a case is done, or it was put away."""
    following.tell_followers(case_id, verb)


@periodic("37 19 * * *", _("關注者：刪除過期的聯絡方式"))
def forget_followers(timestamp: int = 0) -> int:
    """Every night: addresses and devices that are not needed any more."""
    return following.forget_followers() + following.forget_devices()
