from servicerequests.models.job import Job
from servicerequests.models.talk import Talk

__all__ = ["Job", "Talk"]
