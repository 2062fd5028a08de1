"""Proving who one is by the citizen's certificate: begun, asked after, and what an account gains by it."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from foundation import clock
from foundation.encryption import digests
from identity.citizen_certificate.adapter import Done, Expired, Outcome, Pending, Ticket, Unavailable, service
from identity.citizen_certificate.trust import Proven
from identity.citizen_certificate.wire import POLL_SECONDS, SpTicket
from identity.models import AccountEvent, Certificate, CertificateTicket, SignInAttempt, User

PAUSE: Final = timedelta(seconds=POLL_SECONDS)
FRESH: Final = timedelta(minutes=10)  # how long a proof without an account waits for one
Verb = AccountEvent.Verb
Outcomes = SignInAttempt.Outcome


class Taken(Exception):
    """The certificate's person has another account, or the account another certificate."""


class OtherPerson(Exception):
    """The service names the holder of an account, and the certificate is another person's."""


class AccountClosed(Exception):
    """The certificate's person has an account, and it was closed."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody holds a certificate, verified by us at a moment. Of the person no number, only keyed digests."""

    holders: tuple[str, ...]  # digests under every key of the ring, that of the newest key first
    subjects: tuple[str, ...]
    serial: str
    issuer: str
    name: str
    valid_until: datetime
    at: datetime

    @classmethod
    def of(cls, hashed_id: str, person: Proven) -> "Proof":
        """Of what the adapter has verified."""
        return cls(
            holders=_holders(hashed_id),
            subjects=tuple(digests(f"certificate subject {person.subject}")),
            serial=person.serial,
            issuer=person.issuer[:300],
            name=person.name[:100],
            valid_until=person.valid_until,
            at=clock.now(),
        )

    @property
    def holder(self) -> str:
        """The digest to store."""
        return self.holders[0]

    @property
    def subject(self) -> str:
        """The digest to store."""
        return self.subjects[0]

    def keep(self) -> dict[str, Any]:
        """What a session can keep of it."""
        return {**asdict(self), "valid_until": self.valid_until.isoformat(), "at": self.at.isoformat()}

    @classmethod
    def kept(cls, fields: dict[str, Any] | None) -> "Proof | None":
        """The proof that a session kept, if it is still fresh."""
        if not fields:
            return None
        times = {name: datetime.fromisoformat(fields[name]) for name in ("valid_until", "at")}
        lists = {name: tuple(fields[name]) for name in ("holders", "subjects")}
        proof = cls(**{**fields, **times, **lists})
        return proof if clock.now() - proof.at < FRESH else None


def _holders(hashed_id: str) -> tuple[str, ...]:
    return tuple(digests(f"certificate holder {hashed_id}"))


def begin_proof(id_number: str, on_phone: bool, hint: str, user: User | None = None) -> CertificateTicket:
    """Ask the person with this identity number to sign: to sign in, or to bind the certificate to the account ``user``.

    The number goes to the service and is not kept. Raises Unavailable or NotBegun.
    """
    purpose = CertificateTicket.Purpose.SIGN_IN if user is None else CertificateTicket.Purpose.BIND
    ticket = service().begin(id_number, purpose.value, on_phone, hint)
    return CertificateTicket.objects.create(
        transaction=ticket.transaction,
        purpose=purpose,
        user=user,
        text=ticket.text,
        nonce=ticket.nonce,
        on_phone=on_phone,
        expires_at=ticket.expires_at,
    )


def ask_proof(begun: CertificateTicket) -> Outcome:
    """What became of it; Pending, without asking, within four seconds of the last question by whomever.

    An end is given to one asker only: with it the ticket is gone. A service that does not answer is asked again later,
    as long as the ticket lives.
    """
    now = clock.now()
    if not CertificateTicket.objects.claim(begun.pk, now, PAUSE):
        return Pending()
    ticket = Ticket(str(begun.transaction), begun.text, begun.purpose, begun.nonce, begun.expires_at)
    try:
        outcome = service().poll(ticket)
    except Unavailable:
        outcome = Pending() if now < begun.expires_at else Expired()
    if isinstance(outcome, Pending):
        return outcome
    gone, _ = CertificateTicket.objects.filter(pk=begun.pk).delete()
    return outcome if gone else Pending()


