"""Whether a signature, the certificate behind it and the list of revoked ones hold. Pure: everything is handed in.

Trust comes from here alone: from authorities that the operator names in a file, never from what the service says of its
own answer (docs/decisions/0019).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import verification
from cryptography.x509.oid import NameOID

from identity.citizen_certificate.cms import NotSigned, signed_octets

LEAST_BITS: Final = 2048


class Fault(StrEnum):
    """Why somebody is not believed."""

    SIGNATURE = "signature"
    ISSUER = "issuer"  # nobody whom the operator named vouches for it
    EXPIRED = "expired_certificate"
    REVOKED = "revoked"
    UNCHECKED = "unchecked"  # no list of revoked certificates that is in force: nobody is let in unchecked
    OTHER_PERSON = "other_person"


class NotTrusted(Exception):
    """With the ``fault``."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Anchors:
    """Whom we believe: authorities, and those lists of revoked certificates that are theirs.

    Whether they are is found out here, once: of a list of 300,000 it takes 0.2 s, to look one up in it 0.04 s.
    """

    def __init__(
        self, authorities: Sequence[x509.Certificate], lists: Sequence[x509.CertificateRevocationList]
    ) -> None:
        self.authorities = tuple(authorities)
        self._lists = [(one, found) for one in authorities for found in lists if _is_of(one, found)]

    def lists_of(self, authority: x509.Certificate, at: datetime) -> list[x509.CertificateRevocationList]:
        """The authority's lists that are in force then."""
        lists = [found for one, found in self._lists if one == authority]
        return [
            found for found in lists if found.next_update_utc and found.last_update_utc <= at < found.next_update_utc
        ]


@dataclass(frozen=True, slots=True)
class Proven:
    """Of a certificate that holds: what tells it from others, and its person from others."""

    serial: str  # in hex
    issuer: str
    subject: str  # the number that the authority gave to the person; without one, the whole name
    name: str
    valid_until: datetime


def prove(certificate: bytes, signature: bytes, text: bytes, anchors: Anchors, at: datetime) -> Proven:
    """Who signed ``text``. The signature is PKCS#1 v1.5 or PKCS#7, with SHA-256. Raises NotTrusted."""
    try:
        leaf = x509.load_der_x509_certificate(certificate)
        key = leaf.public_key()
    except ValueError:
        raise NotTrusted(Fault.ISSUER) from None
    _signed(key, signature, text)
    if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        raise NotTrusted(Fault.EXPIRED)
    chain = _chain(leaf, anchors.authorities, at)
    for one, issuer in pairwise(chain):
        _not_revoked(one, issuer, anchors, at)
    return Proven(
        serial=f"{leaf.serial_number:x}",
        issuer=_named(leaf.issuer, NameOID.COMMON_NAME) or leaf.issuer.rfc4514_string(),
        subject=_named(leaf.subject, NameOID.SERIAL_NUMBER) or leaf.subject.rfc4514_string(),
        name=_named(leaf.subject, NameOID.COMMON_NAME),
        valid_until=leaf.not_valid_after_utc,
    )


def _signed(key: object, signature: bytes, text: bytes) -> None:
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_BITS:
        raise NotTrusted(Fault.SIGNATURE)
    try:
        # A signature by itself is as long as the key; a file around one is longer.
        plain, octets = (signature, text) if len(signature) * 8 <= key.key_size + 7 else signed_octets(signature, text)
        key.verify(plain, octets, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, NotSigned):
        raise NotTrusted(Fault.SIGNATURE) from None


def _chain(leaf: x509.Certificate, authorities: Sequence[x509.Certificate], at: datetime) -> list[x509.Certificate]:
    """Leaf first, authority last. A person's certificate is for signing and is no authority itself (RFC 5280)."""
    if not authorities:
        raise NotTrusted(Fault.ISSUER)
    policy = verification.ExtensionPolicy
    of_person = (
        policy.permit_all()  # no web server's: without alternative names, extended usage and what browsers ask for
        .require_present(x509.KeyUsage, verification.Criticality.AGNOSTIC, _may_sign)
        .may_be_present(x509.BasicConstraints, verification.Criticality.AGNOSTIC, _is_no_authority)
    )
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(list(authorities)))
        .time(at)
        .extension_policies(ca_policy=policy.webpki_defaults_ca(), ee_policy=of_person)
        .build_client_verifier()
    )
    try:
        return verifier.verify(leaf, []).chain
    except verification.VerificationError:
        raise NotTrusted(Fault.ISSUER) from None


def _may_sign(_policy: object, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is None or not (usage.digital_signature or usage.content_commitment):
        raise ValueError("not for signing")


def _is_no_authority(_policy: object, _certificate: x509.Certificate, found: x509.BasicConstraints | None) -> None:
    if found is not None and found.ca:
        raise ValueError("an authority is no person")


def _not_revoked(one: x509.Certificate, issuer: x509.Certificate, anchors: Anchors, at: datetime) -> None:
    lists = anchors.lists_of(issuer, at)
    if not lists:
        raise NotTrusted(Fault.UNCHECKED)
    if any(found.get_revoked_certificate_by_serial_number(one.serial_number) is not None for found in lists):
        raise NotTrusted(Fault.REVOKED)


def _is_of(authority: x509.Certificate, found: x509.CertificateRevocationList) -> bool:
    key = authority.public_key()
    return found.issuer == authority.subject and isinstance(key, rsa.RSAPublicKey) and found.is_signature_valid(key)


def _named(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return next((str(attribute.value) for attribute in name.get_attributes_for_oid(oid)), "")
