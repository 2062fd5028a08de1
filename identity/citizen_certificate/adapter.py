"""The one way in which the product speaks to a service that proves people by a certificate of the state.

``service()`` is TW FidO if the settings name it, else ``Closed``, which offers nothing. ``READERS`` are those for which
there is an interface and a page, and not yet more.
"""

import base64
import binascii
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final, Protocol
from uuid import uuid4

import requests
from cryptography import x509
from django.conf import settings

from foundation import clock
from identity.citizen_certificate import trust, wire
from identity.citizen_certificate.statement import Statement, nonce

log = logging.getLogger(__name__)

TIMEOUT: Final = (2, 5)  # seconds to connect, and for each wait for bytes
# One question at a time in a process: while the service is slow, the threads that are left serve the rest of the city
# hall. Who only asks again does not wait for the turn, who begins waits a little.
_TURN: Final = BoundedSemaphore(1)
PATIENCE: Final = 1.0  # seconds
LIFE: Final = timedelta(minutes=3)  # to find the phone, open the app and show a finger, and no longer
KEY, AUTHORITIES, REVOKED = "key", "anchors.pem", "revoked.crl"  # the files in CITYHALL_FIDO_FILES


class Unavailable(Exception):
    """The service cannot be reached, is set up wrongly here, or is not offered. The person can only try again later."""


class NotBegun(Exception):
    """The service gives this person no ticket, for a ``reason`` that the person can do something about."""

    def __init__(self, reason: wire.Verdict) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Ticket:
    """One proof that was begun. ``text`` is the service's own; the rest is ours and never leaves this house."""

    transaction: str
    text: str
    purpose: str
    nonce: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """The person has not answered yet."""


@dataclass(frozen=True, slots=True)
class Expired:
    """Nobody answered in time."""


@dataclass(frozen=True, slots=True)
class Refused:
    """There will be no proof: a `wire.Verdict` (the person or the phone refused) or a `trust.Fault` (we do)."""

    reason: wire.Verdict | trust.Fault


@dataclass(frozen=True, slots=True)
class Done:
    """The person is proven. ``hashed_id`` is what the service calls the person's identity number."""

    hashed_id: str
    person: trust.Proven


Outcome = Pending | Expired | Refused | Done


class CertificateService(Protocol):
    """What proves people: TW FidO, a card reader, whatever comes."""

    code: str

    def is_open(self) -> bool:
        """Whether it is set up here."""
        ...

    def begin(self, person_hint: str, what: str, on_phone: bool, hint: str = "") -> Ticket:
        """Ask the person ``person_hint`` (an identity number) to sign, for the purpose ``what``.

        ``hint``: what the person's screen says of it. Raises Unavailable or NotBegun.
        """
        ...

    def poll(self, ticket: Ticket) -> Outcome:
        """What became of it. Not oftener than the service allows: the caller counts. Raises Unavailable."""
        ...


class Closed:
    """A service that is not offered here. The null implementation, and all that the card readers are so far."""

    def __init__(self, code: str) -> None:
        self.code = code

    def is_open(self) -> bool:
        return False

    def begin(self, person_hint: str, what: str, on_phone: bool, hint: str = "") -> Ticket:
        raise Unavailable(f"{self.code} is not set up")

    def poll(self, ticket: Ticket) -> Outcome:
        raise Unavailable(f"{self.code} is not set up")


class TwFido:
    """The Ministry of the Interior's TW FidO (or the simulator), over HTTP."""

    code = "fido"

    def is_open(self) -> bool:
        return True

    def begin(self, person_hint: str, what: str, on_phone: bool, hint: str = "") -> Ticket:
        transaction, number = str(uuid4()), nonce()
        wanted = wire.TicketRequest(
            transaction=transaction,
            service=settings.FIDO_SERVICE,
            id_number=person_hint,
            hint=hint,
            text=_statement(what, transaction, number).text(),
            on_phone=on_phone,
            seconds=int(LIFE.total_seconds()),
        )
        expires_at = clock.now() + LIFE
        try:
            verdict, ticket = wire.ticket_of(_ask(wire.GET_TICKET, wanted.body(_key()), PATIENCE))
        except wire.Malformed as error:
            raise _unavailable("answers otherwise than specified: %s", error) from None
        if verdict in (wire.Verdict.NOT_ENROLLED, wire.Verdict.BAD_NUMBER):
            raise NotBegun(verdict)
        if ticket is None or ticket.transaction != transaction:
            raise _unavailable("gives no ticket: %s", verdict)
        return Ticket(transaction, ticket.text, what, number, expires_at)

    def poll(self, ticket: Ticket) -> Outcome:
        given = wire.SpTicket.parse(ticket.text)
        body = wire.result_body(_key(), ticket.transaction, settings.FIDO_SERVICE, given.ticket_id)
        try:
            verdict, result = wire.result_of(_ask(wire.GET_RESULT, body))
        except wire.Malformed as error:
            raise _unavailable("answers otherwise than specified: %s", error) from None
        if result is not None:
            return _judge(ticket, given, result)
        if verdict is wire.Verdict.SERVICE:
            raise _unavailable("gives no result: %s", verdict)
        if verdict is wire.Verdict.PENDING:
            return Pending() if clock.now() < ticket.expires_at else Expired()
        return Expired() if verdict is wire.Verdict.EXPIRED else Refused(verdict)


