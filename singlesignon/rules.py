"""The provider's protocol as pure functions: what a system may ask for, and what it is told.

Standards: OAuth 2.0 (RFC 6749) as narrowed by RFC 9700 (code flow alone, PKCE for everyone, exact addresses), PKCE
(RFC 7636), native apps (RFC 8252), the issuer in the answer (RFC 9207), OpenID Connect Core 1.0.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

CODE, REFRESH, CLIENT, DEVICE = (
    "authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code",
)  # fmt: skip
GRANTS: Final = (CODE, REFRESH, CLIENT, DEVICE)
SCOPES: Final = ("openid", "profile", "email", "phone", "agency", "offline_access")
CLAIMS: Final = {
    "profile": ("name", "locale"),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "agency": ("agencies",),
}
PROMPTS: Final = frozenset({"none", "login", "consent"})
LEVELS: Final = ("1", "2", "3")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = frozenset({"127.0.0.1", "[::1]"})


class Refusal(Exception):
    """A request that is refused, with an error code of the standards and a sentence for who wrote the system."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description = error, description


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What a request is weighed against: who asks."""

    id: str
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str]
    grants: frozenset[str]
    native: bool = False
    level: int = 1
    pushed_only: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A request to sign somebody in that is in order. ``level`` is the least that will do; ``max_age`` in seconds."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str
    challenge: str
    prompts: frozenset[str]
    max_age: int | None
    level: int
    hint: str = ""
    login_hint: str = ""


def single(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters of a request. None may come twice, an empty one counts as left out (RFC 6749, 3.1)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if "\0" in name + value:
            raise Refusal("invalid_request", "the request holds a NUL")  # which no column of text can keep
        if name in found:
            raise Refusal("invalid_request", f"{name} is given more than once")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def returns_to(asked: str, registered: Sequence[str], native: bool = False) -> bool:
    """Whether an address is one of those registered: letter by letter (RFC 9700, 2.1).

    An app on the person's own device listens on whatever port is free: on the loopback address, and there alone, the
    port of an app does not count (RFC 8252, 7.3).
    """
    if asked in registered:
        return True
    if not native:
        return False
    here = _without_port(asked)
    return here is not None and any(_without_port(known) == here for known in registered)


def _without_port(address: str) -> tuple[str, str, str] | None:
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc
    except ValueError:
        return None
    return (host, parts.path, parts.query) if parts.scheme == "http" and host in _LOOPBACK else None


def wrong_address(address: str, *, live: bool, native: bool = False) -> str:
    """Why an address cannot be registered, as a key of the pages' words; empty if it can.

    https without a fragment; before a system is live, and for apps, also http on the machine itself; for apps a scheme
    of their own that is a name turned round (RFC 8252, 7.1).
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "form"
    if parts.fragment or "#" in address:
        return "fragment"
    if not address.isascii() or any(sign in address for sign in " \t\r\n\\*"):
        return "form"
    if parts.username is not None or parts.password is not None:
        return "form"
    if parts.scheme == "https":
        return "" if host else "form"
    if parts.scheme == "http" and host in {"127.0.0.1", "::1", "localhost"}:
        return "" if native or not live else "https"
    if native and re.fullmatch(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+", parts.scheme):
        return ""
    return "https"


def wish(given: Mapping[str, str], client: ClientFacts, *, pushed: bool = False) -> Wish:
    """What the request asks for, if it is in order. Raises Refusal, which may go to the client's address.

    The address itself must have been weighed before (``returns_to``): an error is never sent to an unknown one.
    """
    if client.pushed_only and not pushed:
        raise Refusal("invalid_request", "this system must push its requests (RFC 9126)")
    for name in ("request", "registration"):
        if name in given:
            raise Refusal(f"{name}_not_supported", f"{name} is not supported")
    if given.get("response_type") != "code":
        known = given.get("response_type") is not None
        raise Refusal("unsupported_response_type" if known else "invalid_request", "response_type must be code")
    if CODE not in client.grants:
        raise Refusal("unauthorized_client", "this system may not use the authorization code flow")
    if given.get("response_mode", "query") != "query":
        raise Refusal("invalid_request", "response_mode must be query")
    if given.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(given.get("code_challenge", "")):
        raise Refusal("invalid_request", "PKCE with S256 is asked of every system (RFC 7636)")
    scopes = scopes_of(given.get("scope", ""), client.scopes)
    if "openid" not in scopes:
        raise Refusal("invalid_scope", "scope must contain openid")
    prompts = frozenset(given.get("prompt", "").split())
    if not prompts <= PROMPTS:
        raise Refusal("invalid_request", f"unknown prompt {' '.join(sorted(prompts - PROMPTS))}")
    if "none" in prompts and len(prompts) > 1:
        raise Refusal("invalid_request", "prompt none stands alone")
    return Wish(
        client_id=client.id,
        redirect_uri=given["redirect_uri"],
        scopes=scopes,
        state=given.get("state", ""),
        nonce=given.get("nonce", ""),
        challenge=given["code_challenge"],
        prompts=prompts,
        max_age=_seconds(given.get("max_age")),
        level=max(client.level, asked_level(given.get("acr_values", ""))),
        hint=given.get("id_token_hint", ""),
        login_hint=given.get("login_hint", ""),
    )


def scopes_of(text: str, allowed: Collection[str]) -> tuple[str, ...]:
    """The scopes asked for in the house's order. What a system may not have is refused and not silently dropped."""
    asked = set(text.split())
    if beyond := asked - set(allowed):
        raise Refusal("invalid_scope", f"this system may not ask for {' '.join(sorted(beyond))}")
    return tuple(sorted(asked, key=lambda scope: (SCOPES.index(scope) if scope in SCOPES else len(SCOPES), scope)))


def asked_level(values: str) -> int:
    """The least level among ``acr_values`` that we know, 0 for none: the list is a wish in order of liking, and any
    of them will do (OpenID Connect Core, 3.1.2.1)."""
    return min((int(value) for value in values.split() if value in LEVELS), default=0)


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Refusal("invalid_request", "max_age must be a number of seconds")
    return int(text)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who sits there, or nobody: when they last proved it (seconds since 1970), to which level."""

    signed_in: bool
    authenticated_at: int = 0
    level: int = 0


ENTER, AGAIN, RAISE, CONSENT, GRANT = "enter", "again", "raise", "consent", "grant"
_SILENT: Final = {
    ENTER: ("login_required", "nobody is signed in"),
    AGAIN: ("login_required", "the person signed in too long ago"),
    RAISE: ("interaction_required", "the person must prove who they are at a higher level"),
    CONSENT: ("consent_required", "the person has not agreed yet"),
}  # fmt: skip


def next_step(asked: Wish, sitting: Sitting, consented: bool, *, now: int, since: int | None, asked_once: bool) -> str:
    """What has to happen next: sign in, sign in anew, reach a higher level, agree, or nothing more (``GRANT``).

    ``since`` is when this very request came first: for ``prompt=login`` only a sign-in after it counts; None says it
    came just now. ``asked_once`` is whether the person has agreed in answer to this request. Raises Refusal for
    ``prompt=none`` where a step is missing.
    """
    # Who signed in for this very request is not asked again, however small max_age is: it would never end.
    for_this = since is not None and sitting.authenticated_at >= since
    too_old = asked.max_age is not None and now - sitting.authenticated_at > asked.max_age
    if not sitting.signed_in:
        step = ENTER
    elif ("login" in asked.prompts or too_old) and not for_this:
        step = AGAIN
    elif sitting.level < asked.level:
        step = RAISE
    elif not asked_once and (not consented or "consent" in asked.prompts):
        step = CONSENT
    else:
        step = GRANT
    if step != GRANT and "none" in asked.prompts:
        raise Refusal(*_SILENT[step])
    return step


def answers(verifier: str, challenge: str) -> bool:
    """Whether this is the secret behind a challenge of PKCE (RFC 7636, 4.6; S256 alone)."""
    if not _UNRESERVED.fullmatch(verifier):
        return False
    return hmac.compare_digest(challenge_of(verifier), challenge)


def challenge_of(verifier: str) -> str:
    """BASE64URL(SHA256(verifier)) without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def pairwise(user: int, sector: str, salt: bytes) -> str:
    """The name under which a sector knows a person: another for each, so that two systems cannot compare notes.

    OpenID Connect Core, 8.1. HMAC-SHA256, 128 bits of it in hex; without the salt it cannot be turned back.
    """
    return hmac.digest(salt, f"{sector}\0{user}".encode(), "sha256").hex()[:32]


def passing(sign_on: str, salt: bytes) -> str:
    """A name that holds for one sign-on alone (SAML 2.0 Core, 8.3.8). Made of its number, so that nothing is kept."""
    return "_" + hmac.digest(salt, f"transient\0{sign_on}".encode(), "sha256").hex()[:32]


def with_answer(address: str, answer: Mapping[str, str]) -> str:
    """The address with the answer's parameters after those that it has; empty ones are left out."""
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True) + [(name, value) for name, value in answer.items() if value]
    return urlunsplit(parts._replace(query=urlencode(query)))


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Client and secret of an ``Authorization: Basic`` header, both form-encoded (RFC 6749, 2.3.1); None for others."""
    scheme, _sep, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except ValueError:
        return None
    name, colon, secret = text.partition(":")
    return (unquote_plus(name), unquote_plus(secret)) if colon else None


def half_hash(text: str) -> str:
    """``at_hash`` of a token under RS256: the left half of its SHA-256 (OpenID Connect Core, 3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode("ascii")).digest()[:16]).rstrip(b"=").decode()


