"""The provider's signing keys: made, published, changed with an overlap, and kept ready to sign.

A new key is published for a while (``Terms.lead``) before it signs, so that systems which keep a copy of the key set
have it by then; an old one stays published for as long as what it signed is good. Systems of SAML have keys of their
own: most of them know a certificate because somebody put it in, so those change rarely and long foretold. Parsing a
private key takes 30 ms, so processes keep it.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from django.db import connection, transaction

from foundation import clock
from singlesignon.models import SigningKey, Use

BITS: Final = 2048


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a key signs (``life``), is published before it does (``lead``) and after it did (``tail``)."""

    life: timedelta
    lead: timedelta
    tail: timedelta = timedelta(days=1)  # longer than anything signed is good
    bits: int = BITS


TERMS: Final = {
    Use.JWT: Terms(timedelta(days=90), timedelta(days=2)),
    Use.SAML: Terms(timedelta(days=1095), timedelta(days=90), bits=3072),
}
LIFE, LEAD, TAIL = TERMS[Use.JWT].life, TERMS[Use.JWT].lead, TERMS[Use.JWT].tail
_REMEMBERED: Final = timedelta(minutes=1)  # how long a process may not know of a change
_LOCK: Final = 0x6F70656E  # one rotation at a time


@dataclass(frozen=True)
class _Known:
    until: datetime
    keys: tuple[SigningKey, ...]
    private: dict[str, RSAPrivateKey]


_known: _Known | None = None
_mutex = threading.Lock()


def sign(claims: dict[str, Any], typ: str = "JWT") -> str:
    """The claims as a JWT under RS256 (RFC 7519, 7515) by the key that signs now, made if there is none."""
    key, private = signing(Use.JWT)
    return jwt.encode(claims, private, algorithm="RS256", headers={"kid": key.kid, "typ": typ})


def published() -> list[dict[str, str]]:
    """The public keys that systems may meet, as JWKs (RFC 7517)."""
    return [_jwk(key.kid, private) for key, private in of(Use.JWT)]


def of(use: Use) -> list[tuple[SigningKey, RSAPrivateKey]]:
    """The keys of a use that systems may meet, the newest first; one is made if there is none."""
    known = _keys()
    if not any(key.use == use for key in known.keys):
        rotate(use)
        forget()  # another process may have made it
        known = _keys()
    return [(key, known.private[key.kid]) for key in known.keys if key.use == use]


def signing(use: Use) -> tuple[SigningKey, RSAPrivateKey]:
    """The key of a use that signs now."""
    known = of(use)
    return next((pair for pair in known if pair[0].signs_from <= clock.now()), known[-1])


def verified(token: str, audience: str) -> dict[str, Any] | None:
    """The claims of an ID token that we signed for this client, expired or not; None for anything else."""
    known = _keys()
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != "JWT":  # word of a sign-out is signed by us for the same client, and is no ID token
            return None
        key = next(known.private[key.kid] for key in known.keys if (key.kid, key.use) == (header["kid"], Use.JWT))
        claims = jwt.decode(
            token, key.public_key(), algorithms=["RS256"], audience=audience, options={"verify_exp": False}
        )
    except (jwt.PyJWTError, KeyError, StopIteration, TypeError):
        return None
    return claims


def audience_of(token: str) -> str:
    """For whom a token says that it is, unverified; empty for what is no token."""
    try:
        audience = jwt.decode(token, options={"verify_signature": False}).get("aud", "")
    except jwt.PyJWTError:
        return ""
    return audience if isinstance(audience, str) else ""


def rotate(*uses: Use) -> bool:
    """Make the next keys if the time has come, and drop those that nobody needs; whether one was made.

    Without ``uses`` it is those that are in use: nobody needs a key for SAML before a system speaks it. Run daily. Safe
    to run twice and from several processes.
    """
    global _known
    now = clock.now()
    made = False
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        SigningKey.objects.filter(retires_at__lt=now).delete()
        there = {Use(use) for use in SigningKey.objects.values_list("use", flat=True)}
        for use in uses or sorted({Use.JWT, *there}):
            made = _next(use, now) or made
    if made:
        _known = None
    return made


def _next(use: Use, now: datetime) -> bool:
    terms = TERMS[use]
    newest = SigningKey.objects.filter(use=use).first()
    if newest is not None and newest.signs_from > now - terms.life:
        return False
    made = _make(use, now, now + terms.lead if newest else now)
    if newest is not None:
        newest.retires_at = made.signs_from + terms.tail
        newest.save(update_fields=["retires_at"])
    return True


def _keys() -> _Known:
    global _known
    known = _known
    if known is not None and clock.now() < known.until:
        return known
    with _mutex:
        found = tuple(SigningKey.objects.all())
        if not found:
            rotate(Use.JWT)
            found = tuple(SigningKey.objects.all())
        before = _known.private if _known else {}
        private = {key.kid: before.get(key.kid) or _parsed(key.pem) for key in found}
        _known = known = _Known(clock.now() + _REMEMBERED, found, private)
    return known


def forget() -> None:
    """Read the keys anew when they are next needed."""
    global _known
    _known = None


def _make(use: Use, now: datetime, signs_from: datetime) -> SigningKey:
    private = generate_private_key(public_exponent=65537, key_size=TERMS[use].bits)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kid = base64.urlsafe_b64encode(hashlib.sha256(pem).digest()[:12]).decode()
    return SigningKey.objects.create(kid=kid, use=use, pem=pem.decode(), made_at=now, signs_from=signs_from)


def _parsed(pem: str) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _jwk(kid: str, key: RSAPrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": _number(numbers.n), "e": _number(numbers.e)}


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()
