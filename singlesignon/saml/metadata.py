"""Metadata: the provider's own, and what is kept of a system's (SAML 2.0 Metadata)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from lxml import etree
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, BINDING_SOAP, md, samlp
from saml2 import xmldsig as ds
from saml2.validate import NotValid, valid_instance

from singlesignon.claims import issuer
from singlesignon.rules import Refusal, wrong_address
from singlesignon.saml import certificates, signatures
from singlesignon.saml.rules import PERSISTENT, TRANSIENT, instant

LARGEST: Final = 256 * 1024  # bytes of a system's metadata


class Unfit(Exception):
    """Metadata that cannot be registered: ``element`` is where, ``why`` a key of the pages' words, ``value`` what stood
    there."""

    def __init__(self, element: str, why: str, value: str = "") -> None:
        super().__init__(f"{element}: {why} {value}")
        self.element, self.why, self.value = element, why, value


@dataclass(frozen=True, slots=True)
class Described:
    """What is kept of a system's metadata; the names are those of `ServiceProvider` and `Client`."""

    entity_id: str
    redirect_uris: list[str]
    indexes: list[int]
    logout_uri: str
    backchannel_logout_uri: str
    certificates: list[str]
    signs: bool


def entity_id() -> str:
    """The provider's name, which is where its metadata lie."""
    return issuer() + reverse("saml-metadata")


def own() -> bytes:
    """The provider's metadata: where it is asked, the names it gives, the certificates that systems may meet."""
    sso, slo = issuer() + reverse("saml-sso"), issuer() + reverse("saml-slo")
    described = md.EntityDescriptor(
        entity_id=entity_id(),
        idpsso_descriptor=md.IDPSSODescriptor(
            protocol_support_enumeration=samlp.NAMESPACE,
            want_authn_requests_signed="false",
            key_descriptor=[
                md.KeyDescriptor(
                    use="signing",
                    key_info=ds.KeyInfo(
                        x509_data=ds.X509Data(
                            x509_certificate=ds.X509Certificate(text=certificates.in_metadata(certificate))
                        )
                    ),
                )
                for _key, certificate in certificates.published()
            ],
            single_logout_service=[md.SingleLogoutService(binding=BINDING_HTTP_REDIRECT, location=slo)],
            name_id_format=[md.NameIDFormat(text=PERSISTENT), md.NameIDFormat(text=TRANSIENT)],
            single_sign_on_service=[
                md.SingleSignOnService(binding=binding, location=sso)
                for binding in (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST)
            ],
        ),
    )
    return str(described).encode()


def read(document: bytes, *, live: bool, now: datetime) -> Described:
    """A system's metadata, as far as they are kept. Raises Unfit."""
    if len(document) > LARGEST:
        raise Unfit("EntityDescriptor", "long")
    try:
        root = signatures.parsed(document.strip())
    except Refusal as refusal:
        raise Unfit("EntityDescriptor", "dtd" if "DTD" in refusal.description else "xml") from None
    if root.tag == f"{{{md.NAMESPACE}}}EntitiesDescriptor":
        raise Unfit("EntityDescriptor", "several")
    described = md.entity_descriptor_from_string(etree.tostring(root))
    if described is None:
        raise Unfit("EntityDescriptor", "root", etree.QName(root).localname)
    name = (described.entity_id or "").strip()
    if not name or len(name) > 400:
        raise Unfit("entityID", "schema" if name else "missing")
    if not described.spsso_descriptor:
        raise Unfit("SPSSODescriptor", "missing")
    system = described.spsso_descriptor[0]
    try:
        valid_instance(system)
        ended = described.valid_until is not None and instant(described.valid_until) <= now
    except (NotValid, Refusal, ValueError) as error:
        raise Unfit("SPSSODescriptor", "schema", str(error)[:80]) from None
    if ended:
        raise Unfit("validUntil", "ended", described.valid_until)
    consumers = _consumers(system, live)
    out = [each for each in system.single_logout_service if each.binding == BINDING_HTTP_REDIRECT]
    soap = [each for each in system.single_logout_service if each.binding == BINDING_SOAP]
    keys = _certificates(system)
    signs = system.authn_requests_signed in ("true", "1")
    if (signs or out) and not keys:
        raise Unfit("KeyDescriptor", "unsigned")
    return Described(
        entity_id=name,
        redirect_uris=[address for address, _index in consumers],
        indexes=[index for _address, index in consumers],
        # Where answers go, if they go elsewhere than the requests (Metadata, 2.2.2).
        logout_uri=_address("SingleLogoutService", out[0].response_location or out[0].location, live) if out else "",
        backchannel_logout_uri=_address("SingleLogoutService", soap[0].location, live) if soap else "",
        certificates=keys,
        signs=signs,
    )


def _consumers(system: Any, live: bool) -> list[tuple[str, int]]:
    """The assertion consumer services by HTTP-POST with their numbers, the default first (Metadata, 2.4.4)."""
    found = [each for each in system.assertion_consumer_service if each.binding == BINDING_HTTP_POST]
    if not found:
        raise Unfit("AssertionConsumerService", "post")
    found.sort(key=lambda each: (each.is_default not in ("true", "1"), int(each.index or 0)))
    return [(_address("AssertionConsumerService", each.location, live), int(each.index or 0)) for each in found]


def _address(element: str, address: str, live: bool) -> str:
    wrong = wrong_address(address, live=live)
    if wrong or len(address) > 400:
        raise Unfit(element, wrong or "form", address[:80])
    return address


def _certificates(system: Any) -> list[str]:
    """The certificates for signatures, without those that are for encryption alone. Each must carry an RSA key."""
    found = [
        "".join(certificate.text.split())
        for key in system.key_descriptor
        if key.use != "encryption" and key.key_info
        for data in key.key_info.x509_data
        for certificate in (
            data.x509_certificate if isinstance(data.x509_certificate, list) else [data.x509_certificate]
        )
        if certificate is not None and certificate.text
    ]
    for text in found:
        try:
            signatures.rsa_key(signatures.loaded(text))
        except ValueError:
            raise Unfit("X509Certificate", "certificate", text[:40]) from None
    return list(dict.fromkeys(found))
