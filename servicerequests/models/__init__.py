from servicerequests.models.api_filing import ApiFiling
from servicerequests.models.job import Job

__all__ = ["ApiFiling", "Job"]
