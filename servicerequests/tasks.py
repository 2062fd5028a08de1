"""Jobs of the desk. Each may run twice or late without harm."""

from django.utils.translation import gettext_lazy as _

from foundation.jobs import periodic, task
from servicerequests.actions import broadcasting, gathering, watching


@task(_("重大事件：通知通報人"))
def tell_reporters(broadcast: int, after: int) -> None:
    """Write to the reporters of the next cases of a broadcast."""
    broadcasting.tell_reporters(broadcast, after)


@periodic("* * * * *", _("重大事件：歸入新案件"))
def gather_open(timestamp: int) -> None:
    """Every minute: take in what open incidents missed (another process had not heard of them, or an import)."""
    gathering.gather_open()


@periodic("* * * * * */30", _("尖峰：注意受理量"))
def watch_arrivals(timestamp: int) -> None:
    """Twice a minute: begin storm mode when far more comes in than usual, and end it when it has calmed down."""
    watching.watch()
