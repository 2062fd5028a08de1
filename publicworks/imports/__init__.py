"""What can be brought in from other systems: the register of works."""

from publicworks.imports import works

__all__ = ["works"]
