"""The nouns: what was counted or entered, what has changed since, what is closed, what was corrected after that."""

from figures.models.correction import Correction
from figures.models.evidence_file import EvidenceFile
from figures.models.finding import Finding
from figures.models.freeze import Freeze
from figures.models.manual_entry import ManualEntry
from figures.models.observation import Observation
from figures.models.target import Target
from figures.models.touched import Touched

__all__ = ["Correction", "EvidenceFile", "Finding", "Freeze", "ManualEntry", "Observation", "Target", "Touched"]
