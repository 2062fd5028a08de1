"""Accounts: opened, changed, closed and given a password, each with the record of it.

``source`` names the program that does it in the actor's name, or without one (``AccountEvent.source``).
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction

from foundation import clock
from identity.actions.sessions import end_other_sessions
from identity.actions.telling import tell, tell_everywhere, write_to
from identity.models import AccountEvent, AddressProof, PhoneProof, User

Verb = AccountEvent.Verb


@transaction.atomic
def open_account(
    actor: User | None, *, username: str, name: str, email: str = "", language: str, source: str = ""
) -> User:
    """A new account without a password; the person sets one through ``issue_link``."""
    user = User.objects.create_user(username, name=name, email=email, language=language)
    record(actor, user, Verb.CREATED, source=source)
    return user


@transaction.atomic
def change_account(actor: User | None, user: User, changes: dict[str, Any], source: str = "") -> None:
    """Set the fields; the record names which, not what was in them. Nothing changes, nothing is written.

    A confirmed address that is given up is told of it (ASVS 6.3.7).
    """
    changed = [field for field, value in changes.items() if getattr(user, field) != value]
    before = user.email
    for field in changed:
        setattr(user, field, changes[field])
    if changed:
        if "email" in changed:
            if user.email_verified:
                told = {"what": "email", "at": clock.now()}
                write_to("identity.address", before, user.language, told, user.pk)
            user.email_verified_at = None  # the new address is one that somebody typed
        user.save(update_fields=[*changed, "email_verified_at"])
        record(actor, user, Verb.CHANGED, " ".join(changed), source)


@transaction.atomic
def change_password(user: User, password: str, keeps: str = "") -> None:
    """Give the account the password (checked before by the form). Every session of the account ends but ``keeps``.

    Letters and codes that would set one end with it, and the person is told (ASVS 6.3.7).
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    AddressProof.objects.open().filter(user=user, purpose=AddressProof.Purpose.RESET).update(used_at=clock.now())
    PhoneProof.objects.open().filter(user=user, purpose=PhoneProof.Purpose.RESET).update(used_at=clock.now())
    tell_everywhere("identity.password", user, {"at": clock.now()})
    end_other_sessions(user, but=keeps)
    record(user, user, Verb.PASSWORD_CHANGED)


@transaction.atomic
def deactivate(actor: User | None, user: User, source: str = "") -> None:
    """Close the account at once, open sessions included. ValueError for one's own: nobody could undo it."""
    if actor == user:
        raise ValueError("nobody closes their own account")
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_other_sessions(user)
        record(actor, user, Verb.DEACTIVATED, source=source)


@transaction.atomic
def activate(actor: User | None, user: User, source: str = "") -> None:
    """Open a closed account again, with the password that it had."""
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        record(actor, user, Verb.ACTIVATED, source=source)


class LinkRefused(Exception):
    """The account is in use: it is given back by two officers (``identity.actions.recovery``), not by one."""


def may_have_link(user: User) -> bool:
    """Whether one keeper of the accounts may hand out a link for it: nobody has ever entered it in any way."""
    return user.is_active and not user.has_usable_password() and user.last_login is None


@transaction.atomic
def issue_link(actor: User | None, user: User, source: str = "") -> str:
    """A token with which the person sets their first password, within ``settings.PASSWORD_RESET_TIMEOUT`` seconds.

    It is made of the present password and the last sign-in, so it ends with either of them; nothing is stored. Raises
    LinkRefused for an account that somebody has entered.
    """
    if not may_have_link(user):
        raise LinkRefused
    record(actor, user, Verb.LINK_ISSUED, source=source)
    return default_token_generator.make_token(user)


@transaction.atomic
def send_link(actor: User | None, user: User, source: str = "") -> bool:
    """Send such a link to the address of a new account, in a letter; False, and nothing, if it has none."""
    if not user.email:
        return False
    path = f"/set-password/{user.pk}/{issue_link(actor, user, source)}/"
    days = settings.PASSWORD_RESET_TIMEOUT // 86400
    tell("identity.opened", user, {"path": path, "days": days, "name": user.name, "username": user.username})
    return True


def link_holder(number: int, token: str) -> User | None:
    """The account with this primary key if the token still sets its password: open, not used, not expired."""
    user = User.objects.filter(pk=number, is_active=True).first()
    return user if default_token_generator.check_token(user, token) else None


def record(actor: User | None, user: User, verb: AccountEvent.Verb, detail: str = "", source: str = "") -> None:
    """Write down what was done to an account, in the transaction that does it."""
    AccountEvent.objects.note(actor, user, verb, detail[:300], source=source)
