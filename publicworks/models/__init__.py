from publicworks.models.citizen_report import CitizenReport
from publicworks.models.correction import Correction
from publicworks.models.work import Work

__all__ = ["CitizenReport", "Correction", "Work"]
