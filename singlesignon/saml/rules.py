"""SAML's part of the provider as pure functions: what a system may ask for, and in which words it is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from singlesignon.rules import SCOPES, ClientFacts, Refusal, Wish

CLASSES: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
FORMATS: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
STATUS: Final = "urn:oasis:names:tc:SAML:2.0:status:"
PERSISTENT, TRANSIENT = FORMATS + "persistent", FORMATS + "transient"
UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
# As which class each level is answered, unless the system named another of the same level.
CLASS_OF: Final = {
    1: CLASSES + "PasswordProtectedTransport", 2: CLASSES + "MobileTwoFactorContract", 3: CLASSES + "SoftwarePKI",
}  # fmt: skip
LEVEL_OF: Final = {name: level for level, name in CLASS_OF.items()} | {
    CLASSES + "unspecified": 1, CLASSES + "Password": 1,
    CLASSES + "TimeSyncToken": 2, "https://refeds.org/profile/mfa": 2,
    CLASSES + "MobileTwoFactorUnregistered": 2, CLASSES + "SmartcardPKI": 3, CLASSES + "X509": 3,
}  # fmt: skip
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
SLACK: Final = timedelta(minutes=5)  # how far a system's clock may be off, and how old a message may be
# How an error of the provider is said in SAML: the status and the one below it (Core, 3.2.2.2).
_STATUSES: Final = {
    "login_required": ("Responder", "NoPassive"),
    "consent_required": ("Responder", "NoPassive"),
    "interaction_required": ("Responder", "NoAuthnContext"),
    "access_denied": ("Responder", "RequestDenied"),
    "unknown_principal": ("Responder", "UnknownPrincipal"),
    "no_authn_context": ("Requester", "NoAuthnContext"),
    "invalid_name_id_policy": ("Requester", "InvalidNameIDPolicy"),
}  # fmt: skip


def status_of(error: str) -> tuple[str, str]:
    """The two status codes under which a refusal is told to a system."""
    first, second = _STATUSES.get(error, ("Responder", "RequestDenied"))
    return STATUS + first, STATUS + second


def instant(text: str) -> datetime:
    """A moment of SAML: UTC, with a Z (Core, 1.3.3). Raises Refusal."""
    try:
        if not _INSTANT.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("invalid_request", "a moment is not written in UTC, as 2026-01-31T08:00:00Z") from None


def fresh(issued: datetime, now: datetime) -> bool:
    """Whether a message is of just now, both clocks allowed to be a little off."""
    return abs(now - issued) <= SLACK


def asked_level(classes: Sequence[str], comparison: str) -> int:
    """The least level that answers a RequestedAuthnContext, 0 where nothing is asked (Core, 3.3.2.2.1).

    Any of the classes will do. ``maximum`` binds nobody, as a proof that is better than asked is no harm. Raises
    Refusal for what no way here reaches.
    """
    if not classes:
        return 0
    levels = [LEVEL_OF[name] for name in classes if name in LEVEL_OF]
    if not levels:
        raise Refusal("no_authn_context", "none of the classes asked for is known here")
    if comparison == "maximum":
        return 0
    if comparison == "better":
        # Stronger than each of them.
        if max(levels) == max(CLASS_OF):
            raise Refusal("no_authn_context", "nothing here is stronger than the classes asked for")
        return max(levels) + 1
    return min(levels)


def answered_class(classes: Sequence[str], comparison: str, level: int) -> str:
    """The class to answer with at a level: one of those asked for where the match has to be exact, as systems compare
    letter by letter; a higher level holds what a lower one asks."""
    fitting = [name for name in classes if LEVEL_OF.get(name, 4) <= level]
    if comparison in ("", "exact") and fitting:
        return max(fitting, key=lambda name: LEVEL_OF[name])
    return CLASS_OF[max(level, 1)]


def name_format(asked: str) -> str:
    """The format of the name to give: persistent unless transient is asked for. Raises Refusal for any other."""
    if asked in ("", UNSPECIFIED, FORMATS + "unspecified"):
        return PERSISTENT
    if asked not in (PERSISTENT, TRANSIENT):
        raise Refusal("invalid_name_id_policy", "names are persistent or transient")
    return asked


def consumer(address: str, index: str, addresses: Sequence[str], indexes: Sequence[int]) -> str:
    """Where the answer goes: an address that is registered, by itself, by its number, or the first (Core, 3.4.1).

    Raises Refusal for any other: an answer is never sent to an unknown address.
    """
    if address:
        if address not in addresses:
            raise Refusal("unknown_address", address)
        return address
    if index:
        found = [known for known, number in zip(addresses, indexes, strict=False) if str(number) == index]
        if not found:
            raise Refusal("unknown_address", f"AssertionConsumerServiceIndex {index}")
        return found[0]
    if not addresses:
        raise Refusal("unknown_address", "")
    return addresses[0]


def wish(asked: Mapping[str, str], client: ClientFacts) -> Wish:
    """What a request that was weighed before (`requests.authn_request`) asks for. Raises Refusal, which may be told.

    SAML has no scopes: a system gets all that the register lets it have; the person still agrees to that.
    """
    name_format(asked.get("name_format", ""))
    level = asked_level(asked.get("classes", "").split(), asked.get("comparison", ""))
    prompts = frozenset(name for name in ("login", "none") if asked.get(name))
    if len(prompts) == 2:
        raise Refusal("login_required", "ForceAuthn and IsPassive exclude each other")
    return Wish(
        client_id=client.id,
        redirect_uri=asked["redirect_uri"],
        scopes=tuple(scope for scope in SCOPES if scope in client.scopes and scope != "offline_access"),
        state=asked.get("relay_state", ""),
        nonce=asked["id"],
        challenge="",
        prompts=prompts,
        max_age=None,
        level=max(client.level, level),
    )
