"""What systems send, read and weighed: requests to sign somebody in, and out (SAML 2.0 Core, 3.4 and 3.7).

An error here is told to the person and not to the system: who sent the message is not known before all of it is in
order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree
from saml2 import samlp
from saml2.validate import NotValid, valid_instance

from singlesignon.models import Client
from singlesignon.rules import Refusal
from singlesignon.saml import signatures
from singlesignon.saml.bindings import from_address, from_form, relay_state
from singlesignon.saml.rules import consumer, fresh, instant

Find = Callable[[str], Client | None]


class Unsound(Refusal):
    """A message that is not in order; ``client`` is from whom it says it is."""

    def __init__(self, refusal: Refusal, client: Client) -> None:
        super().__init__(refusal.error, refusal.description)
        self.client = client


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came: its parameters, and by which binding. ``query`` is the raw query of an address."""

    given: dict[str, str]
    query: str | None
    address: str  # of the page that took it, which its Destination has to be

    def document(self) -> bytes:
        """The message, unpacked. Raises Refusal."""
        text = self.given.get("SAMLRequest", "")
        if not text:
            raise Refusal("invalid_request", "SAMLRequest is missing")
        return from_form(text) if self.query is None else from_address(text)


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A system's word that somebody signed out of it: ``indexes`` are the sign-ons, empty for all of that person."""

    id: str
    client: Client
    name: str
    indexes: tuple[str, ...]
    relay_state: str


def authn_request(received: Received, find: Find, now: datetime) -> tuple[Client, dict[str, str]]:
    """Who asks to sign somebody in, and what for, as `rules.wish` reads it. Raises Refusal."""
    message, client = _message(received, samlp.AuthnRequest, find, now)
    try:
        return client, _asked(message, client, relay_state(received.given.get("RelayState", "")))
    except Refusal as refusal:
        raise Unsound(refusal, client) from None


def _asked(message: samlp.AuthnRequest, client: Client, state: str) -> dict[str, str]:
    policy, context = message.name_id_policy, message.requested_authn_context
    meant = message.subject.name_id if message.subject else None
    if message.protocol_binding not in (None, "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"):
        raise Refusal("invalid_request", "answers go by HTTP-POST alone")
    asked = {
        "id": message.id,
        "redirect_uri": consumer(
            message.assertion_consumer_service_url or "",
            message.assertion_consumer_service_index or "",
            client.redirect_uris,
            client.provider.indexes,
        ),
        "relay_state": state,
        "subject": (meant.text or "").strip() if meant else "",
        "login": _true(message.force_authn),
        "none": _true(message.is_passive),
        "name_format": (policy.format or "") if policy else "",
        # By declarations instead of classes nothing is known here; that is told to the system.
        "classes": (" ".join(_texts(context.authn_context_class_ref)) or "unknown") if context else "",
        "comparison": (context.comparison or "") if context else "",
    }
    return {name: value for name, value in asked.items() if value}


def logout_request(received: Received, find: Find, now: datetime) -> LogoutRequest:
    """Who was signed out by which system. It has to be signed: anyone could end people's sessions. Raises Refusal."""
    message, client = _message(received, samlp.LogoutRequest, find, now, must=True)
    if message.not_on_or_after and instant(message.not_on_or_after) <= now:
        raise Refusal("invalid_request", "the message has run out")
    if not client.provider.logout_uri:
        raise Refusal("invalid_request", "no SingleLogoutService is registered")
    return LogoutRequest(
        id=message.id,
        client=client,
        name=(message.name_id.text or "").strip() if message.name_id else "",
        indexes=tuple(_texts(message.session_index)),
        relay_state=relay_state(received.given.get("RelayState", "")),
    )


def _message(received: Received, kind: Any, find: Find, now: datetime, *, must: bool = False) -> tuple[Any, Client]:
    """A message and its sender, after everything that holds for each: signature, address, age. Raises Refusal."""
    document = received.document()
    client = find(_read(signatures.parsed(document), kind).issuer.text.strip())
    if client is None:
        raise Refusal("unknown_issuer", "")
    try:
        return _checked(received, kind, client, document, now, must), client
    except Refusal as refusal:
        raise Unsound(refusal, client) from None


def _checked(received: Received, kind: Any, client: Client, document: bytes, now: datetime, must: bool) -> Any:
    provider, root = client.provider, signatures.parsed(document)
    if received.query is not None:
        # In an address the signature stands beside the message (Bindings, 3.4.4.1); one inside does not count.
        has = bool(received.given.get("Signature"))
        if has:
            signatures.check_query(received.query, "SAMLRequest", provider.certificates)
    else:
        has = signatures.is_signed(root)
        if has:
            root = signatures.verified(document, provider.certificates)
    if (must or provider.signs) and not has:
        raise Refusal("invalid_signature", "the message is not signed")
    message = _read(root, kind)
    if message.issuer.text.strip() != provider.entity_id:
        raise Refusal("unknown_issuer", "")
    if message.version != "2.0":
        raise Refusal("invalid_request", "the version is not 2.0")
    # Whoever signs says for whom, else a message for another provider could be brought here (Bindings, 3.4.5.2).
    if (has or message.destination) and message.destination != received.address:
        raise Refusal("invalid_request", "the message is for another address (Destination)")
    if not fresh(instant(message.issue_instant), now):
        raise Refusal("invalid_request", "the message is not of just now (IssueInstant)")
    return message


def _read(root: etree._Element, kind: Any) -> Any:
    """The message as pysaml2 knows it: the right element, complete and well formed. Raises Refusal."""
    message = samlp.ELEMENT_FROM_STRING[kind.c_tag](etree.tostring(root))
    try:
        if message is None or message.issuer is None or not valid_instance(message):
            raise NotValid(kind.c_tag)
        if not (message.issuer.text or "").strip() or len(message.id) > 200 or "\0" in message.id:
            raise NotValid("Issuer")
    except (NotValid, ValueError, AttributeError, TypeError):
        raise Refusal("invalid_xml", f"the message is no complete {kind.c_tag}") from None
    return message


def _texts(elements: list[Any]) -> list[str]:
    return [text for element in elements if (text := (element.text or "").strip())]


def _true(text: str | None) -> str:
    return "1" if text in ("true", "1") else ""
