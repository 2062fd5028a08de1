"""Tokens: given for codes, refreshed, given to programs, looked up, revoked.

A door that 89 systems knock at all day: statements are prepared (foundation/inserting.py), and each way in takes as few
as truth allows.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from foundation import clock
from foundation.inserting import query
from identity.models import User
from singlesignon.actions.callers import COLUMNS, OPEN, STATES, Caller, accepted
from singlesignon.claims import claims_of, issuer, subject
from singlesignon.keys import sign
from singlesignon.models import RelyingSystem
from singlesignon.models.client import secret_digest
from singlesignon.models.grant import digest, new_token
from singlesignon.rules import CLIENT, CODE, DEVICE, REFRESH, SCOPES, Refusal, amr, answers, half_hash, scopes_of

ACCESS_LASTS: Final = timedelta(minutes=10)
ID_LASTS: Final = timedelta(minutes=5)
REFRESH_LASTS: Final = timedelta(days=30)  # anew with each exchange,
REFRESH_AT_MOST: Final = timedelta(days=180)  # but no longer than this from when the person proved who they are

_GIVE = """
INSERT INTO singlesignon_token (digest, kind, client_id, sign_on_id, family, scopes, issued_at, expires_at)
SELECT given.digest, given.kind, %(client)s, %(sign_on)s::uuid, %(family)s::uuid, string_to_array(given.scopes, ' '),
    %(now)s, given.until
FROM unnest(%(digests)s::varchar[], %(kinds)s::varchar[], %(scopes)s::text[], %(until)s::timestamptz[])
    AS given (digest, kind, scopes, until)
"""

# Whoever sets redeemed_at has the code: a second redemption waits for the first to commit, and finds it gone.
_REDEEM = """
UPDATE singlesignon_authorizationcode c SET redeemed_at = %(now)s
FROM singlesignon_signon o JOIN identity_user u ON u.id = o.user_id
WHERE c.digest = %(digest)s AND c.client_id = %(client)s AND c.redeemed_at IS NULL AND o.id = c.sign_on_id
RETURNING c.redirect_uri, c.challenge, c.nonce, c.expires_at, c.family, c.scopes,
    o.id, o.user_id, o.authenticated_at, o.level, o.methods, o.ended_at IS NULL AND u.is_active
"""

_REFRESH = """
UPDATE singlesignon_token t SET used_at = %(now)s
FROM singlesignon_signon o JOIN identity_user u ON u.id = o.user_id
WHERE t.digest = %(digest)s AND t.client_id = %(client)s AND t.kind = 'refresh' AND t.used_at IS NULL
    AND t.revoked_at IS NULL AND o.id = t.sign_on_id
RETURNING t.expires_at, t.family, t.scopes, o.id, o.user_id, o.authenticated_at, o.level, o.methods,
    u.is_active AND NOT EXISTS (
        SELECT FROM singlesignon_client c JOIN singlesignon_consent g ON g.system_id = c.system_id
        WHERE c.id = t.client_id AND g.user_id = o.user_id AND g.withdrawn_at >= t.issued_at)
"""

_POLL = """
UPDATE singlesignon_deviceauthorization d SET
    redeemed_at = CASE WHEN d.sign_on_id IS NOT NULL AND d.expires_at > %(now)s THEN %(now)s END,
    interval = d.interval + CASE WHEN d.polled_at + make_interval(secs => d.interval) > %(now)s THEN 5 ELSE 0 END,
    polled_at = %(now)s
FROM singlesignon_deviceauthorization before LEFT JOIN singlesignon_signon o ON o.id = before.sign_on_id
    LEFT JOIN identity_user u ON u.id = o.user_id
WHERE d.digest = %(digest)s AND d.client_id = %(client)s AND before.digest = d.digest AND d.redeemed_at IS NULL
RETURNING d.expires_at, d.refused_at, d.interval > before.interval, d.scopes,
    o.id, o.user_id, o.authenticated_at, o.level, o.methods, o.ended_at IS NULL AND u.is_active
"""

_REVOKE_FAMILY = """
UPDATE singlesignon_token SET revoked_at = %(now)s WHERE revoked_at IS NULL AND family IN (
    SELECT family FROM singlesignon_authorizationcode WHERE digest = %(digest)s AND client_id = %(client)s
    UNION ALL
    SELECT family FROM singlesignon_token
    WHERE digest = %(digest)s AND client_id = %(client)s AND kind = 'refresh')
"""

_REVOKE_ONE = """
UPDATE singlesignon_token SET revoked_at = %(now)s
WHERE digest = %(digest)s AND client_id = %(client)s AND kind = 'access' AND revoked_at IS NULL
"""

_GOOD = "t.revoked_at IS NULL AND t.used_at IS NULL AND t.expires_at > %(now)s"

# Asker and token in one statement. What the asker may not see is as unknown as what does not exist (RFC 7662, 2.2).
_INTROSPECT = f"""
SELECT {COLUMNS}, t.kind, t.client_id, t.scopes, t.issued_at, t.expires_at, o.user_id, o.level, o.authenticated_at,
    theirs.homepage
