from servicerequests.models.job import Job
from servicerequests.models.material import MaterialUse

__all__ = ["Job", "MaterialUse"]
