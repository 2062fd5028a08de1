from servicerequests.models.api_filing import ApiFiling
from servicerequests.models.incident import (
    Broadcast,
    Incident,
    IncidentCase,
    IncidentEvent,
    Told,
)
from servicerequests.models.intake import Intake
from servicerequests.models.job import Job
from servicerequests.models.material import MaterialUse
from servicerequests.models.talk import Talk

__all__ = [
    "ApiFiling",
    "Broadcast",
    "Incident",
    "IncidentCase",
    "IncidentEvent",
    "Intake",
    "Job",
    "MaterialUse",
    "Talk",
    "Told",
]