FROM singlesignon_client c JOIN singlesignon_relyingsystem s ON s.id = c.system_id
LEFT JOIN (
    singlesignon_token t JOIN singlesignon_client tc ON tc.id = t.client_id
    JOIN singlesignon_relyingsystem theirs ON theirs.id = tc.system_id
    LEFT JOIN singlesignon_signon o ON o.id = t.sign_on_id LEFT JOIN identity_user u ON u.id = o.user_id
) ON t.digest = %(token)s AND {_GOOD} AND (t.sign_on_id IS NULL OR u.is_active)
    AND (tc.system_id = c.system_id OR 'introspect' = ANY(s.scopes))
    AND theirs.state = ANY(CASE tc.environment WHEN 'live' THEN %(live)s::varchar[] ELSE %(sandbox)s::varchar[] END)
WHERE c.id = %(client)s AND {OPEN}
"""


def redeem(who: Caller, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
    """Tokens for a code, once. Raises Refusal ``invalid_grant``.

    A code that comes a second time was stolen on one of its ways: all that came of it is revoked (RFC 6749, 4.1.2).
    A code that comes with the wrong proof is spent all the same.
    """
    _may(who, CODE)
    now = clock.now()
    values = {"digest": digest(code), "client": who.id, "now": now}
    with transaction.atomic():
        rows = query(_REDEEM, values)
        if not rows:
            query(_REVOKE_FAMILY, values)
            refusal: Refusal | None = Refusal("invalid_grant", "the code is unknown or was used before")
        else:
            address, challenge, nonce, until, family, scopes, *sign_on, alive = rows[0]
            refusal = _wrong(
                (until <= now, "the code has run out"),
                (address != redirect_uri, "redirect_uri is not the one that the code was asked for with"),
                (not answers(verifier, challenge), "code_verifier does not answer the code_challenge"),
                (not alive, "the person has signed out"),
            )
            if refusal is None:
                return _answer(who, now, family, scopes, sign_on, nonce)
    assert refusal is not None
    raise refusal


def refresh(who: Caller, token: str, scope: str = "") -> dict[str, Any]:
    """New tokens for a refresh token, once. Raises Refusal ``invalid_grant``.

    One that was exchanged before, or comes while its exchange runs, has been copied: its family ends (RFC 9700, 4.14).
    """
    _may(who, REFRESH)
    now = clock.now()
    values = {"digest": digest(token), "client": who.id, "now": now}
    with transaction.atomic():
        rows = query(_REFRESH, values)
        if not rows:
            query(_REVOKE_FAMILY, values)
            refusal: Refusal | None = Refusal("invalid_grant", "the token is unknown, was used before or was revoked")
        else:
            until, family, scopes, *sign_on, alive = rows[0]
            refusal = _wrong((until <= now, "the token has run out"), (not alive, "the person has taken it back"))
            if refusal is None:
                # Fewer scopes may be asked for, never more; the next refresh token keeps those of the first.
                asked = list(scopes_of(scope, scopes)) if scope else scopes
                return _answer(who, now, family, asked, sign_on, "", kept=scopes)
    assert refusal is not None
    raise refusal


def for_program(who: Caller, scope: str) -> dict[str, Any]:
    """A token for a program that acts for itself (RFC 6749, 4.4): no person, no refresh token."""
    _may(who, CLIENT)
    if not who.proven:
        raise Refusal("unauthorized_client", "a system without a secret cannot ask for a token of its own")
    own = [name for name in who.scopes if name not in SCOPES]
    scopes = list(scopes_of(scope, own)) if scope else own
    now = clock.now()
    access = new_token("oca")
    _give(who, now, uuid.uuid4(), None, {access: ("access", scopes, now + ACCESS_LASTS)})
    return _bearer(access, scopes)


def for_device(who: Caller, device_code: str) -> dict[str, Any]:
    """Tokens for a device once a person let it in (RFC 8628, 3.5). Raises Refusal, also while it waits."""
    _may(who, DEVICE)
    now = clock.now()
    with transaction.atomic():
        rows = query(_POLL, {"digest": digest(device_code), "client": who.id, "now": now})
        if not rows:
            refusal: Refusal | None = Refusal("invalid_grant", "the device code is unknown or was used")
        else:
            until, refused, hasty, scopes, sign_on_id, *rest, alive = rows[0]
            refusal = (
                Refusal("expired_token", "the device code has run out") if until <= now
                else Refusal("access_denied", "the person refused") if refused
                else Refusal("slow_down", "ask less often") if hasty and sign_on_id is None
                else Refusal("authorization_pending", "the person has not decided") if sign_on_id is None
                else None if alive else Refusal("access_denied", "the person has signed out")
            )  # fmt: skip
            if refusal is None:
                return _answer(who, now, uuid.uuid4(), scopes, [sign_on_id, *rest], "")
    assert refusal is not None
    raise refusal


def introspect(client_id: str, secret: str, token: str) -> dict[str, Any]:
    """What a token is good for (RFC 7662), for its own system or for one that may ask about all; one statement."""
    values = {
        "client": client_id, "secret": secret_digest(client_id, secret), "token": digest(token), "now": clock.now(),
        **STATES,
    }  # fmt: skip
    rows = query(_INTROSPECT, values)
    if not accepted(rows, secret).proven:
        raise Refusal("invalid_client", "only a system that keeps a secret may ask")
    kind, client, scopes, issued, until, user, level, authenticated, homepage = rows[0][8:]
    if kind is None:
        return {"active": False}
    answer = {
        "active": True, "scope": " ".join(scopes), "client_id": client, "iss": issuer(), "aud": client,
        "token_type": "Bearer" if kind == "access" else "refresh_token",
        "iat": int(issued.timestamp()), "exp": int(until.timestamp()),
    }  # fmt: skip
    if user is not None:
        answer |= {"sub": subject(user, homepage), "acr": str(level), "auth_time": int(authenticated.timestamp())}
    return answer


def revoke(who: Caller, token: str) -> None:
    """The token opens nothing any more: of a refresh token, nothing of its family does (RFC 7009). Unknown: nothing."""
    values = {"digest": digest(token), "client": who.id, "now": clock.now()}
    query(_REVOKE_FAMILY, values)
    query(_REVOKE_ONE, values)


def _may(who: Caller, grant: str) -> None:
    if grant not in who.grants:
        raise Refusal("unauthorized_client", f"this system may not use {grant}")


def _wrong(*checks: tuple[bool, str]) -> Refusal | None:
    return next((Refusal("invalid_grant", why) for wrong, why in checks if wrong), None)


def _answer(
    who: Caller, now: datetime, family: uuid.UUID, scopes: list[str], sign_on: list[Any], nonce: str,
    kept: list[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write the tokens of a sign-on and put them into words (OpenID Connect Core, 3.1.3.3)."""
    sign_on_id, user_id, authenticated_at, level, methods = sign_on
    access = new_token("oca")
    given = {access: ("access", scopes, now + ACCESS_LASTS)}
    answer = _bearer(access, scopes)
    if "offline_access" in (kept or scopes) and REFRESH in who.grants:
        answer["refresh_token"] = new_token("ocr")
        until = min(now + REFRESH_LASTS, authenticated_at + REFRESH_AT_MOST)
        given[answer["refresh_token"]] = ("refresh", kept or scopes, until)
    if "openid" in scopes:
        answer["id_token"] = sign(
            {
                "iss": issuer(), "sub": subject(user_id, who.homepage), "aud": who.id, "iat": int(now.timestamp()),
                "exp": int((now + ID_LASTS).timestamp()), "auth_time": int(authenticated_at.timestamp()),
                "acr": str(level), "amr": amr(methods), "sid": str(sign_on_id), "at_hash": half_hash(access),
                **({"nonce": nonce} if nonce else {}),
            }
        )  # fmt: skip
    _give(who, now, family, sign_on_id, given)
    return answer


