from classification.models.in_force import InForce
from classification.models.version import Version

__all__ = ["InForce", "Version"]
