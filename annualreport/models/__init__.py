from annualreport.models.publication import Dispatch, Publication
from annualreport.models.recipient import Recipient
from annualreport.models.report import Report
from annualreport.models.section import Event, Section, Version

__all__ = ["Dispatch", "Event", "Publication", "Recipient", "Report", "Section", "Version"]