def _bearer(access: str, scopes: list[str]) -> dict[str, Any]:
    return {
        "access_token": access, "token_type": "Bearer", "expires_in": int(ACCESS_LASTS.total_seconds()),
        "scope": " ".join(scopes),
    }  # fmt: skip


def _give(
    who: Caller, now: datetime, family: uuid.UUID, sign_on: Any, given: dict[str, tuple[str, list[str], datetime]]
) -> None:
    kinds, scopes, until = zip(*given.values(), strict=True)
    values = {
        "client": who.id, "sign_on": sign_on, "family": family, "now": now,
        "digests": [digest(token) for token in given],
        "kinds": list(kinds), "scopes": [" ".join(names) for names in scopes], "until": list(until),
    }  # fmt: skip
    query(_GIVE, values)


_BEHIND = f"""
SELECT o.user_id, theirs.id, t.scopes FROM singlesignon_token t
JOIN singlesignon_client tc ON tc.id = t.client_id JOIN singlesignon_relyingsystem theirs ON theirs.id = tc.system_id
JOIN singlesignon_signon o ON o.id = t.sign_on_id JOIN identity_user u ON u.id = o.user_id
WHERE t.digest = %(token)s AND t.kind = 'access' AND {_GOOD} AND u.is_active AND 'openid' = ANY(t.scopes)
    AND theirs.state = ANY(CASE tc.environment WHEN 'live' THEN %(live)s::varchar[] ELSE %(sandbox)s::varchar[] END)
"""


def person_behind(token: str) -> dict[str, Any] | None:
    """The claims that an access token opens (OpenID Connect Core, 5.3), or None if it opens none."""
    rows = query(_BEHIND, {"token": digest(token), "now": clock.now(), **STATES})
    if not rows:
        return None
    user_id, system_id, scopes = rows[0]
    return claims_of(User.objects.get(pk=user_id), RelyingSystem.objects.get(pk=system_id), scopes)
