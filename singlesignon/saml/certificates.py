"""The provider's certificates: what systems of SAML know its keys by."""

from __future__ import annotations

import base64
from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from singlesignon import keys
from singlesignon.claims import issuer
from singlesignon.models import SigningKey, Use

_SPARE = timedelta(days=30)  # beyond its last day, for nights on which no next key was made


def signing() -> tuple[RSAPrivateKey, x509.Certificate]:
    """The key that signs now, and its certificate."""
    key, private = keys.signing(Use.SAML)
    return private, certificate(key, private)


def published() -> list[tuple[SigningKey, x509.Certificate]]:
    """The certificates that systems may meet, the one that signs now first."""
    now = keys.signing(Use.SAML)[0].kid
    pairs = [(key, certificate(key, private)) for key, private in keys.of(Use.SAML)]
    return sorted(pairs, key=lambda pair: pair[0].kid != now)


def certificate(key: SigningKey, private: RSAPrivateKey) -> x509.Certificate:
    """The key's certificate, signed by itself. The same bytes each time and in each process, so none is kept."""
    return _certificate(key.kid, urlsplit(issuer()).hostname or "cityhall", key, private)


@lru_cache(maxsize=8)
def _certificate(kid: str, host: str, key: SigningKey, private: RSAPrivateKey) -> x509.Certificate:
    terms = keys.TERMS[Use.SAML]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(int.from_bytes(base64.urlsafe_b64decode(kid)) or 1)
        .not_valid_before(key.made_at.replace(microsecond=0))
        .not_valid_after(key.signs_from.replace(microsecond=0) + terms.life + terms.lead + terms.tail + _SPARE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return made.sign(private, SHA256())


def in_metadata(found: x509.Certificate) -> str:
    """A certificate as metadata carry it: DER in base64."""
    return base64.b64encode(found.public_bytes(Encoding.DER)).decode()


def fingerprint(found: x509.Certificate) -> str:
    """By which people compare certificates: SHA-256 in hex, pairs apart."""
    return found.fingerprint(SHA256()).hex(":").upper()
