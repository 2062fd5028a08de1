"""How messages travel: by an address or by a form (SAML 2.0 Bindings, 3.4 and 3.5), in bounded size."""

from __future__ import annotations

import base64
import zlib
from typing import Final
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from singlesignon.rules import Refusal
from singlesignon.saml.signatures import RSA_SHA256

LARGEST: Final = 64 * 1024  # bytes of a message, unpacked; a request of a system has one or two thousand
RELAY_STATE: Final = 1024  # letters; the standard asks for 80, systems put addresses into it


def from_form(text: str) -> bytes:
    """A message out of a form. Raises Refusal."""
    try:
        message = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise Refusal("invalid_request", "the message is not in base64") from None
    if len(message) > LARGEST:
        raise Refusal("invalid_request", "the message is too long")
    return message


def from_address(text: str) -> bytes:
    """A message out of an address: deflated, and unpacked no further than ``LARGEST``. Raises Refusal."""
    packed = from_form(text)
    unpacking = zlib.decompressobj(-15)
    try:
        message = unpacking.decompress(packed, LARGEST)
    except zlib.error:
        raise Refusal("invalid_request", "the message is not deflated") from None
    if unpacking.unconsumed_tail:
        raise Refusal("invalid_request", "the message is too long")
    if not unpacking.eof:
        raise Refusal("invalid_request", "the message is not deflated")
    return message


def relay_state(text: str) -> str:
    """What the system wants back with the answer. Raises Refusal for more than ``RELAY_STATE`` letters."""
    if len(text) > RELAY_STATE:
        raise Refusal("invalid_request", "RelayState is too long")
    return text


def for_form(message: bytes) -> str:
    """A message for a form."""
    return base64.b64encode(message).decode()


def for_address(address: str, name: str, message: bytes, state: str, key: RSAPrivateKey) -> str:
    """The address with a message as ``SAMLRequest`` or ``SAMLResponse``, signed by RSA-SHA256."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packing.compress(message) + packing.flush()
    given = {name: base64.b64encode(packed).decode()} | ({"RelayState": state} if state else {})
    query = urlencode(given | {"SigAlg": RSA_SHA256})
    signature = base64.b64encode(key.sign(query.encode(), PKCS1v15(), SHA256())).decode()
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}{query}&{urlencode({'Signature': signature})}"
