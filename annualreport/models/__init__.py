from annualreport.models.photo import Photo
from annualreport.models.publication import Dispatch, Publication
from annualreport.models.recipient import Recipient
from annualreport.models.report import Report
from annualreport.models.section import Event, Section, Version

__all__ = ["Dispatch", "Event", "Photo", "Publication", "Recipient", "Report", "Section", "Version"]
