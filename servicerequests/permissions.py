"""Who may do what to a case that a crew has in hand."""

from cases.models import Case
from cases.models.case import Outcome
from cases.models.contact import contact_of
from cases.permissions import may
from cases.states import Transition
from organisation.permissions import grants_of
from servicerequests.models import Job
from servicerequests.repeats import is_repeated


def allows(user, case: Case, transition: Transition) -> bool:
    """A crew's verbs go by the job (my crew, my job), all others by the roles in the case's unit."""
    if transition.permission.startswith("jobs:"):
        return Job.objects.active().visible_to(user, transition.permission).filter(case=case).exists()
    if not may(user, case, transition.permission):
        return False
    if transition.permission == "cases:set_aside":
        return may_set_aside(case, transition.verb)
    return True


def may_set_aside(case: Case, verb: str) -> bool:
    """Whether a petition fits what the law lets the city leave unhandled: repeated, or without a name; or was left so
    and may be taken up again."""
    if case.kind.family.code != "petition":
        return False
    if verb == "take_up":
        return case.outcome in {Outcome.REPEATED, Outcome.SET_ASIDE}
    contact = contact_of(case)
    if verb == "set_aside":
        return contact is None
    return contact is not None and is_repeated(case, contact)


def files_for_others(user) -> bool:
    """Whether somebody takes down reports for citizens: at the telephone, at the counter, from letters."""
    return user.is_authenticated and bool(grants_of(user).scope("cases:file"))
