"""The time, from one place. Tests travel with time-machine; nothing else reads a clock."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

TAIPEI = ZoneInfo("Asia/Taipei")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today() -> date:
    """Today's date in Taipei."""
    return now().astimezone(TAIPEI).date()
