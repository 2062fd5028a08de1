"""Signatures of SAML's messages: in the XML (Core, 5) and over an address (Bindings, 3.4.4.1).

What a signature covers is read from what was verified, never from the document beside it: so what is wrapped around
a signed part is not seen at all.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import unquote_plus

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from lxml import etree
from signxml import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConfiguration,
    SignatureConstructionMethod,
    SignatureMethod,
    XMLSigner,
    XMLVerifier,
)
from signxml.exceptions import SignXMLException

from singlesignon.rules import Refusal

RSA_SHA256: Final = SignatureMethod.RSA_SHA256.value
_HASHES: Final[dict[str, Callable[[], HashAlgorithm]]] = {
    RSA_SHA256: SHA256, SignatureMethod.RSA_SHA384.value: SHA384, SignatureMethod.RSA_SHA512.value: SHA512,
}  # fmt: skip
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_ISSUER: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}Issuer"
# SHA-1 is not among them, whatever an old system is set to.
_EXPECTED: Final = SignatureConfiguration(
    location="./",
    signature_methods=frozenset(SignatureMethod(name) for name in _HASHES),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}),
)


def parser() -> etree.XMLParser:
    """A parser without entities, DTDs and the net. Who calls it has bounded the size."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def parsed(document: bytes) -> etree._Element:
    """The root of a document that comes from outside. Raises Refusal for what is no XML, or brings a DTD."""
    try:
        root = etree.fromstring(document, parser())
    except etree.XMLSyntaxError:
        raise Refusal("invalid_xml", "the message is no XML") from None
    if root.getroottree().docinfo.doctype:
        raise Refusal("invalid_xml", "the message brings a DTD")
    return root


def signed(message: etree._Element, key: RSAPrivateKey, certificate: x509.Certificate) -> etree._Element:
    """The message with its signature where the schema wants it, after the issuer: RSA-SHA256, exclusive C14N."""
    issuer = message.find(_ISSUER)
    assert issuer is not None
    issuer.addnext(etree.Element(f"{{{DS}}}Signature", {"Id": "placeholder"}, nsmap={"ds": DS}))
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    return signer.sign(message, key=key, cert=[certificate], reference_uri=f"#{message.get('ID')}", id_attribute="ID")


def is_signed(message: etree._Element) -> bool:
    """Whether a signature stands anywhere in the message: what looks signed has to be signed well."""
    return message.find(f".//{{{DS}}}Signature") is not None


def verified(document: bytes, certificates: Sequence[str]) -> etree._Element:
    """What of the document was signed with one of these certificates (DER in base64). Raises Refusal.

    Only a signature in the message itself over the whole of it counts. A certificate stands for its key here; how
    long it is good is not asked, as the register is what trusts it (Metadata Interoperability Profile, 2.5.1).
    """
    root = parsed(document)
    for text in certificates:
        certificate = loaded(text)
        expected = replace(_EXPECTED, verification_time=certificate.not_valid_before_utc)
        try:
            result = XMLVerifier().verify(root, x509_cert=certificate, id_attribute="ID", expect_config=expected)
        except (SignXMLException, ValueError, InvalidSignature, etree.LxmlError):
            continue
        found = result[0].signed_xml if isinstance(result, list) else result.signed_xml
        if found is not None and (found.tag, found.get("ID")) == (root.tag, root.get("ID")) and root.get("ID"):
            return found
    raise Refusal("invalid_signature", "the signature fits none of the registered certificates")


def loaded(text: str) -> x509.Certificate:
    """A certificate from DER in base64, as metadata carries it. Raises ValueError."""
    return x509.load_der_x509_certificate(base64.b64decode(text, validate=False))


def rsa_key(certificate: x509.Certificate) -> RSAPublicKey:
    """The key of a certificate, if it is one that signatures are checked with. Raises ValueError."""
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm as error:
        raise ValueError("a key of a kind that is not known") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise ValueError("no RSA key of 2,048 bits or more")
    return key


def raw_parameters(query: str) -> dict[str, str]:
    """A query's parameters as they were sent, still encoded: the signature is over those very letters.

    Raises Refusal for one that comes twice, or whose name is encoded: it would be read and yet not be covered.
    """
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, _equals, value = part.partition("=")
        if "%" in name or "+" in name:
            raise Refusal("invalid_request", "the name of a parameter is encoded")
        if name in found:
            raise Refusal("invalid_request", f"{unquote_plus(name)[:40]} is given more than once")
        found[name] = value
    return found


def check_query(query: str, name: str, certificates: Sequence[str]) -> None:
    """Check the signature over a message in an address. Raises Refusal where it fits none of the certificates."""
    raw = raw_parameters(query)
    algorithm = _HASHES.get(unquote_plus(raw.get("SigAlg", "")))
    if algorithm is None:
        raise Refusal("invalid_signature", "signatures are made by RSA with SHA-256 or better")
    covered = "&".join(f"{part}={raw[part]}" for part in (name, "RelayState", "SigAlg") if part in raw)
    try:
        signature = base64.b64decode(unquote_plus(raw.get("Signature", "")), validate=False)
    except ValueError:
        signature = b""
    for text in certificates:
        try:
            rsa_key(loaded(text)).verify(signature, covered.encode(), PKCS1v15(), algorithm())
        except InvalidSignature:
            continue
        return
    raise Refusal("invalid_signature", "the signature fits none of the registered certificates")
