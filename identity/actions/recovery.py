"""Giving an account back at a counter to who lost every key of it: two officers, one link, and word to the owner.

Neither officer can do it alone (separation of duties, NIST SP 800-53 AC-5): the first sees the person and the papers,
the second sees them too and only then is there a link. Where the account belongs to staff the second is a keeper of the
accounts, so that nobody gets a chief's account from people of theirs.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.db import transaction

from foundation import clock
from foundation.encryption import digest, digests
from identity.actions.accounts import change_password
from identity.actions.factors import remove_factors
from identity.actions.rights import serves
from identity.actions.telling import tell_everywhere
from identity.grants import grants_for
from identity.models import AccountEvent, Recovery, User
from identity.rules import recovery_window

Verb = AccountEvent.Verb
WAITS: Final = timedelta(hours=2)  # for the second officer: as long as somebody may stand at a counter
# Who opened another's account, or gave it its first link, lately, is not the other one of two: it may be a puppet.
NEW_OFFICER: Final = timedelta(days=30)


class Why(StrEnum):
    """Why somebody cannot begin or confirm a recovery."""

    CLOSED = "closed"
    OWN = "own"
    SAME = "same"
    MADE = "made"
    STAFF = "staff"
    OVER = "over"


class RecoveryRefused(Exception):
    """What stands against it; nothing was changed."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@transaction.atomic
def begin_recovery(
    actor: User, user: User, *, papers: Sequence[str], reason: str, removes_factors: bool = False
) -> Recovery:
    """Note that the officer has seen the person and these kinds of papers; it waits for a second officer two hours.

    A recovery that was begun before and not used ends by this. Raises RecoveryRefused.
    """
    user = User.objects.select_for_update().get(pk=user.pk)  # one recovery an account, however many counters there are
    if actor == user:
        raise RecoveryRefused(Why.OWN)
    if not user.is_active:
        raise RecoveryRefused(Why.CLOSED)
    for earlier in Recovery.objects.filter(user=user, used_at=None, stopped_at=None):
        _stop(actor, earlier)
    recovery = Recovery.objects.create(
        user=user,
        papers=list(papers),
        reason=reason,
        removes_factors=removes_factors,
        begun_by=actor,
        expires_at=clock.now() + WAITS,
    )
    AccountEvent.objects.create(user=user, actor=actor, verb=Verb.RECOVERY_BEGUN, detail=" ".join(papers))
    return recovery


def cannot_confirm(actor: User, recovery: Recovery) -> Why | None:
    """What stands against this officer as the second one; None for nothing."""
    if actor.pk == recovery.user_id:
        return Why.OWN
    if actor.pk == recovery.begun_by_id:
        return Why.SAME
    if serves(recovery.user) and not grants_for(actor).has("city:users:manage"):
        return Why.STAFF
    if _made(actor, recovery.begun_by) or _made(recovery.begun_by, actor):
        return Why.MADE
    return None


@transaction.atomic
def confirm_recovery(actor: User, recovery: Recovery) -> str:
    """The second officer's word: the token of the link that the person is handed, told here and never again.

    The owner is told at the account's address. One statement decides, so of two officers one confirms. Raises
    RecoveryRefused.
    """
    if why := cannot_confirm(actor, recovery):
        raise RecoveryRefused(why)
    now, token = clock.now(), secrets.token_urlsafe(32)
    opens, expires = recovery_window(now, timedelta(hours=settings.RECOVERY_COOLING_HOURS))
    confirmed = {"confirmed_by": actor, "confirmed_at": now, "opens_at": opens, "expires_at": expires}
    # No table beside this one in the condition: PostgreSQL would not look at that again after it waited for the row.
    found = Recovery.objects.waiting().filter(pk=recovery.pk)
    if not (recovery.user.is_active and found.update(token=digest(_salted(token)), **confirmed)):
        raise RecoveryRefused(Why.OVER)
    recovery.refresh_from_db()
    AccountEvent.objects.create(user=recovery.user, actor=actor, verb=Verb.RECOVERY_CONFIRMED)
    tell_everywhere(
        "identity.recovery", recovery.user, {"done": False, "at": now, "opens_at": opens, "waits": opens > now}
    )
    return token


@transaction.atomic
def stop_recovery(actor: User, recovery: Recovery) -> bool:
    """End a recovery that was not used, by an officer or by the owner, who has the account after all; False if over."""
    found = Recovery.objects.select_for_update().open().filter(pk=recovery.pk).first()
    return found is not None and _stop(actor, found)


def recovery_by(token: str) -> Recovery | None:
    """The recovery that a link is of, if it still works or will."""
    meant = Recovery.objects.usable().filter(token__in=digests(_salted(token)), user__is_active=True)
    return meant.select_related("user").first()


@transaction.atomic
def use_recovery(recovery: Recovery, password: str) -> bool:
    """Give the account the password and, where the officers said so, take its second factors away; once.

    Every session of it ends and the person is told. False if the link was used or stopped meanwhile, or is too early.
    """
    now = clock.now()
    if not Recovery.objects.usable().filter(pk=recovery.pk, opens_at__lte=now).update(used_at=now):
        return False
    user = recovery.user
    change_password(user, password)
    if recovery.removes_factors:
        remove_factors(user, user)
    AccountEvent.objects.create(user=user, actor=user, verb=Verb.RECOVERED)
    tell_everywhere("identity.recovery", user, {"done": True, "at": now, "opens_at": now, "waits": False})
    return True


def _stop(actor: User, recovery: Recovery) -> bool:
    recovery.stopped_by, recovery.stopped_at = actor, clock.now()
    recovery.save(update_fields=["stopped_by", "stopped_at"])
    AccountEvent.objects.create(user_id=recovery.user_id, actor=actor, verb=Verb.RECOVERY_STOPPED)
    return True


def _made(maker: User, other: User) -> bool:
    made = other.events.filter(actor=maker, verb__in=[Verb.CREATED, Verb.LINK_ISSUED])
    return made.filter(at__gt=clock.now() - NEW_OFFICER).exists()


def _salted(token: str) -> str:
    return f"recovery {token}"
