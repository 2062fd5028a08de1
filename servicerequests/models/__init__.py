from servicerequests.models.api_filing import ApiFiling
from servicerequests.models.job import Job
from servicerequests.models.material import MaterialUse

__all__ = ["ApiFiling", "Job", "MaterialUse"]
