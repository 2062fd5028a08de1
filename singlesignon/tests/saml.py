"""A system that speaks SAML 2.0: python3-saml as its programmers use it, and by hand what the library never sends."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from django.test import Client as Browser
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from foundation import clock
from singlesignon.models import Client, RelyingSystem

ENTITY = "https://venue.example/saml/metadata"
ACS = "https://venue.example/saml/acs"
SLS = "https://venue.example/saml/sls"
SSO = "http://localhost:8000/saml/sso/"
SIGNED = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


def new_key() -> tuple[RSAPrivateKey, x509.Certificate]:
    """A key, and a certificate for it that ran out years ago, as old systems have them."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "venue.example")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(datetime(2012, 1, 1)).not_valid_after(datetime(2015, 1, 1))
    return key, made.sign(key, SHA256())


KEY, CERTIFICATE = new_key()
DER = base64.b64encode(CERTIFICATE.public_bytes(serialization.Encoding.DER)).decode()
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
).decode()


def library_settings(city_hall: dict[str, Any], *, signs: bool = True) -> dict[str, Any]:
    """The settings of python3-saml: strict, with what it read of the city hall's metadata."""
    return {
        "strict": True,
        "sp": {
            "entityId": ENTITY,
            "assertionConsumerService": {"url": ACS},
            "singleLogoutService": {"url": SLS},
            "x509cert": DER,
            "privateKey": PEM,
        },
        "security": {
            "authnRequestsSigned": signs, "logoutRequestSigned": True, "logoutResponseSigned": True,
            "wantMessagesSigned": True, "wantAssertionsSigned": True, "wantNameId": True,
            "signatureAlgorithm": SIGNED, "digestAlgorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
            "requestedAuthnContext": False, "rejectDeprecatedAlgorithm": True,
        },
    } | city_hall  # fmt: skip


def metadata(*, signs: bool = True) -> bytes:
    """The system's own metadata, as python3-saml writes them."""
    made = OneLogin_Saml2_Settings(library_settings({}, signs=signs), sp_validation_only=True).get_sp_metadata()
    return made if isinstance(made, bytes) else made.encode()


class Provider:
    """The system in the register, and the ways in which it asks."""

    def __init__(self, system: RelyingSystem, client: Client) -> None:
        self.system, self.client = system, client

    def library(self, city_hall: bytes, **request: Any) -> OneLogin_Saml2_Auth:
        """python3-saml for one request of a browser: ``get_data``, ``post_data``, and ``security`` for its settings."""
        known = OneLogin_Saml2_IdPMetadataParser.parse(city_hall)
        settings = library_settings({"idp": known["idp"]})
        settings["security"] |= request.pop("security", {})
        path = "/saml/sls" if "get_data" in request else "/saml/acs"
        given = {"https": "on", "http_host": "venue.example", "script_name": path, "get_data": {}, "post_data": {}}
        return OneLogin_Saml2_Auth(given | request, settings)

    def request(self, number: str = "_r1", *, inside: str = "", issued: datetime | None = None, **differs: str) -> str:
        """An AuthnRequest by hand; ``inside`` follows the issuer."""
        issuer = differs.pop("issuer", ENTITY)
        moment = (issued or clock.now()).astimezone(UTC)
        attributes = {
            "ID": number, "Version": "2.0", "IssueInstant": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "Destination": SSO, "AssertionConsumerServiceURL": ACS,
        } | differs  # fmt: skip
        written = " ".join(f'{name}="{value}"' for name, value in attributes.items() if value)
        return (
            '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
            f' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" {written}>'
            f"<saml:Issuer>{issuer}</saml:Issuer>{inside}</samlp:AuthnRequest>"
        )

    def ask(self, visitor: Browser, message: str, *, state: str = "", key: RSAPrivateKey | None = KEY) -> Any:
        """The message by an address, signed unless ``key`` is None."""
        return visitor.get(f"/saml/sso/?{in_address(message, state=state, key=key)}")

    def enter(self, visitor: Browser, message: str, **how: Any) -> Any:
        """What the person's browser gets after the message: the page with the answer, or what they have to do first."""
        response = self.ask(visitor, message, **how)
        assert response.status_code == 303, response.content.decode()[-1500:]
        return visitor.get(response["Location"])


def in_address(message: str, *, name: str = "SAMLRequest", state: str = "", key: RSAPrivateKey | None = KEY) -> str:
    """The query that brings a message, signed unless ``key`` is None."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packing.compress(message.encode()) + packing.flush()
    given = {name: base64.b64encode(packed).decode()} | ({"RelayState": state} if state else {})
    if key is None:
        return urlencode(given)
    query = urlencode(given | {"SigAlg": SIGNED})
    return (
        f"{query}&{urlencode({'Signature': base64.b64encode(key.sign(query.encode(), PKCS1v15(), SHA256())).decode()})}"
    )


def later(**how: float) -> datetime:
    """A moment from now on, or back."""
    return clock.now() + timedelta(**how)
