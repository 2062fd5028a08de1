"""The person's rights over what is kept of them: a copy, and an end (個人資料保護法 §3, §10, §11)."""

from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string

from foundation import clock
from identity.actions.api_keys import withdraw_key
from identity.actions.sessions import end_other_sessions
from identity.grants import grants_for
from identity.models import AccountEvent, ApiKey, User
from identity.registry import parts

GONE = "—"  # on lists of any language


class Serves(Exception):
    """The account belongs to somebody of staff: what they did in office stays theirs."""


@transaction.atomic
def export(user: User) -> dict[str, Any]:
    """All that the city hall keeps of a person, by the parts that the apps declare; with a record of giving it."""
    AccountEvent.objects.create(user=user, actor=user, verb=AccountEvent.Verb.EXPORTED)
    return {"at": clock.now(), **{part.code: part.collect(user) for part in parts()}}


def serves(user: User) -> bool:
    """Whether the person holds any role of staff."""
    return bool(grants_for(user).roles - {"citizen"})


@transaction.atomic
def erase(user: User) -> None:
    """Empty and close the account of a citizen, and end every session of it.

    The row stays without the person: records that may not change point to it. Cases that were reported stay for as long
    as the rules of retention say, and go by them. Raises Serves for staff.
    """
    if serves(user):
        raise Serves
    for part in parts():
        part.forget(user)
    end_other_sessions(user)
    for key in ApiKey.objects.filter(owner=user, withdrawn_at=None):
        withdraw_key(user, key)
    user.username = "gone-" + get_random_string(16, "abcdefghjkmnpqrstuvwxyz23456789")
    user.name, user.email, user.email_verified_at = GONE, "", None
    user.phone, user.phone_verified_at = "", None
    user.is_active = user.always_second = False
    user.set_unusable_password()
    user.save()
    AccountEvent.objects.create(user=user, actor=user, verb=AccountEvent.Verb.ERASED)
