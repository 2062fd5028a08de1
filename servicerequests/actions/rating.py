"""Satisfaction by a link in the closing letter: who holds it may rate, and after a low rating ask once for more."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

from cases.actions.closing import may_reopen
from cases.models import Case
from foundation.clock import today
from organisation.pack import pack

SALT = "rate"


def rating_path(number: str) -> str:
    """The path of a case's rating; signed, so that nobody makes one for another's case."""
    return reverse("rate", args=[signing.Signer(salt=SALT).sign(number)])


def rated_number(seal: str) -> str | None:
    """The number of the case that a rating path is for; None for one that this city hall did not make."""
    try:
        return signing.Signer(salt=SALT).unsign(seal)
    except signing.BadSignature:
        return None


def may_reopen_by_rating(case: Case) -> bool:
    """Whether its rating gives the right to have it handled once more: low, with a reason, not too often, in time."""
    return bool(case.rating_note.strip()) and _low_in_time(case)


def lacks_reason(case: Case) -> bool:
    """Whether a reason is all that its low rating lacks for that right."""
    return not case.rating_note.strip() and _low_in_time(case)


def _low_in_time(case: Case) -> bool:
    rules, on = pack(), today()
    return (
        case.rating is not None
        and case.rating <= rules.rule("low_rating", on).value
        and case.reopened < rules.rule("reopen_by_rating", on).value
        and may_reopen(case)
    )
