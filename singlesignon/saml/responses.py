"""What the provider says: who a person is, why it does not, and that a session is over (SAML 2.0 Core, 2.3, 3.3,
3.7)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lxml import etree
from saml2 import saml, samlp

from singlesignon.claims import passing_subject, subject
from singlesignon.models import SignOn
from singlesignon.rules import Refusal
from singlesignon.saml import certificates, signatures
from singlesignon.saml.metadata import entity_id
from singlesignon.saml.rules import PERSISTENT, STATUS, TRANSIENT, status_of

LASTS: Final = timedelta(minutes=2)  # for the answer to arrive; a system's session lasts as long as it likes
_PREFIXES: Final = {"saml": saml.NAMESPACE, "samlp": samlp.NAMESPACE}
_EARLIER: Final = timedelta(seconds=30)  # systems' clocks go slow


@dataclass(frozen=True, slots=True)
class Answer:
    """To what is answered, and where: the request's ``ID``, the address registered, the system's entityID."""

    request: str
    address: str
    audience: str


def name_of(sign_on: SignOn, homepage: str, form: str) -> str:
    """The person's name for a system: OpenID's ``sub``, or one that only this sign-on has."""
    return passing_subject(sign_on.pk) if form == TRANSIENT else subject(sign_on.user_id, homepage)


def assertion(
    answer: Answer, sign_on: SignOn, *, name: str, form: str, context: str, claims: Mapping[str, Any], now: datetime
) -> bytes:
    """The answer that vouches for a person: an assertion in a response, each signed for itself.

    ``context`` is the class of authentication, ``claims`` what the person agreed to; the level stands among them.
    """
    until = _instant(now + LASTS)
    vouched = saml.Assertion(
        id=_id(), version="2.0", issue_instant=_instant(now), issuer=_issuer(),
        subject=saml.Subject(
            name_id=_name_id(name, form, answer.audience),
            subject_confirmation=saml.SubjectConfirmation(
                method=saml.SCM_BEARER,
                subject_confirmation_data=saml.SubjectConfirmationData(
                    in_response_to=answer.request, recipient=answer.address, not_on_or_after=until
                ),
            ),
        ),
        conditions=saml.Conditions(
            not_before=_instant(now - _EARLIER), not_on_or_after=until,
            audience_restriction=saml.AudienceRestriction(audience=saml.Audience(text=answer.audience)),
        ),
        authn_statement=saml.AuthnStatement(
            authn_instant=_instant(sign_on.authenticated_at), session_index=str(sign_on.pk),
            authn_context=saml.AuthnContext(authn_context_class_ref=saml.AuthnContextClassRef(text=context)),
        ),
        attribute_statement=saml.AttributeStatement(attribute=list(_attributes(claims, sign_on.level))),
    )  # fmt: skip
    response = _response(answer, now, samlp.Status(status_code=samlp.StatusCode(value=STATUS + "Success")))
    response.append(_signed(vouched))
    return _bytes(signatures.signed(response, *certificates.signing()))


def refusal(answer: Answer, error: str, why: str, now: datetime) -> bytes:
    """The answer that vouches for nobody, with the reason (Core, 3.2.2)."""
    first, second = status_of(error)
    status = samlp.Status(
        status_code=samlp.StatusCode(value=first, status_code=samlp.StatusCode(value=second)),
        status_message=samlp.StatusMessage(text=why),
    )
    return _bytes(signatures.signed(_response(answer, now, status), *certificates.signing()))


def logout_response(request: str, address: str, now: datetime) -> bytes:
    """The answer to a system that signed somebody out; its signature goes beside it in the address."""
    return str(
        samlp.LogoutResponse(
            id=_id(), version="2.0", issue_instant=_instant(now), issuer=_issuer(), destination=address,
            in_response_to=request, status=samlp.Status(status_code=samlp.StatusCode(value=STATUS + "Success")),
        )
    ).encode()  # fmt: skip


def logout_request(sign_on: SignOn, address: str, now: datetime) -> bytes:
    """Word to a system that a sign-on is over, signed, in an envelope of SOAP (Profiles, 4.4.3.3)."""
    client = sign_on.client
    form = sign_on.name_format or PERSISTENT
    message = samlp.LogoutRequest(
        id=_id(), version="2.0", issue_instant=_instant(now), issuer=_issuer(), destination=address,
        not_on_or_after=_instant(now + LASTS),
        name_id=_name_id(name_of(sign_on, client.system.homepage, form), form, client.provider.entity_id),
        session_index=[samlp.SessionIndex(text=str(sign_on.pk))],
    )  # fmt: skip
    space = "http://schemas.xmlsoap.org/soap/envelope/"
    envelope = etree.Element(f"{{{space}}}Envelope", nsmap={"soap": space})
    etree.SubElement(envelope, f"{{{space}}}Body").append(_signed(message))
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def succeeded(answer: bytes) -> bool:
    """Whether a system's answer by SOAP says that it has done what it was told. Not weighed further: nothing follows
    from it but that the system is not told again."""
    try:
        root = signatures.parsed(answer)
    except Refusal:
        return False
    found = root.find(
        f".//{{{samlp.NAMESPACE}}}LogoutResponse/{{{samlp.NAMESPACE}}}Status/{{{samlp.NAMESPACE}}}StatusCode"
    )
    return found is not None and found.get("Value") == STATUS + "Success"


def _response(answer: Answer, now: datetime, status: samlp.Status) -> etree._Element:
    return _element(
        samlp.Response(
            id=_id(), version="2.0", issue_instant=_instant(now), issuer=_issuer(), destination=answer.address,
            in_response_to=answer.request, status=status,
        )
    )  # fmt: skip


def _attributes(claims: Mapping[str, Any], level: int) -> Iterable[saml.Attribute]:
    """Claims under the names that they have in OpenID. Where somebody works is taken apart, a value a membership: SAML
    has no values with parts."""
    flat: dict[str, list[str]] = {}
    for name, value in {**claims, "level": level}.items():
        if name == "agencies":
            for part in ("agency", "agency_name", "unit", "unit_name", "post", "role"):
                flat[part] = list(dict.fromkeys(entry[part] for entry in value if entry[part]))
        else:
            flat[name] = [value if isinstance(value, str) else json.dumps(value)]
    for name, texts in flat.items():
        if texts:
            values = [saml.AttributeValue(text=text) for text in texts]
            yield saml.Attribute(name=name, name_format=saml.NAME_FORMAT_BASIC, attribute_value=values)


def _name_id(name: str, form: str, audience: str) -> saml.NameID:
    return saml.NameID(format=form, name_qualifier=entity_id(), sp_name_qualifier=audience, text=name)


def _issuer() -> saml.Issuer:
    return saml.Issuer(text=entity_id())


def _signed(message: Any) -> etree._Element:
    return signatures.signed(_element(message), *certificates.signing())


def _element(message: Any) -> etree._Element:
    # The same prefixes in every message: else a part that was signed alone is renamed when it comes into another.
    return etree.fromstring(message.to_string(_PREFIXES), signatures.parser())


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root)


def _id() -> str:
    return f"_{uuid.uuid4().hex}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
