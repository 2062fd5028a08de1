from servicerequests.models.incident import (
    Broadcast,
    Incident,
    IncidentCase,
    IncidentEvent,
    Told,
)
from servicerequests.models.intake import Intake
from servicerequests.models.job import Job

__all__ = ["Broadcast", "Incident", "IncidentCase", "IncidentEvent", "Intake", "Job", "Told"]
