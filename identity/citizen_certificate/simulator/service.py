"""The simulated service: what it was asked, what the phone said, what it answers. No HTTP here."""

import base64
import hashlib
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any, Final

from identity.citizen_certificate import wire
from identity.citizen_certificate.simulator.authority import Authority
from identity.citizen_certificate.statement import fits

SERVICE: Final = "opencityhall-simulator"
NOT_ENROLLED: Final = "Z"  # people whose number begins so have no certificate
SLOW: Final = 10.0  # seconds


class Deed(StrEnum):
    """What the person with the phone does, or what goes wrong behind them."""

    APPROVE = "approve"
    SLOW = "slow"
    CANCEL = "cancel"
    FAIL = "fail"
    EXPIRE = "expire"
    BROKEN = "broken"
    OTHER_TEXT = "other-text"
    STRANGER = "stranger"
    REVOKED = "revoked"
    OUTDATED = "outdated"
    OTHER_PERSON = "other-person"
    OTHER_CERTIFICATE = "other-certificate"


@dataclass
class Begun:
    """A ticket that was given out."""

    transaction: str
    id_number: str
    hint: str
    data: bytes
    expires: float  # monotonic seconds
    on_phone: bool
    deed: Deed | None = None
    answered: float = 0.0


@dataclass
class Simulator:
    """The service with its authority. ``folder`` gets the three files that the product's settings point at."""

    folder: Path
    authority: Authority = field(default_factory=Authority)
    stranger: Authority = field(default_factory=lambda: Authority("An authority that nobody trusts"))
    key: bytes = field(default_factory=lambda: os.urandom(32))

    def __post_init__(self) -> None:
        self._tickets: dict[str, Begun] = {}
        self._transactions: set[str] = set()
        self._lock = Lock()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write("key", base64.b64encode(self.key))
        self._write("anchors.pem", self.authority.pem())
        self._write("revoked.crl", self.authority.revocations())

    def get_ticket(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answers `wire.GET_TICKET`."""
        info = asked.get("sign_info") or {}
        names = ("transaction_id", "sp_service_id", "id_num", "op_code", "op_mode", "hint")
        values = [str(asked.get(name, "")) for name in names] + [str(info.get("sign_data", ""))]
        transaction, service, number, _code, mode, hint, data = values
        if wrong := self._wrong(asked, service, values):
            return _error("ATH-01", wrong)
        if not fits(number):
            return _error("ATH-01", "PM_IDN_FT_ERR")
        if number.startswith(NOT_ENROLLED):
            return _error("ATH-01", "IDNUM_USERPROF_NF")
        if asked.get("time_limit") not in wire.SECONDS:
            return _error("ATH-01", "SPTKT_TIME_ORV")
        if len(data) > wire.SIGN_DATA_MOST:
            return _error("ATH-01", "SIGNDATA_LEN_LIMIT")
        with self._lock:
            if transaction in self._transactions:
                return _error("ATH-01", "TXNLOG_INS_ERR")
            self._transactions.add(transaction)
            ticket_id = secrets.token_hex(16)
            text = wire.SpTicket.seal(
                {
                    **{name: str(asked[name]) for name in names if name != "id_num"},
                    "sp_ticket_id": ticket_id,
                    "sp_name": "OpenCityHall",
                    "hashed_id_num": _hashed(number),
                    "version": "simulator",
                }
            )
            expires = time.monotonic() + float(asked["time_limit"])
            self._tickets[ticket_id] = Begun(
                transaction, number, hint, base64.b64decode(data), expires, mode == wire.FROM_PHONE
            )
        result = {"sp_ticket": text, "idp_checksum": wire.checksum(self.key, transaction, "0", text)}
        return {"transaction_id": transaction, "error_code": "0", "error_message": "SUCCESS", "result": result}

    def get_result(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answers `wire.GET_RESULT`."""
        names = ("transaction_id", "sp_service_id", "sp_ticket_id")
        values = [str(asked.get(name, "")) for name in names]
        if wrong := self._wrong(asked, values[1], values):
            return _error("ATH-02", wrong)
        begun = self._tickets.get(values[2])
        if begun is None or begun.transaction != values[0]:
            return _error("ATH-02", "SPTKTID_SPTKT_NF")
        if begun.deed is Deed.EXPIRE or (begun.deed is None and time.monotonic() > begun.expires):
            return _error("ATH-02", "SPTKT_OVD")
        if begun.deed is None or (begun.deed is Deed.SLOW and time.monotonic() < begun.answered + SLOW):
            return _error("ATH-02", "SPTKTID_TXNLOG_NF")
        if begun.deed in (Deed.CANCEL, Deed.FAIL):
            return _error("ATH-02", "APP_USER_CANCEL" if begun.deed is Deed.CANCEL else "APP_SIGN_FAILURE")
        hashed, signature, certificate = self._signed(begun)
        result = {
            "hashed_id_num": hashed,
            "signed_response": base64.b64encode(signature).decode(),
            "cert": base64.b64encode(certificate).decode(),
        }
        result["idp_checksum"] = wire.checksum(self.key, values[0], "0", hashed, result["signed_response"])
        return {"transaction_id": values[0], "error_code": "0", "error_message": "SUCCESS", "result": result}

    def begun(self, ticket: str) -> Begun | None:
        """What the phone shows of a ticket that it scanned; None for what is no ticket of ours."""
        try:
            return self._tickets.get(wire.SpTicket.parse(ticket).ticket_id)
        except wire.Malformed:
            return None

    def do(self, ticket: str, deed: Deed) -> bool:
        """The person does something on the phone; False if there is nothing to do it with, or it was done already."""
        begun = self.begun(ticket)
        if begun is None or begun.deed is not None or time.monotonic() > begun.expires:
            return False
        if deed is Deed.REVOKED:
            self.authority.revoke(self.authority.phone("revoked " + begun.id_number))
            self._write("revoked.crl", self.authority.revocations())
        begun.answered, begun.deed = time.monotonic(), deed
        return True

    def _signed(self, begun: Begun) -> tuple[str, bytes, bytes]:
        """The hash of the number, the signature and the certificate, right or wrong as the deed has it."""
        deed, number = begun.deed or Deed.APPROVE, begun.id_number
        authority = self.stranger if deed is Deed.STRANGER else self.authority
        holder = {Deed.REVOKED: "revoked " + number, Deed.OTHER_CERTIFICATE: "other " + number}.get(deed, number)
        phone = authority.phone(holder, expired=deed is Deed.OUTDATED)
        signature = phone.sign(begun.data if deed is not Deed.OTHER_TEXT else begun.data + b" and more")
        if deed is Deed.BROKEN:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        return _hashed("other" if deed is Deed.OTHER_PERSON else number), signature, phone.der()

    def _wrong(self, asked: Mapping[str, Any], service: str, values: list[str]) -> str:
        if service != SERVICE:
            return "SPSVCID_NF"
        return "" if asked.get("sp_checksum") == wire.checksum(self.key, *values) else "INV_SP_CHECKSUM"

    def _write(self, name: str, octets: bytes) -> None:
        draft = self.folder / f".{name}.new"
        draft.touch(mode=0o600)
        draft.write_bytes(octets)
        draft.replace(self.folder / name)


def _hashed(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()


def _error(interface: str, code: str) -> dict[str, Any]:
    return {"error_code": f"SP-API-{interface}-{code}", "error_message": code}
