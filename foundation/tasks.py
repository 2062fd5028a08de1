"""Jobs that keep the house itself in order. All of them may run twice or late without harm."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from foundation import clock
from foundation.jobs import periodic
from foundation.models import RateCount

STALLED_AFTER = 60  # seconds without a heartbeat; a worker beats every 10
GIVE_UP_AFTER = 5  # attempts: a job that kills its worker each time must not do so for ever
KEEP_HOURS = 24 * 30


@periodic("* * * * *", _("背景程式：接手中斷的工作"), pass_context=True)
async def retry_stalled(context: Any, timestamp: int) -> None:
    """Give the jobs of workers that died (no heartbeat) back to the queue.

    One of which another waits there already, under the same queueing lock, is ended instead: that one does its work.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        if job.id == context.job.id:
            continue
        if job.attempts + 1 >= GIVE_UP_AFTER:
            await manager.finish_job(job, Status.FAILED, delete_job=False)
            continue
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, Status.FAILED, delete_job=True)


@periodic("17 18 * * *", _("背景程式：刪除舊的工作紀錄"), pass_context=True)
async def remove_old(context: Any, timestamp: int) -> None:
    """Delete jobs that ended more than a month ago (18:17 UTC is 02:17 in Taipei); failed ones stay longest."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_HOURS, include_cancelled=True, include_aborted=True)


@periodic("*/5 * * * *", _("流量限制：清除計數"))
def purge_rate_counts(timestamp: int) -> None:
    """Forget who knocked more than two minutes ago."""
    RateCount.objects.filter(minute__lt=int(clock.now().timestamp() // 60) - 2).delete()
