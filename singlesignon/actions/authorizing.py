"""Vouching for a person: requests that wait, consent, and the code that a system turns into tokens."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import Resolver404, resolve

from foundation import clock
from foundation.inserting import query
from identity.models import User
from organisation.permissions import grants_of
from singlesignon.models import (
    AnsweredRequest,
    AuthorizationRequest,
    Client,
    Consent,
    Environment,
    Kind,
    RelyingSystem,
    SignOn,
)
from singlesignon.models.grant import digest, new_token
from singlesignon.rules import SCOPES, ClientFacts, Refusal, Wish, wish
from singlesignon.saml import rules as saml
from singlesignon.states import LIVE_OPEN, SANDBOX_OPEN

CODE_LASTS: Final = timedelta(seconds=60)
PUSHED_LASTS: Final = timedelta(seconds=90)
WAITING_LASTS: Final = timedelta(minutes=30)  # for the person to find their password or their phone
URN: Final = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True, slots=True)
class Proof:
    """How sure the provider is of who sits there, and from where they came."""

    session: str
    authenticated_at: int
    level: int
    methods: list[str]
    place: str


def named(client_id: str) -> Client | None:
    """The client of that name, whatever its system's state; only to be read.

    Kept by each process for ``NEWS_SECONDS``, as long as it may not know of a suspension; tokens end with it at once.
    """
    known = _known.get(client_id)
    if known is None or known[0] < monotonic():
        found = Client.objects.select_related("system__agency").filter(pk=client_id).first() if client_id else None
        if found is None:
            return None
        known = _known[client_id] = (monotonic() + settings.NEWS_SECONDS, found)
    return known[1]


_known: dict[str, tuple[float, Client]] = {}
forget = _known.clear


def find_client(client_id: str) -> Client | None:
    """The client whose system people may sign in to today; None for none."""
    found = named(client_id)
    return found if found and is_open(found) else None


def is_open(client: Client) -> bool:
    """Whether people may sign in through the client today, as far as its system's state goes."""
    return client.system.state in (LIVE_OPEN if client.environment == Environment.LIVE else SANDBOX_OPEN)


def facts(client: Client) -> ClientFacts:
    """What a request of this client is weighed against."""
    system = client.system
    return ClientFacts(
        id=client.pk,
        redirect_uris=tuple(client.redirect_uris),
        scopes=frozenset(system.scopes),
        grants=frozenset(system.grants),
        native=system.kind == Kind.NATIVE,
        level=system.level,
        pushed_only=client.pushed_only,
    )


def wish_of(client: Client, parameters: Mapping[str, str], *, pushed: bool = False) -> Wish:
    """What a request that waits asks for, in whichever protocol its system speaks. Raises Refusal."""
    if client.system.kind == Kind.SAML:
        return saml.wish(parameters, facts(client))
    return wish(parameters, facts(client), pushed=pushed)


def hold(client: Client, parameters: Mapping[str, str], *, pushed: bool = False) -> str:
    """Keep a request until it is answered; the ``request_uri`` by which it goes on."""
    handle = new_token("oar")
    now = clock.now()
    AuthorizationRequest.objects.create(
        digest=digest(handle), client=client, parameters=dict(parameters), pushed=pushed, at=None if pushed else now,
        expires_at=now + (PUSHED_LASTS if pushed else WAITING_LASTS),
    )  # fmt: skip
    return URN + handle


def held(request_uri: str) -> AuthorizationRequest | None:
    """The request that waits under this name, unless it has run out."""
    if not request_uri.startswith(URN):
        return None
    known = AuthorizationRequest.objects.select_related("client__system__agency")
    return known.filter(pk=digest(request_uri.removeprefix(URN)), expires_at__gt=clock.now()).first()


