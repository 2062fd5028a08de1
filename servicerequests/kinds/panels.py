"""What this desk adds to the page of a case."""

from __future__ import annotations

from cases.models import Case
from cases.models.case import Channel
from cases.models.contact import contact_of
from cases.permissions import may, may_see_contact
from foundation.clock import today
from organisation.pack import pack
from organisation.permissions import grants_of
from servicerequests.models import ApiFiling, MaterialUse
from servicerequests.repeats import answered_before


def filed_by_program(case: Case, user) -> dict | None:
    """With which key a program filed the case, and who answers for it. One statement for what came so, else none."""
    if case.channel != Channel.OPEN311:
        return None
    filing = ApiFiling.objects.of(case).first()
    return filing and {
        "template": "servicerequests/desk/filed_by_program.html",
        "filing": filing,
        "key": filing.key,
        "may_manage": grants_of(user).has("city:apikeys:manage"),
    }


def materials_used(case: Case, user) -> dict | None:
    """What crews used on a case, trip by trip; nothing where nothing was. One statement."""
    uses = list(MaterialUse.objects.of(case))
    return {"template": "servicerequests/desk/case_materials.html", "uses": uses} if uses else None


def repeats(case: Case, user) -> dict | None:
    """That the same person was answered on the same matter before; nothing for whoever may not know who it is."""
    if case.closed_at or case.kind.family.code != "petition":
        return None
    contact = contact_of(case)
    if contact is None or not may_see_contact(user, case, contact):
        return None
    earlier = answered_before(case, contact)
    if not earlier:
        return None
    return {
        "template": "servicerequests/parts/repeats.html",
        "earlier": [(each, may(user, each, "cases:read")) for each in earlier],
        "enough": len(earlier) >= pack().rule("repeat_answers", today()).value,
    }
