"""Which cases an incident has: those that its rule takes, as they come in, and those that somebody added by hand.

Filing asks the memory of its process (no statement) whether an incident goes on that takes the report. Other processes
remember for some seconds, and imports do not ask at all; so a job a minute takes in what was missed.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection

from cases.models import Case
from foundation.clock import now
from foundation.inserting import insert
from organisation.memory import Remembered
from servicerequests.models import Incident, IncidentCase
from servicerequests.querysets import gathered

SHORTEST = timedelta(minutes=1)  # an incident that is closed before it began lasted so long

_open: Remembered[tuple[Incident, ...]] = Remembered(
    lambda: tuple(Incident.objects.open().select_related("lead").order_by("-since", "-pk")), settings.NEWS_SECONDS
)

# A case that was taken out by hand has its row already, and stays out.
_GATHER = """
INSERT INTO servicerequests_incidentcase (incident_id, case_id, by, added_at)
SELECT %s, found.pk, 'rule', %s FROM ({cases}) AS found (pk) ON CONFLICT (incident_id, case_id) DO NOTHING
"""


def open_incidents() -> tuple[Incident, ...]:
    """The incidents that go on, the newest first, as this process remembers them."""
    return _open()


def standing() -> list[Incident]:
    """The incidents that the public is told of at this moment."""
    return [incident for incident in _open() if incident.public_zh]


def forget() -> None:
    """Read the open incidents anew when next asked: after a change of one."""
    _open.forget()


def take_in(case: Case) -> None:
    """Called when a case is filed: it joins every open incident that takes it."""
    for incident in _open():
        point = (case.lon, case.lat) if case.lon is not None and case.lat is not None else None
        if incident.gathering.takes(case.kind_code, case.district_id, point, case.received_at):
            insert(IncidentCase(incident=incident, case=case, by=IncidentCase.By.RULE, added_at=now()))


def gather(incident: Incident) -> int:
    """Take in all cases that the incident's rule takes and that it has not; one statement; returns how many."""
    cases = gathered(Case.objects.public(), incident.gathering).order_by().values("pk")
    statement, parameters = cases.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_GATHER.format(cases=statement), (incident.pk, now(), *parameters))
        return cursor.rowcount


def gather_open() -> int:
    """Take in what was missed, for all open incidents."""
    return sum(gather(incident) for incident in Incident.objects.open())


def incidents_of(case: Case) -> list[Incident]:
    """The open incidents that a case belongs to and that the public is told of; no statement while there is none."""
    told = {incident.pk: incident for incident in standing()}
    if not told:
        return []
    found = IncidentCase.objects.filter(case=case, incident__in=told, removed_at__isnull=True)
    return [told[pk] for pk in found.order_by("-incident_id").values_list("incident_id", flat=True)]
