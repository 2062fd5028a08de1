"""What can be brought in from other systems: dispatch records."""

from servicerequests.imports import dispatches

__all__ = ["dispatches"]
