"""Signing in: who may try how often, and the record of each try."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.contrib.auth import authenticate
from django.db.models import Count, Min, Q

from foundation import clock
from foundation.encryption import digest
from identity.actions.devices import known_device
from identity.models import SignInAttempt, User

WINDOW: Final = timedelta(minutes=15)
# Failures within the window. Somebody who forgets tries a few times from one place; from many places it is guessing; an
# office behind one address forgets more often than one person. The first limit keeps a stranger elsewhere from locking
# an officer out with five tries, and a browser that the person knows has a count of its own. No law names the numbers;
# they are ours.
ACCOUNT_FROM_ONE_PLACE: Final = 5
ACCOUNT_FROM_ANYWHERE: Final = 25
ANY_ACCOUNT_FROM_ONE_PLACE: Final = 50


class Locked(Exception):
    """Too many failures; ``minutes`` until the next try counts."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"locked for {minutes} minutes")
        self.minutes = minutes


def try_sign_in(username: str, password: str, client: str, device: str = "") -> User | None:
    """The user whose name (or verified address) and password these are, or None; raises Locked without looking at it.

    The attempt is written before it is judged, so that parallel guesses count each other. An unknown name is answered
    as a known one is, in the same time: the hasher runs for it too, it is locked by the same count, and nothing tells.
    ``device`` is the cookie of the browser: in one that the person has signed in from before, tries are counted apart,
    so that strangers who guess never lock the owner out of it.
    """
    meant = User.objects.entering_as(username)
    # A name and an address of one account are counted together.
    account = User.normalize_username(meant.username if meant else username)
    attempt = _begin(account, client, known_device(meant, device))
    user = authenticate(username=account, password=password)
    if user is not None:
        _end(attempt, SignInAttempt.Outcome.SUCCEEDED, user)
    else:
        _end(attempt, SignInAttempt.Outcome.FAILED, meant)
    return user


def try_factor(
    user: User, method: SignInAttempt.Method, judge: Callable[[], bool], client: str, device: str = ""
) -> bool:
    """Whether ``judge`` finds what the person gave as second factor right; raises Locked without asking it.

    Counted apart from passwords: who knows the password and guesses codes locks the codes, and six digits stay enough.
    """
    attempt = _begin(f"second factor of {user.pk}", client, known_device(user, device), user, method)
    right = judge()
    _end(attempt, SignInAttempt.Outcome.SUCCEEDED if right else SignInAttempt.Outcome.FAILED, user)
    return right


def _begin(
    account: str,
    client: str,
    known: str,
    user: User | None = None,
    method: SignInAttempt.Method = SignInAttempt.Method.PASSWORD,
) -> SignInAttempt:
    """Write the attempt down; raise Locked if it is one too many. In a known browser only its own tries count."""
    counted = digest(f"{account} in {known}") if known else digest(account)
    attempt = SignInAttempt.objects.create(account=counted, client=client, method=method)
    if minutes := _locked_for(attempt, apart=bool(known)):
        _end(attempt, SignInAttempt.Outcome.LOCKED, user)
        raise Locked(minutes)
    return attempt


def _end(attempt: SignInAttempt, outcome: SignInAttempt.Outcome, user: User | None = None) -> None:
    attempt.outcome, attempt.user = outcome, user
    attempt.save(update_fields=["outcome", "user"])


def _locked_for(attempt: SignInAttempt, apart: bool) -> int:
    """Whole minutes until another try may be made; 0 if this one may. ``apart``: whatever others do from its place."""
    same_account, same_client = Q(account=attempt.account), Q(client=attempt.client)
    limits = {
        "from_one_place": (same_account & same_client, ACCOUNT_FROM_ONE_PLACE),
        "from_anywhere": (same_account, ACCOUNT_FROM_ANYWHERE),
        "of_any_account": (same_client, ANY_ACCOUNT_FROM_ONE_PLACE),
    }
    if apart:
        limits = {"in_this_browser": (same_account, ACCOUNT_FROM_ONE_PLACE)}
    failures = SignInAttempt.objects.failures_since(attempt.at - WINDOW).exclude(pk=attempt.pk)
    found = failures.filter(same_account | same_client).aggregate(
        **{name: Count("pk", filter=which) for name, (which, _limit) in limits.items()},
        **{f"{name}_since": Min("at", filter=which) for name, (which, _limit) in limits.items()},
    )
    ends = [found[f"{name}_since"] + WINDOW for name, (_which, limit) in limits.items() if found[name] >= limit]
    return max(1, math.ceil((max(ends) - clock.now()) / timedelta(minutes=1))) if ends else 0
