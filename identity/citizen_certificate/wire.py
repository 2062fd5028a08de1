"""What TW FidO is asked and what it answers: addresses, names of fields, codes of errors, the checksum.

PROVISIONAL. The specification (行動自然人憑證應用程式介面規格書 v2.9, 內政部, 2026-03) is handed out to agencies that
applied for the service. Names and codes below are those that public implementations of it agree on; nothing was tried
against the Ministry's own service. Whatever turns out to be otherwise is corrected here and nowhere else.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

GET_TICKET: Final = "/moise/sp/getSpTicket"
GET_RESULT: Final = "/moise/sp/getAthOrSignResult"
APP_PATH: Final = "/w2a/verifySign"  # where the app of the phone is opened from a web page

SIGN: Final = "SIGN"
SCAN, FROM_PHONE = "I-SCAN", "MWEB2APP"  # a QR code on a desktop; a link on the phone that has the certificate
SECONDS: Final = range(30, 601)  # how long a ticket may live
SIGN_DATA_MOST: Final = 1024  # characters, as sent (base64)
POLL_SECONDS: Final = 4  # between two questions about one ticket, at the least
_IV: Final = bytes(12)


class Malformed(ValueError):
    """What came is not what the specification says."""


class Verdict(StrEnum):
    """What an answer's code comes to."""

    OK = "ok"
    PENDING = "pending"
    EXPIRED = "expired"
    CANCELLED = "cancelled"  # by the person, on the phone
    NOT_ENROLLED = "not_enrolled"  # nobody, or no phone, is registered under the number
    BAD_NUMBER = "bad_number"
    FAILED = "failed"  # the phone could not sign
    SERVICE = "service"  # the service, or how it is set up here, is at fault; the person can do nothing


_VERDICTS: Final = {
    "0": Verdict.OK,
    "SPTKTID_TXNLOG_NF": Verdict.PENDING,
    "20002": Verdict.PENDING,
    "20003": Verdict.PENDING,
    "SPTKT_OVD": Verdict.EXPIRED,
    "SPTKTID_SPTKT_NF": Verdict.EXPIRED,
    "SPTKTID_SPTKT_RDM": Verdict.EXPIRED,
    "APP_USER_CANCEL": Verdict.CANCELLED,
    "IDNUM_USERPROF_NF": Verdict.NOT_ENROLLED,
    "IDNUM_DEVPROF_NF": Verdict.NOT_ENROLLED,
    "DEVID_DEVPROF_NF": Verdict.NOT_ENROLLED,
    "PM_IDN_FT_ERR": Verdict.BAD_NUMBER,
    "APP_SIGN_FAILURE": Verdict.FAILED,
    "APP_DECODE_FAIL": Verdict.FAILED,
    "APP_DATA_NULL": Verdict.FAILED,
    "PM_INV_SG": Verdict.FAILED,
}


def verdict(code: str) -> Verdict:
    """What a code means to us. Codes carry the number of the interface in front: ``SP-API-ATH-02-SPTKT_OVD``."""
    return _VERDICTS.get(code.rsplit("-", 1)[-1], Verdict.SERVICE)


def checksum(key: bytes, *parts: str) -> str:
    """``sp_checksum``: the zero IV, then AES-256-GCM of the hex SHA-256 of the parts one after another; all in hex.

    Always the same IV, so it proves little (docs/decisions/0019): we send it because it is asked for.
    """
    inner = hashlib.sha256("".join(parts).encode()).hexdigest()
    return (_IV + AESGCM(key).encrypt(_IV, inner.encode(), None)).hex()


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """Asks for a ticket with which one person signs one text. ``hint`` is what the phone shows beside it."""

    transaction: str  # a UUID; used once
    service: str
    id_number: str
    hint: str
    text: str
    on_phone: bool
    seconds: int

    def body(self, key: bytes) -> dict[str, Any]:
        """The JSON to send. ValueError if the text is too long or the seconds are out of range."""
        if self.seconds not in SECONDS:
            raise ValueError(f"a ticket lives {SECONDS.start} to {SECONDS.stop - 1} seconds, not {self.seconds}")
        data = base64.b64encode(self.text.encode()).decode()
        if len(data) > SIGN_DATA_MOST:
            raise ValueError(f"{len(data)} characters to sign, at most {SIGN_DATA_MOST}")
        mode = FROM_PHONE if self.on_phone else SCAN
        return {
            "transaction_id": self.transaction,
            "sp_service_id": self.service,
            "sp_checksum": checksum(key, self.transaction, self.service, self.id_number, SIGN, mode, self.hint, data),
            "id_num": self.id_number,
            "op_code": SIGN,
            "op_mode": mode,
            "hint": self.hint,
            "time_limit": self.seconds,
            "sign_info": {
                "tbs_encoding": "base64",
                "sign_data": data,
                "sign_type": "PKCS#1",
                "hash_algorithm": "SHA256",
            },
        }


