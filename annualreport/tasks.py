"""Jobs of the reports. Each may run twice or late without harm."""

from django.utils.translation import gettext_lazy as _

from annualreport.actions import telling
from foundation.jobs import periodic


@periodic("20 0 * * *", _("報告：提醒撰寫人"))
def remind_writers(timestamp: int = 0) -> int:
    """Each morning in Taipei: who has a section to write that is near its due date or late."""
    return telling.remind()