def prove(done: Done) -> Proof:
    """The proof in a good outcome."""
    return Proof.of(done.hashed_id, done.person)


def enter_with(proof: Proof, client: str) -> User | None:
    """The account that the proof opens; None if its person has none. The try is logged as one with a password is.

    A new certificate of the same person takes the place of the old one. Raises OtherPerson or AccountClosed.
    """
    found = Certificate.objects.held_by(proof.holders)
    if found is None:
        return None
    same = found.subject in proof.subjects
    outcome = Outcomes.SUCCEEDED if same and found.user.is_active else Outcomes.FAILED
    SignInAttempt.objects.create(
        account=proof.holder, user=found.user, client=client, outcome=outcome, method=SignInAttempt.Method.FIDO
    )
    if not same:
        raise OtherPerson
    if not found.user.is_active:
        raise AccountClosed
    if (found.serial, found.holder, found.subject) != (proof.serial, proof.holder, proof.subject):
        with transaction.atomic():
            if found.serial != proof.serial:
                _record(found.user, Verb.CERTIFICATE_RENEWED, proof.serial)
            _write(found, proof)
            found.save()
    return found.user


def note_failure(begun: CertificateTicket, client: str) -> None:
    """Log that somebody tried to sign in and was not believed; with the account, if the ticket's person has one."""
    if begun.purpose == CertificateTicket.Purpose.SIGN_IN:
        holders = _holders(SpTicket.parse(begun.text).hashed_id)
        found = Certificate.objects.held_by(holders)
        user = found.user if found else None
        method = SignInAttempt.Method.FIDO
        SignInAttempt.objects.create(account=holders[0], user=user, client=client, method=method)


@transaction.atomic
def bind(user: User, proof: Proof) -> Certificate:
    """Let the proof's certificate enter the account from now on; in place of an earlier one of the same person.

    Raises Taken if that person has another account, or if the account is another person's.
    """
    held = Certificate.objects.held_by(proof.holders)
    own = Certificate.objects.visible_to(user).first()
    if (held and held.user_id != user.pk) or (own and own.holder not in proof.holders):
        raise Taken
    certificate = own or Certificate(user=user)
    _write(certificate, proof)
    certificate.bound_at = clock.now()
    try:
        with transaction.atomic():
            certificate.save()
    except IntegrityError:  # bound elsewhere in this very moment
        raise Taken from None
    _record(user, Verb.CERTIFICATE_BOUND, proof.serial)
    return certificate


@transaction.atomic
def open_with(proof: Proof, name: str, language: str) -> User:
    """A new citizen's account that the proof's certificate enters, and no password. Raises Taken if there is one."""
    username = "c-" + get_random_string(12, "abcdefghjkmnpqrstuvwxyz23456789")
    user = User.objects.create_user(username, name=name, language=language)
    _record(user, Verb.CREATED)
    bind(user, proof)
    return user


@transaction.atomic
def unbind(user: User) -> None:
    """Take the certificate off the account. ValueError if nothing else enters it: that would lock the person out."""
    if not user.has_usable_password():
        raise ValueError("the certificate is all that enters the account")
    gone, _ = Certificate.objects.visible_to(user).delete()
    if gone:
        _record(user, Verb.CERTIFICATE_REMOVED)


def _write(certificate: Certificate, proof: Proof) -> None:
    for field in ("holder", "subject", "serial", "issuer", "valid_until"):
        setattr(certificate, field, getattr(proof, field))


def _record(user: User, verb: AccountEvent.Verb, detail: str = "") -> None:
    AccountEvent.objects.create(user=user, actor=user, verb=verb, detail=detail)