def _judge(ticket: Ticket, given: wire.SpTicket, result: wire.Result) -> Outcome:
    """Believe the result, or say why not."""
    if result.hashed_id != given.hashed_id:
        return Refused(trust.Fault.OTHER_PERSON)
    text = _statement(ticket.purpose, ticket.transaction, ticket.nonce).text().encode()
    try:
        person = trust.prove(result.certificate, result.signature, text, anchors(), clock.now())
    except trust.NotTrusted as refusal:
        log.warning("a certificate was not believed: %s", refusal.fault)
        return Refused(refusal.fault)
    return Done(result.hashed_id, person)


def service() -> CertificateService:
    """TW FidO as the settings name it, or what says that it is not offered."""
    if settings.FIDO_URL and settings.FIDO_SERVICE and settings.FIDO_FILES:
        return TwFido()
    return Closed("fido")


# 自然人憑證 IC 卡 (HiPKI) and 健保卡: a program on the person's own computer signs, to which the browser speaks.
# Interface and page so far.
READERS: Final[tuple[CertificateService, ...]] = (Closed("citizen-card"), Closed("health-card"))


def anchors() -> trust.Anchors:
    """Whom the operator believes, from the files; read again when they change. Unreadable files believe nobody."""
    folder = Path(settings.FIDO_FILES)
    try:
        stamps = tuple((folder / name).stat().st_mtime_ns for name in (AUTHORITIES, REVOKED))
        return _read(folder, stamps)
    except (OSError, ValueError) as error:
        log.error("the files in %s cannot be read: %s", folder, error)
        return trust.Anchors([], [])


@lru_cache(maxsize=1)
def _read(folder: Path, stamps: tuple[int, ...]) -> trust.Anchors:
    authorities = x509.load_pem_x509_certificates((folder / AUTHORITIES).read_bytes())
    return trust.Anchors(authorities, revocation_lists((folder / REVOKED).read_bytes()))


def revocation_lists(octets: bytes) -> list[x509.CertificateRevocationList]:
    """The lists in a file: any number of them in PEM, or one in DER. ValueError if there is none."""
    end = b"-----END X509 CRL-----"
    if end not in octets:
        return [x509.load_der_x509_crl(octets)]
    return [x509.load_pem_x509_crl(part + end) for part in octets.split(end)[:-1]]


def fetch_revocations(address: str) -> None:
    """Renew the list of revoked certificates from where its authority publishes it.

    Raises Unavailable; then the old one stays. It is written aside and moved into place, so that no sign-in meets half
    a list.
    """
    try:
        answer = requests.get(address, timeout=(3, 60))
        answer.raise_for_status()
        revocation_lists(answer.content)
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(f"no revocation list at {address}: {error}") from error
    path = Path(settings.FIDO_FILES) / REVOKED
    draft = path.with_suffix(".new")
    draft.write_bytes(answer.content)
    draft.replace(path)


def _statement(purpose: str, transaction: str, number: str) -> Statement:
    return Statement(service=settings.PUBLIC_URL, purpose=purpose, transaction=transaction, nonce=number)


def _key() -> bytes:
    """The key of the checksum. Raises Unavailable if the file holds no 32 bytes in base64."""
    try:
        key = base64.b64decode((Path(settings.FIDO_FILES) / KEY).read_text().strip(), validate=True)
    except (OSError, binascii.Error, UnicodeError) as error:
        raise _unavailable("has no readable key: %s", error) from None
    if len(key) != 32:
        raise _unavailable("has a key of %s bytes", len(key))
    return key


def _ask(path: str, body: Mapping[str, Any], patience: float = 0) -> Any:
    if not _TURN.acquire(timeout=patience):
        raise _unavailable("is being asked by others")
    try:
        answer = requests.post(settings.FIDO_URL.rstrip("/") + path, json=body, timeout=TIMEOUT, allow_redirects=False)
        if answer.status_code != 200:
            raise _unavailable("answers %s", answer.status_code)
        return answer.json()
    except requests.RequestException as error:  # of its JSON too
        raise _unavailable("cannot be reached: %s", type(error).__name__) from None
    finally:
        _TURN.release()


def _unavailable(words: str, *values: object) -> Unavailable:
    """Logged where it happens: people are told to try later, the operator is told why. Never what was sent."""
    log.error("TW FidO " + words, *values)
    return Unavailable(words % values)
