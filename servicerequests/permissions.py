"""Who may do what to a case that a crew has in hand."""

from cases.models import Case
from cases.permissions import may
from cases.states import Transition
from servicerequests.models import Job


def allows(user, case: Case, transition: Transition) -> bool:
    """A crew's verbs go by the job (my crew, my job), all others by the roles in the case's unit."""
    if transition.permission.startswith("jobs:"):
        return Job.objects.active().visible_to(user, transition.permission).filter(case=case).exists()
    return may(user, case, transition.permission)
