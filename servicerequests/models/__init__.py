from servicerequests.models.job import Job

__all__ = ["Job"]
