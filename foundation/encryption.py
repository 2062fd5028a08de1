"""Encryption of personal data at rest (個人資料保護法 §27 asks for security measures), and look-up without decrypting.

Keys are derived with HKDF from secrets. The newest secret encrypts; every secret in the ring decrypts:

    settings.CITYHALL_KEYS (newest first)  >  settings.SECRET_KEY  >  settings.SECRET_KEY_FALLBACKS

To rotate: put a new secret in front of CITYHALL_KEYS, restart, run ``manage.py reencrypt``, then drop the old one.
"""

import base64
import binascii
import hmac
import logging
import os
import re
import unicodedata
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

UNREADABLE: Final = _("（無法解讀）")
# How a token begins that AES-GCM wrote; what begins otherwise is Fernet's, from before (docs/decisions/0017).
_GCM, _NONCE = "g1.", 12
_PHONE = re.compile(r"[\d\s()+\-.#~轉]+(?:ext\.?\s*\d+)?", re.IGNORECASE)


class Unreadable(str):
    """What a reader sees in place of a value whose key is gone or that was tampered with.

    It keeps the stored text: saving the record writes that back untouched, so that a restored key recovers everything.
    """

    stored: str

    def __new__(cls, stored: str) -> "Unreadable":
        self = super().__new__(cls, str(UNREADABLE))
        self.stored = stored
        return self


def _secrets() -> tuple[str, ...]:
    return (*settings.CITYHALL_KEYS, settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cityhall:" + purpose).derive(secret.encode())


@lru_cache(maxsize=8)
def _ring(secrets: tuple[str, ...]) -> list[AESGCM]:
    return [AESGCM(_derive(secret, b"encryption-gcm")) for secret in secrets]


@lru_cache(maxsize=8)
def _old_ring(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(secret, b"encryption"))) for secret in secrets])


@lru_cache(maxsize=8)
def _digest_keys(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(_derive(secret, b"digest") for secret in secrets)


def encrypt(text: str) -> str:
    """A token of the text under the newest key: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits."""
    nonce = os.urandom(_NONCE)
    return _GCM + base64.urlsafe_b64encode(nonce + _ring(_secrets())[0].encrypt(nonce, text.encode(), None)).decode()


def decrypt(token: str) -> str:
    """The text of a token. Raises ``cryptography.fernet.InvalidToken`` if no key opens it or if it was changed."""
    return _open(token, _secrets())


def _open(token: str, secrets: tuple[str, ...]) -> str:
    if not token.startswith(_GCM):
        return _old_ring(secrets).decrypt(token.encode()).decode()
    try:
        sealed = base64.b64decode(token[len(_GCM) :], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken from None
    for key in _ring(secrets):
        try:
            return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
        except (InvalidTag, ValueError):  # ValueError: too short for a nonce
            continue
    raise InvalidToken


def is_current(token: str) -> bool:
    """Whether it is what the newest key alone writes today; if not, it wants re-encryption."""
    try:
        _open(token, _secrets()[:1])
    except InvalidToken:
        return False
    return token.startswith(_GCM)


def normalise(text: str) -> str:
    """The form in which two ways of writing one e-mail address or telephone number are the same.

    >>> normalise(" Wang@Example.TW ") == normalise("wang@example.tw")
    True
    >>> normalise("+886 912-345-678") == normalise("0912 345 678")
    True
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if "@" in folded:
        return "mail:" + folded.casefold()
    if _PHONE.fullmatch(folded):
        digits = re.sub(r"\D", "", folded)
        if folded.startswith("+886") or folded.startswith("00886"):
            digits = "0" + re.sub(r"^0*8860?", "", digits)
        return "phone:" + digits
    return "text:" + " ".join(folded.casefold().split())


def digest(text: str) -> str:
    """HMAC-SHA256 of the normalised text as 32 hex digits (128 bits), to find records by e-mail or telephone.

    Without the key it cannot be reversed by trying all telephone numbers, which a plain hash can.
    """
    return _digest_with(_digest_keys(_secrets())[0], text)


def digests(text: str) -> list[str]:
    """The digests under every key of the ring, for look-ups while keys rotate: ``filter(x__in=digests(text))``."""
    return [_digest_with(key, text) for key in _digest_keys(_secrets())]


def _digest_with(key: bytes, text: str) -> str:
    return hmac.digest(key, normalise(text).encode(), "sha256").hex()[:32]


class EncryptedTextField(models.TextField):
    """Text that the database holds only encrypted. The empty text and NULL are stored as they are.

    ``digest_in`` names the column that holds ``digest(value)``, so that ``manage.py reencrypt`` renews it as well.
    A value that no key opens reads as ``Unreadable`` and is logged; it never breaks a list page.
    The only look-ups are ``isnull`` and ``exact`` with the empty text: find records by their digest.
    """

    def __init__(self, *args: Any, digest_in: str | None = None, **kwargs: Any) -> None:
        self.digest_in = digest_in
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        if self.digest_in:
            kwargs["digest_in"] = self.digest_in
        return name, path, args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if isinstance(value, Unreadable):
            return value.stored
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if not value:
            return value
        try:
            return decrypt(value)
        except InvalidToken:
            log.error("%s.%s holds a value that no key opens", self.model._meta.label, self.name)
            return Unreadable(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        if lookup_name == "exact":
            return _ExactEmpty
        raise FieldError(f"{self.name} is encrypted and knows no look-up {lookup_name!r}: look up its digest instead")


class _ExactEmpty(models.lookups.Exact):
    """``field=""`` alone: two encryptions of one text differ, so any other comparison would always be false."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise FieldError("an encrypted field compares with the empty text only: look up its digest instead")
        return self.rhs