def bound_for(address: str) -> RelyingSystem | None:
    """The system whose request goes on at this address of ours; None for other addresses, and for a request that ran
    out or that the person refused. ``settings.BOUND_FOR`` names this."""
    try:
        found = resolve(urlsplit(address).path)
    except (Resolver404, ValueError):
        return None
    token = found.kwargs.get("token", "") if found.url_name == "openid-resume" else ""
    waiting = held(URN + token) if token and "\0" not in token else None
    return waiting.client.system if waiting and not waiting.refused_at else None


def wait_longer(request: AuthorizationRequest) -> None:
    """A pushed request whose person has to do something first lives from now on as long as any that waits."""
    if request.at is None:
        request.at = clock.now()
        request.expires_at = request.at + WAITING_LASTS
        request.save(update_fields=["at", "expires_at"])


def refuse(request: AuthorizationRequest) -> None:
    """The person does not agree; the system learns it when the request goes on."""
    request.refused_at = clock.now()
    request.save(update_fields=["refused_at"])


def agreed(user: User, client: Client, wish: Wish) -> bool:
    """Whether the person agreed to these scopes for the system before; nothing but a name needs no word.

    To stay able to look when the person is gone is agreed to each time anew (OpenID Connect Core, 11).
    """
    wanted = set(wish.scopes) - {"openid"}
    if "offline_access" in wanted:
        return False
    if not wanted:
        return True
    given = Consent.objects.visible_to(user).standing().filter(system=client.system_id)
    return any(wanted <= set(scopes) for scopes in given.values_list("scopes", flat=True))


@transaction.atomic
def agree(user: User, request: AuthorizationRequest, wish: Wish) -> None:
    """Write down what the person agreed to, beside what they agreed to before, and let this request go on."""
    scopes = set(wish.scopes)
    known = Consent.objects.select_for_update().standing().filter(user=user, system=request.client.system_id).first()
    if known and not scopes <= set(known.scopes):
        known.withdrawn_at = clock.now()
        known.save(update_fields=["withdrawn_at"])
    if not known or known.withdrawn_at:
        scopes |= set(known.scopes) if known else set()
        Consent.objects.create(
            user=user, system=request.client.system, scopes=[scope for scope in SCOPES if scope in scopes]
        )
    request.agreed_by = user
    request.save(update_fields=["agreed_by"])


def may_try(user: User, client: Client) -> bool:
    """Whether the person may enter: a system under test lets in its own agency and demo accounts alone."""
    if client.environment == Environment.LIVE or user.is_demo:
        return True
    return any(reach.agency_id == client.system.agency_id for reach in grants_of(user).reaches)


_ENTERED = """
    INSERT INTO singlesignon_signon AS known
        (id, session, client_id, user_id, authenticated_at, level, methods, name_format, started_at)
    SELECT %(new)s::uuid, %(session)s::uuid, %(client)s, %(user)s::bigint, %(authenticated)s::timestamptz,
        %(level)s::smallint, %(methods)s::varchar[], %(name_format)s, %(now)s::timestamptz
    {source}
    ON CONFLICT (session, client_id) DO UPDATE SET
        authenticated_at = EXCLUDED.authenticated_at, level = EXCLUDED.level, methods = EXCLUDED.methods,
        name_format = EXCLUDED.name_format, ended_at = NULL
    RETURNING id
"""
_LOGGED = """
INSERT INTO singlesignon_authentication (at, system_id, environment, user_id, methods, level, error, place)
SELECT %(now)s::timestamptz, %(system)s::bigint, %(environment)s, %(user)s::bigint, %(methods)s::varchar[],
    %(level)s::smallint, '', %(place)s
"""

_VOUCH = f"""
WITH entered AS ({_ENTERED.format(source="")}
), given AS (
    INSERT INTO singlesignon_authorizationcode
        (digest, client_id, sign_on_id, redirect_uri, scopes, nonce, challenge, family, expires_at)
    SELECT %(digest)s, %(client)s, id, %(redirect_uri)s, %(scopes)s::varchar[], %(nonce)s, %(challenge)s,
        %(family)s::uuid, %(until)s FROM entered
), answered AS (
    DELETE FROM singlesignon_authorizationrequest WHERE digest = %(request)s
)
{_LOGGED}"""

