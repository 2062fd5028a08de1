"""Second factors: set up, used and removed, each with the record of it and a letter to whom it concerns."""

import secrets

import pyotp
from django.db import transaction

from foundation import clock
from foundation.encryption import digest, digests
from identity.actions.phones import by_text
from identity.actions.telling import tell
from identity.models import AccountEvent, RecoveryCode, Totp, User
from identity.rules import RECOVERY_CODES, recovery_code, recovery_spelling, totp_step

Verb = AccountEvent.Verb


def new_totp_secret() -> str:
    """A secret for an authenticator app: 160 bits in Base32, as RFC 4226 section 4 recommends."""
    return pyotp.random_base32(32)


@transaction.atomic
def add_totp(user: User, secret: str, code: str) -> bool:
    """Take the app that holds the secret into use if the code is one of its; that code is spent by it.

    ValueError if the account has an app already: that one goes first.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if Totp.objects.filter(user=user).exists():
        raise ValueError("the account has an authenticator app")
    step = totp_step(secret, code, clock.now().timestamp())
    if step is None:
        return False
    Totp.objects.create(user=user, secret=secret, last_step=step)
    added(user, "totp")
    return True


def has_totp(user: User) -> bool:
    """Whether the person has an authenticator app."""
    return Totp.objects.filter(user=user).exists()


def use_totp(user: User, code: str) -> bool:
    """Whether the code is one of the person's app and was not used before. The database lets each step pass once."""
    totp = Totp.objects.filter(user=user).first()
    step = totp and totp_step(totp.secret, code, clock.now().timestamp())
    return bool(step and Totp.objects.filter(user=user, last_step__lt=step).update(last_step=step))


@transaction.atomic
def remove_totp(user: User) -> bool:
    """Forget the person's app; False if there is none."""
    gone, _ = Totp.objects.filter(user=user).delete()
    if gone:
        removed(user, "totp")
    return bool(gone)


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Ten codes, each good once; the ones before end. They are told here and never again: we keep digests."""
    User.objects.select_for_update().get(pk=user.pk)
    RecoveryCode.objects.filter(user=user).delete()
    codes = [recovery_code(secrets.choice) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest_of(code)) for code in codes)
    added(user, "recovery")
    return codes


def use_recovery_code(user: User, code: str) -> bool:
    """Whether the code is one of the person's that was not used; it is used by this."""
    meant = RecoveryCode.objects.filter(user=user, digest__in=digests(_salted(code)), used_at=None)
    return bool(meant.update(used_at=clock.now()))


@transaction.atomic
def set_always_second(user: User, always: bool) -> None:
    """Whether signing in with the password always asks for a second proof. ValueError if the person has none."""
    if always and not (has_second_factor(user) or by_text(user)):
        raise ValueError("nothing could be asked for")
    user.always_second = always
    user.save(update_fields=["always_second"])
    AccountEvent.objects.create(user=user, actor=user, verb=Verb.CHANGED, detail="always_second")


def has_second_factor(user: User) -> bool:
    """Whether the person has an authenticator app or a passkey. One statement."""
    return Totp.objects.filter(user=user).values("user").union(user.passkeys.order_by().values("user")).exists()


@transaction.atomic
def remove_factors(actor: User, user: User) -> None:
    """Forget every second factor of somebody who lost them and was seen at a counter; the person is told."""
    Totp.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    user.passkeys.all().delete()
    user.always_second = False
    user.save(update_fields=["always_second"])
    _record(actor, user, Verb.FACTOR_REMOVED, "all")


def added(user: User, what: str) -> None:
    """Record that the person has a new factor, and tell them."""
    _record(user, user, Verb.FACTOR_ADDED, what)


def removed(user: User, what: str) -> None:
    """Record that a factor is gone, and tell the person. The wish for a second proof ends with the last of them."""
    if user.always_second and not has_second_factor(user):
        user.always_second = False
        user.save(update_fields=["always_second"])
    _record(user, user, Verb.FACTOR_REMOVED, what)


def _record(actor: User, user: User, verb: AccountEvent.Verb, what: str) -> None:
    event = AccountEvent.objects.note(actor, user, verb, what)
    tell("identity.factors", user, {"added": verb == Verb.FACTOR_ADDED, "what": what, "at": event.at})


def _salted(code: str) -> str:
    return f"recovery code {recovery_spelling(code)}"


def _digest_of(code: str) -> str:
    return digest(_salted(code))
