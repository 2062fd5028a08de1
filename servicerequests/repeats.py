"""The same person with the same matter again, and what of it has been answered."""

from __future__ import annotations

from cases.models import Case, Contact
from foundation.clock import today
from organisation.pack import pack
from servicerequests.rules import likeness

LOOKED_BACK = 50  # a citizen's newest cases of a kind; who writes more often has long been recognised


def answered_before(case: Case, contact: Contact) -> list[Case]:
    """Earlier cases of the same citizen and kind that were answered and say much the same, the oldest first.

    The same citizen: account, e-mail or telephone number, by their digests. A complaint whose writer is hidden from an
    agency neither counts nor is told of, for one case would give the other's writer away. One statement, once for as
    long as this case is in hand.
    """
    if contact.shielded_from_id:
        return []
    if (known := vars(case).get("_answered_before")) is not None:
        return known
    earlier = (
        Case.objects.filter(
            contact__in=Contact.objects.same_person(contact).filter(shielded_from=None), kind_code=case.kind_code
        )
        .filter(done_at__isnull=False, received_at__lt=case.received_at)
        .exclude(pk=case.pk)
        .select_related("unit")
        .order_by("-received_at")[:LOOKED_BACK]
    )
    share = pack().rule("repeat_likeness", today()).value
    found = [each for each in earlier if likeness(_matter(each), _matter(case)) >= share][::-1]
    vars(case)["_answered_before"] = found
    return found


def is_repeated(case: Case, contact: Contact) -> bool:
    """Whether the citizen was answered on this matter as often as the rule asks."""
    return len(answered_before(case, contact)) >= pack().rule("repeat_answers", today()).value


def _matter(case: Case) -> str:
    return " ".join([*(str(value) for value in case.fields.values()), case.description])
