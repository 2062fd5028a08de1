"""A signature as PKCS#7: what of RFC 5652 a signed text of one signer needs. Pure.

The library writes such files and does not read them; so the structure is declared here and the library's own reader of
DER, which refuses what is not DER, does the rest.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.hashes import SHA256, Hash

SIGNED_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.2")
DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.1")
CONTENT_TYPE = x509.ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = x509.ObjectIdentifier("1.2.840.113549.1.9.4")
SHA256_OID = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
RSA_OIDS = {x509.ObjectIdentifier("1.2.840.113549.1.1.1"), x509.ObjectIdentifier("1.2.840.113549.1.1.11")}


@asn1.sequence
class Algorithm:
    oid: x509.ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class Attribute:
    oid: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class Signer:
    issuer: asn1.TLV
    serial: int


@asn1.sequence
class SignerInfo:
    version: int
    signer: Signer
    digest: Algorithm
    signed: Annotated[asn1.SetOf[Attribute] | None, asn1.Implicit(0)]
    algorithm: Algorithm
    signature: bytes
    unsigned: Annotated[asn1.SetOf[Attribute] | None, asn1.Implicit(1)]


@asn1.sequence
class Content:
    kind: x509.ObjectIdentifier
    octets: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    version: int
    digests: asn1.SetOf[Algorithm]
    content: Content
    certificates: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(0)]
    lists: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(1)]
    signers: asn1.SetOf[SignerInfo]


@asn1.sequence
class File:
    kind: x509.ObjectIdentifier
    data: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class _Set:
    attributes: asn1.SetOf[Attribute]


class NotSigned(ValueError):
    """It is no signature, by one RSA key with SHA-256, of that text."""


def signed_octets(der: bytes, text: bytes) -> tuple[bytes, bytes]:
    """The signature in a PKCS#7 file and the octets that it must be a signature of, if the file is about ``text``.

    Raises NotSigned. Whose key it was is for the caller to verify: certificates inside are not looked at.
    """
    try:
        file = asn1.decode_der(File, der)
    except ValueError as error:
        raise NotSigned(f"no PKCS#7: {error}") from None
    data = file.data
    signers = data.signers.as_list()
    if file.kind != SIGNED_DATA or data.content.kind != DATA or len(signers) != 1:
        raise NotSigned("not the data of one signer")
    (info,) = signers
    if info.digest.oid != SHA256_OID or info.algorithm.oid not in RSA_OIDS:
        raise NotSigned("not RSA with SHA-256")
    if data.content.octets is not None and data.content.octets != text:
        raise NotSigned("another text")
    if info.signed is None:
        return info.signature, text
    found = {attribute.oid: attribute.values.as_list() for attribute in info.signed.as_list()}
    if [value.parse(bytes) for value in found.get(MESSAGE_DIGEST, [])] != [_sha256(text)] or CONTENT_TYPE not in found:
        raise NotSigned("the attributes are about another text")
    # RFC 5652 §5.4: signed is the SET OF itself, not under the [0] that it is sent with.
    return info.signature, _without_header(asn1.encode_der(_Set(attributes=info.signed)))


def _without_header(sequence: bytes) -> bytes:
    """The contents of a DER SEQUENCE."""
    first = sequence[1]
    return sequence[2 + (first & 0x7F if first & 0x80 else 0) :]


def _sha256(octets: bytes) -> bytes:
    hashing = Hash(SHA256())
    hashing.update(octets)
    return hashing.finalize()
