"""Who may do what to one case."""

from cases.models import Case, Contact
from cases.models.contact import contact_of
from cases.states import Transition
from organisation.permissions import grants_of


def may(user, case: Case, permission: str) -> bool:
    """Whether a person's roles reach this case with ``resource:action``. Costs no query for a case with its unit."""
    scope = grants_of(user).scope(permission)
    if scope.city or case.unit_id in scope.units:
        return True
    if scope.agencies:
        return case.unit.agency_id in scope.agencies
    return scope.own and not scope.units and Contact.objects.filter(case=case, reporter_id=user.pk).exists()


def serves(user, agency_id: int) -> bool:
    """Whether a person has any role in an agency or in one of its units."""
    return agency_id in {reach.agency_id for reach in grants_of(user).reaches}


def may_see_contact(user, case: Case, contact: Contact | None) -> bool:
    """Whether a person may look at who reported: by role, and never from within the agency complained of, whatever
    the role, unless the controller has agreed to it."""
    hidden_from = contact.hidden_from if contact else None
    if hidden_from is not None and serves(user, hidden_from):
        return False
    return may(user, case, "cases:view_contact")


def allows(user, case: Case, transition: Transition) -> bool:
    """Whether this person may do this verb to this case; a family may know better than the roles (a crew's job)."""
    if transition.verb == "answer" and case.kind.approval.answer:
        return False  # goes out through `cases.actions.approving` alone
    if case.ruled and transition.moves and not grants_of(user).scope("cases:rule").city:
        return False
    if not (case.kind.family.allows or _by_role)(user, case, transition):
        return False
    if transition.verb == "take_back":
        return "untouched parts" in case.extras
    match transition.permission:
        case "cases:reopen":  # what was never done is not done again
            return case.done_at is not None
        case "cases:release":
            contact = contact_of(case)
            return contact is not None and contact.hidden_from is not None
        case "cases:shield":  # `cases.actions.shielding` says who may hide it from another agency instead
            contact = contact_of(case)
            hidden = contact is not None and contact.shielded_from_id is not None
            return contact is not None and (not hidden or grants_of(user).scope("cases:shield").city)
    return True


def _by_role(user, case: Case, transition: Transition) -> bool:
    return may(user, case, transition.permission)


def verbs_for(user, case: Case) -> list[Transition]:
    """The verbs that this person may do to this case now, big buttons first."""
    possible = case.kind.lifecycle.verbs_in[case.state]
    return sorted((t for t in possible if allows(user, case, t)), key=lambda t: not t.primary)