_ANSWERED = """
    INSERT INTO singlesignon_answeredrequest (digest, client_id, at) VALUES (%(once)s, %(client)s, %(now)s)
    ON CONFLICT DO NOTHING RETURNING digest
"""

_VOUCH_ONCE = f"""
WITH once AS ({_ANSWERED}
), entered AS ({_ENTERED.format(source="FROM once")}
), answered AS (
    DELETE FROM singlesignon_authorizationrequest WHERE digest = %(request)s
), logged AS ({_LOGGED} FROM once
)
SELECT id FROM entered
"""

_NOT_VOUCHED = """
INSERT INTO singlesignon_authentication (at, system_id, environment, user_id, methods, level, error, place)
VALUES (%(now)s, %(system)s, %(environment)s, %(user)s, %(methods)s::varchar[], %(level)s, %(error)s, %(place)s)
"""


def vouch(client: Client, user_id: int, proof: Proof, wish: Wish, request_key: str = "") -> str:
    """A code for the system: sign-on, code, log and the end of the request that waited, in one statement.

    Another session of the person under the same name is the same sign-on, with the newer proof.
    """
    code = new_token("occ")
    now = clock.now()
    values = {
        **_entered(client, user_id, proof, now), "digest": digest(code), "redirect_uri": wish.redirect_uri,
        "scopes": list(wish.scopes), "nonce": wish.nonce, "challenge": wish.challenge, "family": uuid.uuid4(),
        "until": now + CODE_LASTS, "request": request_key,
    }  # fmt: skip
    query(_VOUCH, values)
    return code


def vouch_once(client: Client, user_id: int, proof: Proof, wish: Wish, request_key: str, form: str) -> SignOn | None:
    """The sign-on to tell the system of, in answer to the request of this ``nonce``; None if that was answered before.

    For SAML, whose answers carry everything themselves: the line in ``AnsweredRequest``, the sign-on, the log and the
    end of the request that waited are one statement, so of two answers at once one is given. ``form`` is the name's
    format.
    """
    values = {
        **_entered(client, user_id, proof, clock.now()), "name_format": form, "request": request_key,
        "once": _once(client, wish.nonce),
    }  # fmt: skip
    rows = query(_VOUCH_ONCE, values)
    return SignOn.objects.get(pk=rows[0][0]) if rows else None


def refuse_once(client: Client, request_id: str, request_key: str) -> bool:
    """Let a request end without anybody being vouched for; False if it was answered before."""
    values = {"once": _once(client, request_id), "client": client.pk, "now": clock.now()}
    AuthorizationRequest.objects.filter(pk=request_key).delete()
    return bool(query(_ANSWERED, values))


def was_answered(client: Client, request_id: str) -> bool:
    """Whether a request was answered, to tell the person before they do anything for it."""
    return AnsweredRequest.objects.filter(pk=_once(client, request_id)).exists()


def note_refusal(client: Client, user_id: int | None, proof: Proof, refusal: Refusal) -> None:
    """Write down that a request ended without a code."""
    query(_NOT_VOUCHED, {**_logged(client, user_id, proof, clock.now()), "error": refusal.error[:40]})


def _once(client: Client, request_id: str) -> str:
    return digest(f"{client.pk}:{request_id}")


def _entered(client: Client, user_id: int, proof: Proof, now: datetime) -> dict[str, Any]:
    return _logged(client, user_id, proof, now) | {
        "new": uuid.uuid4(), "session": proof.session, "client": client.pk, "name_format": "",
        "authenticated": datetime.fromtimestamp(proof.authenticated_at, UTC),
    }  # fmt: skip


def _logged(client: Client, user_id: int | None, proof: Proof, now: Any) -> dict[str, Any]:
    return {
        "now": now, "system": client.system_id, "environment": client.environment, "user": user_id,
        "methods": proof.methods, "level": proof.level, "place": proof.place,
    }  # fmt: skip
