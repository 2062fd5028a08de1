"""Parts of the case page that this desk adds."""

from __future__ import annotations

from cases.models import Case, Contact
from cases.permissions import may_see_contact
from foundation.clock import today
from organisation.pack import pack
from servicerequests.repeats import answered_before


def repeats(case: Case, user) -> dict | None:
    """That the same person was answered on the same matter before; nothing for whoever may not know who it is."""
    if case.closed_at or case.kind.family.code != "petition":
        return None
    contact = Contact.objects.of(case).first()
    if contact is None or not may_see_contact(user, case, contact):
        return None
    earlier = answered_before(case, contact)
    if not earlier:
        return None
    visible = set(
        Case.objects.visible_to(user).filter(pk__in=[each.pk for each in earlier]).values_list("pk", flat=True)
    )
    return {
        "template": "servicerequests/parts/repeats.html",
        "earlier": [(each, each.pk in visible) for each in earlier],
        "enough": len(earlier) >= pack().rule("repeat_answers", today()).value,
    }
