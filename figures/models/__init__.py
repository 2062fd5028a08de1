"""The nouns: what was counted, what has changed since, what is closed, and what was corrected after that."""

from figures.models.correction import Correction
from figures.models.freeze import Freeze
from figures.models.observation import Observation
from figures.models.touched import Touched

__all__ = ["Correction", "Freeze", "Observation", "Touched"]
