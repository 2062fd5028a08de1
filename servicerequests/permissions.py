"""Who may do what to a case that a crew has in hand."""

from cases.models import Case
from cases.permissions import may
from cases.states import Transition
from organisation.permissions import grants_of
from servicerequests.models import Job


def allows(user, case: Case, transition: Transition) -> bool:
    """A crew's verbs go by the job (my crew, my job), all others by the roles in the case's unit."""
    if transition.permission.startswith("jobs:"):
        return Job.objects.active().visible_to(user, transition.permission).filter(case=case).exists()
    return may(user, case, transition.permission)


def files_for_others(user) -> bool:
    """Whether somebody takes down reports for citizens: at the telephone, at the counter, from letters."""
    return user.is_authenticated and bool(grants_of(user).scope("cases:file"))
