"""Citizens open their own accounts, and show that an address is theirs, by a link that is good once.

OWASP ASVS 5.0, 6.3.8: whether an address is known is told to nobody but its owner. The page answers the same for every
address and takes the same time; the letter says which it was.
"""

import secrets
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from foundation import clock
from foundation.encryption import digest, digests
from identity.actions.telling import tell, write_to
from identity.models import AccountEvent, AddressProof, User

Verb = AccountEvent.Verb
Purpose = AddressProof.Purpose
GOOD_FOR: Final = timedelta(hours=24)
# Letters that a stranger can have sent to one address: enough for who lost one, too few to fill anybody's mailbox.
LETTERS: Final = ((timedelta(minutes=10), 3), (timedelta(days=1), 6))


class AddressTaken(Exception):
    """Another account has shown the address to be its own since the letter was sent."""


@transaction.atomic
def register(*, email: str, name: str, password: str, language: str) -> None:
    """Send a letter that opens an account, or that says there is one; nothing at all where too many were sent."""
    hashed = make_password(password)  # before anything is looked up: it takes the most time, and always the same
    if too_many_letters(email):
        return
    owner = User.objects.shown_by(email)
    if owner is None:
        _ask(Purpose.REGISTER, email, language, name=name, password=hashed)
    else:
        note_letter(Purpose.KNOWN, email, language, owner)
        write_to("identity.known", email, language, {}, owner.pk)


@transaction.atomic
def ask_to_confirm(user: User) -> bool:
    """Send a letter to the address of the account that asks whether it is the person's; False where too many were."""
    if not user.email or user.email_verified or too_many_letters(user.email):
        return False
    _ask(Purpose.CONFIRM, user.email, user.language, user=user)
    return True


def asked_by(token: str) -> AddressProof | None:
    """What a link asks for, if it still works."""
    return (
        AddressProof.objects.open()
        .exclude(purpose=Purpose.RESET)
        .filter(token__in=digests(salted(token)))
        .select_related("user")
        .first()
    )


@transaction.atomic
def confirm(proof: AddressProof) -> User | None:
    """Do what the letter asked for, once: the account, new or confirmed; None if it was done or changed meanwhile.

    Raises AddressTaken if another account has the address now.
    """
    if not AddressProof.objects.open().filter(pk=proof.pk).update(used_at=clock.now()):
        return None
    try:
        with transaction.atomic():
            return _opened(proof) if proof.user is None else _confirmed(proof, proof.user)
    except IntegrityError:
        raise AddressTaken from None


def _opened(proof: AddressProof) -> User:
    return new_citizen(
        name=proof.name,
        password=proof.password,
        language=proof.language,
        email=proof.email,
        email_verified_at=clock.now(),
    )


def new_citizen(**fields: Any) -> User:
    """The new account of who opens one; ``password`` is hashed. IntegrityError if another has the address now."""
    user = User(username="c-" + get_random_string(12, "abcdefghjkmnpqrstuvwxyz23456789"), **fields)
    user.save()
    AccountEvent.objects.create(user=user, actor=user, verb=Verb.CREATED)
    return user


def _confirmed(proof: AddressProof, user: User) -> User | None:
    """The address may have been changed since; then the letter speaks of one that is nobody's business any more."""
    if not User.objects.filter(pk=user.pk, email=proof.email).update(email_verified_at=clock.now()):
        return None
    AccountEvent.objects.create(user=user, actor=user, verb=Verb.EMAIL_CONFIRMED)
    user.refresh_from_db()
    return user


def _ask(
    purpose: AddressProof.Purpose,
    email: str,
    language: str,
    user: User | None = None,
    name: str = "",
    password: str = "",
) -> None:
    token = letter_token()
    proof = note_letter(purpose, email, language, user, token, name=name, password=password)
    hours = GOOD_FOR // timedelta(hours=1)
    context = {"path": f"/confirm-address/{token}/", "hours": hours, "name": name}
    if user is None:
        write_to("identity.register", email, language, context, proof.pk)
    else:
        tell("identity.confirm", user, context)


def letter_token() -> str:
    """What makes the link of a letter: 256 random bits."""
    return secrets.token_urlsafe(32)


def note_letter(
    purpose: AddressProof.Purpose,
    email: str,
    language: str,
    user: User | None,
    token: str = "",
    *,
    good_for: timedelta = GOOD_FOR,
    **fields: str,
) -> AddressProof:
    """Note one letter to an address, by the digest of its token; without one its link leads nowhere."""
    return AddressProof.objects.create(
        purpose=purpose,
        user=user,
        email=email,
        email_digest=digest(email),
        language=language,
        token=digest(salted(token or letter_token())),
        expires_at=clock.now() + good_for,
        **fields,
    )


def too_many_letters(email: str) -> bool:
    """Whether an address was sent as many letters as a stranger may have sent to it."""
    now, known = clock.now(), digests(email)
    return any(AddressProof.objects.letters_to(known, now - within) >= most for within, most in LETTERS)


def salted(token: str) -> str:
    """What the digest of a letter's token is made of."""
    return f"address proof {token}"
