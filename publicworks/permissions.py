"""Who may do what to a report about a work."""

from cases.models import Case
from cases.permissions import may
from cases.states import Transition
from publicworks.models import CitizenReport


def report_of(case: Case) -> CitizenReport | None:
    """The report of a case, read once for all of its verbs."""
    return getattr(case, "citizen_report", None)


def allows(user, case: Case, transition: Transition) -> bool:
    """By the roles in the case's unit. An inspection can be asked for where there is a work being built, and recorded
    where it was asked for."""
    if not may(user, case, transition.permission):
        return False
    match transition.verb:
        case "ask_inspection":
            return bool((report := report_of(case)) and report.in_construction)
        case "record_inspection":
            return bool((report := report_of(case)) and report.inspection_asked_at)
        case _:
            return True
