"""What can be brought in from other systems: the staff of the personnel system."""

from organisation.imports import staff

__all__ = ["staff"]
