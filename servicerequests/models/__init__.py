from servicerequests.models.api_filing import ApiFiling
from servicerequests.models.job import Job
from servicerequests.models.material import MaterialUse
from servicerequests.models.talk import Talk

__all__ = ["ApiFiling", "Job", "MaterialUse", "Talk"]