def result_body(key: bytes, transaction: str, service: str, ticket_id: str) -> dict[str, str]:
    """Asks what became of a ticket."""
    return {
        "transaction_id": transaction,
        "sp_service_id": service,
        "sp_checksum": checksum(key, transaction, service, ticket_id),
        "sp_ticket_id": ticket_id,
    }


@dataclass(frozen=True, slots=True)
class SpTicket:
    """A ticket as the service made it: what the QR code holds and what its result is asked by."""

    text: str
    transaction: str
    ticket_id: str
    hashed_id: str  # of the identity number; how it is hashed is the service's affair

    @classmethod
    def parse(cls, text: str) -> "SpTicket":
        """Read ``base64url(JSON).base64url(SHA-256 of the first part)``. Malformed if it is not that."""
        payload, dot, seal = text.partition(".")
        try:
            if not dot or _unpadded(seal) != hashlib.sha256(payload.encode()).digest():
                raise Malformed("the ticket does not match its digest")
            fields = json.loads(_unpadded(payload))
            return cls(
                text, _text(fields, "transaction_id"), _text(fields, "sp_ticket_id"), _text(fields, "hashed_id_num")
            )
        except (UnicodeError, json.JSONDecodeError) as error:
            raise Malformed(f"no ticket: {error}") from None

    @staticmethod
    def seal(fields: Mapping[str, Any]) -> str:
        """The text of a ticket with these fields. What the service does; here for the simulator and the tests."""
        payload = _padless(json.dumps(fields, ensure_ascii=False).encode())
        return f"{payload}.{_padless(hashlib.sha256(payload.encode()).digest())}"


@dataclass(frozen=True, slots=True)
class Result:
    """What the phone signed: the signature and the signer's certificate in DER, and whom the service says it was."""

    hashed_id: str
    signature: bytes
    certificate: bytes


def ticket_of(answer: Any) -> tuple[Verdict, SpTicket | None]:
    """The ticket in an answer to `GET_TICKET`, with what its code comes to. Malformed if it is neither."""
    found = verdict(_text(answer, "error_code"))
    return found, SpTicket.parse(_text(answer.get("result"), "sp_ticket")) if found is Verdict.OK else None


def result_of(answer: Any) -> tuple[Verdict, Result | None]:
    """The result in an answer to `GET_RESULT`, with what its code comes to. Malformed if it is neither."""
    found = verdict(_text(answer, "error_code"))
    if found is not Verdict.OK:
        return found, None
    result = answer.get("result")
    signature, certificate = (_octets(_text(result, name)) for name in ("signed_response", "cert"))
    return found, Result(_text(result, "hashed_id_num"), signature, certificate)


def app_link(base: str, ticket: str, back: str) -> str:
    """The link that opens the app on the phone with a ticket; the app returns to the address ``back``."""
    query = {"sp_ticket": ticket, "rtn_url": _padless(back.encode()), "rtn_val": ""}
    return f"{base}{APP_PATH}?{urlencode(query)}"


def read_app_link(link: str) -> tuple[str, str]:
    """Ticket and return address of such a link, as the app reads them; "" for what is missing."""
    query = parse_qs(urlsplit(link).query)
    return query.get("sp_ticket", [""])[0], _unpadded(query.get("rtn_url", [""])[0]).decode()


def _text(fields: Any, name: str) -> str:
    value = fields.get(name) if isinstance(fields, Mapping) else None
    if not isinstance(value, str) or not value:
        raise Malformed(f"{name} is missing")
    return value


def _padless(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _unpadded(text: str) -> bytes:
    return _octets(text + "=" * (-len(text) % 4), altchars=b"-_")


def _octets(text: str, altchars: bytes | None = None) -> bytes:
    try:
        return base64.b64decode(text, altchars, validate=True)
    except ValueError as error:  # also of what is not ASCII
        raise Malformed(f"no base64: {error}") from None
