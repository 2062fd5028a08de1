"""Mobile numbers: shown to be somebody's by a code in a text message, and with it an account opened or entered.

A text message costs, rings, and can be read over a shoulder or by who stole the SIM card, so codes are few, short-lived
and worth nothing but what they were asked for (NIST SP 800-63B-4, 3.1.3: restricted authenticators).
"""

import hmac
import secrets
from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q

from foundation import clock
from foundation.encryption import digest, digests
from identity.actions.registration import AddressTaken, new_citizen
from identity.actions.telling import tell, text_to
from identity.models import AccountEvent, PhoneProof, User
from identity.rules import CODE_TRIES, code_spelling

Purpose = PhoneProof.Purpose
GOOD_FOR: Final = timedelta(minutes=10)  # ASVS 6.5.5
# What a number may be sent, and what one network may have sent: enough for who mistypes, too few to ring anybody all
# night or to run up the city's bill. What the whole city sends in a day is bounded by ``settings.SMS_CODES_A_DAY``.
TO_A_NUMBER: Final = ((timedelta(minutes=10), 3), (timedelta(days=1), 6))
FROM_A_NETWORK: Final = ((timedelta(hours=1), 10), (timedelta(days=1), 30))
_LOCK: Final = 0x63_6F_64_65  # "code"


def can_text() -> bool:
    """Whether codes reach anybody: there is a gateway, or this is a demo, where the outbox shows them."""
    return bool(settings.SMS_URL) or settings.DEMO


def by_text(user: User) -> bool:
    """Whether a code by text message reaches the person: the weakest second proof, for who has no better one."""
    return bool(user.phone and user.phone_verified_at) and can_text()


@transaction.atomic
def send_second(user: User, client: str) -> str:
    """Send a code as second proof; the key to ask for it under, or "" where too many were sent."""
    key = str(uuid4())
    return key if send_code(Purpose.SECOND, user.phone, user.language, client, proof=key, user=user) else ""


@transaction.atomic
def second_was(user: User, proof: str, code: str) -> bool:
    """Whether this is the code that the person was sent under that key; it is used by this."""
    found = code_was(Purpose.SECOND, proof, code)
    return found is not None and found.user_id == user.pk


@transaction.atomic
def register_by_phone(*, phone: str, name: str, password: str, language: str, client: str) -> str:
    """Send a code that opens an account, or word that there is one; under which key to ask for the code.

    Nothing is sent where too many were; the answer is the same. ``phone`` is E.164.
    """
    hashed, key = make_password(password), str(uuid4())  # before anything is looked up: it takes the most time
    owner = User.objects.reached_at(phone)
    if owner is None:
        send_code(Purpose.REGISTER, phone, language, client, proof=key, name=name, password=hashed)
    else:
        send_code(Purpose.KNOWN, phone, language, client, proof=key, user=owner)
    return key


@transaction.atomic
def open_by_code(proof: str, code: str) -> User | None:
    """The new account of who typed the right code; None for a wrong one. AddressTaken if another has the number now."""
    found = code_was(Purpose.REGISTER, proof, code)
    if found is None:
        return None
    try:
        with transaction.atomic():
            return new_citizen(
                name=found.name,
                password=found.password,
                language=found.language,
                phone=found.phone,
                phone_verified_at=clock.now(),
            )
    except IntegrityError:
        raise AddressTaken from None


@transaction.atomic
def ask_for_phone(user: User, phone: str, client: str) -> str:
    """Send a code to the number (E.164) that somebody says is theirs; the key to ask for the code under, or "".

    The empty text where too many were sent.
    """
    key = str(uuid4())
    return key if send_code(Purpose.CHANGE, phone, user.language, client, proof=key, user=user) else ""


@transaction.atomic
def take_phone(user: User, proof: str, code: str) -> bool:
    """Make the number of a right code the person's, with word to the number before; AddressTaken if it is another's."""
    found = code_was(Purpose.CHANGE, proof, code)
    if found is None or found.user_id != user.pk:
        return False
    before = user.phone
    user.phone, user.phone_verified_at = found.phone, clock.now()
    try:
        with transaction.atomic():
            user.save(update_fields=["phone", "phone_verified_at"])
    except IntegrityError:
        user.refresh_from_db()
        raise AddressTaken from None
    _changed(user, before)
    return True


@transaction.atomic
def drop_phone(user: User) -> None:
    """Forget the person's number. ValueError where nothing else is known by which they could be told or enter."""
    if not user.email_verified:
        raise ValueError("no other address")
    before, user.phone, user.phone_verified_at = user.phone, "", None
    user.save(update_fields=["phone", "phone_verified_at"])
    _changed(user, before)


def send_code(
    purpose: PhoneProof.Purpose,
    phone: str,
    language: str,
    client: str,
    *,
    proof: str,
    user: User | None = None,
    name: str = "",
    password: str = "",
) -> bool:
    """Send a code to a number, or to a known one word that it is; False where too many were sent. In a transaction.

    One after the other, whoever asks: else many at once would all find that there is room for one more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if _too_many(phone, client):
        return False
    code = f"{secrets.randbelow(1_000_000):06}"
    PhoneProof.objects.create(
        pk=proof,
        purpose=purpose,
        user=user,
        phone=phone,
        phone_digest=digest(phone),
        name=name,
        password=password,
        language=language,
        code=digest(_salted(proof, code)),
        client=client,
        expires_at=clock.now() + GOOD_FOR,
    )
    topic = user.pk if user else 0
    if purpose == Purpose.KNOWN:
        text_to("identity.known", phone, language, {}, topic)
    else:
        text_to("identity.code", phone, language, {"code": code, "minutes": GOOD_FOR // timedelta(minutes=1)}, topic)
    return True


def code_was(purpose: PhoneProof.Purpose, proof: str, code: str) -> PhoneProof | None:
    """What a code was sent for, once; None for a wrong one. Each try counts, and after five no code is right."""
    meant = PhoneProof.objects.open().filter(pk=proof, purpose=purpose) if proof else PhoneProof.objects.none()
    # The try is counted before it is judged, so that parallel guesses count each other.
    if not meant.filter(tries__lt=CODE_TRIES).update(tries=F("tries") + 1):
        return None
    found = PhoneProof.objects.select_related("user").get(pk=proof)
    typed = digests(_salted(proof, code_spelling(code)))
    if not any(hmac.compare_digest(found.code, each) for each in typed):
        return None
    return found if PhoneProof.objects.open().filter(pk=proof).update(used_at=clock.now()) else None


def _too_many(phone: str, client: str) -> bool:
    now = clock.now()
    number, network = Q(phone_digest__in=digests(phone)), Q(client=client)
    limits = [
        *((number, *each) for each in TO_A_NUMBER),
        *((network, *each) for each in FROM_A_NETWORK),
        (Q(), timedelta(days=1), settings.SMS_CODES_A_DAY),
    ]
    return any(PhoneProof.objects.since(now - within).filter(which).count() >= most for which, within, most in limits)


def _changed(user: User, before: str) -> None:
    verb = AccountEvent.Verb.PHONE_CONFIRMED if user.phone else AccountEvent.Verb.CHANGED
    AccountEvent.objects.create(user=user, actor=user, verb=verb, detail="" if user.phone else "phone")
    told = {"what": "phone", "at": clock.now()}
    tell("identity.address", user, told)
    if before:
        text_to("identity.address", before, user.language, told, user.pk)


def _salted(proof: str, code: str) -> str:
    return f"phone code {proof} {code}"