# What the person did, in the words of RFC 8176.
_AMR: Final = {"password": "pwd", "totp": "otp", "recovery": "otp", "passkey": "hwk", "fido": "swk", "code": "sms",
    "text": "sms",
}  # fmt: skip


def amr(methods: Iterable[str]) -> list[str]:
    """Authentication methods as RFC 8176 calls them, ``mfa`` added where there are several factors."""
    found = sorted({_AMR.get(method, method) for method in methods})
    return [*found, "mfa"] if len(found) > 1 or "hwk" in found or "swk" in found else found


# Letters that cannot be mistaken for each other, for codes that people copy from one screen to another (RFC 8628, 6.1).
USER_CODE_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"


def spelled(code: str) -> str:
    """A user code as it is kept: capitals without what people put between, e.g. ``wdjb-mjht`` is ``WDJBMJHT``."""
    return re.sub(r"[^A-Z]", "", code.upper())


FAILURES_TOLD: Final = 2  # in a row: one is a hiccup of the network


def answers_well(status: int) -> bool:
    """Whether a home page that answers so is there: also one that asks who comes (401, 403) or sends on."""
    return 200 <= status < 400 or status in (401, 403)


def turn_of(failures: int, failed: bool) -> str:
    """What one more look means after so many failures in a row: ``down``, ``up``, or nothing new ("")."""
    if failed:
        return "down" if failures + 1 == FAILURES_TOLD else ""
    return "up" if failures >= FAILURES_TOLD else ""
