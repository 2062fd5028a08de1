"""The log by the day: what figures and the pages of systems are counted from."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import connection, transaction

from figures import actions as figures
from foundation.clock import TAIPEI

GROUP: Final = "authentications"  # of the figures that are counted from these days
SYSTEMS: Final = "relyingsystems"  # of those that are counted from the register
_ROLL_UP: Final = """
INSERT INTO singlesignon_dailyauthentications AS known (day, system_id, level, methods, error, number)
SELECT (at AT TIME ZONE 'Asia/Taipei')::date, system_id, level, array_to_string(methods, '+'), error, count(*)
FROM singlesignon_authentication WHERE environment = 'live' AND at >= %s AND at < %s GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (day, system_id, level, methods, error) DO UPDATE SET number = excluded.number
WHERE known.number <> excluded.number
RETURNING day
"""


@transaction.atomic
def roll_up(first: date, last: date) -> set[date]:
    """Count the log's days from ``first`` to ``last`` anew; the days that changed.

    The log only grows, so no number ever falls; twice or late does no harm.
    """
    begin, end = (datetime.combine(day, time.min, TAIPEI) for day in (first, last + timedelta(days=1)))
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, [begin, end])
        changed = {day for (day,) in cursor.fetchall()}
    if changed:
        figures.touch(GROUP, changed)
    return changed
