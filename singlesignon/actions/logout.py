"""The end of a session reaches every system that was entered out of it (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import requests
from django.db import transaction

from foundation import clock, jobs, outbound
from identity.models import User
from singlesignon import keys
from singlesignon.claims import issuer, subject
from singlesignon.models import Consent, Kind, LogoutNotice, RelyingSystem, SignOn, Token
from singlesignon.saml.bindings import LARGEST
from singlesignon.saml.responses import logout_request, succeeded

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TIMEOUT: Final = 5.0  # seconds for a system to take the word
LASTS: Final = timedelta(minutes=2)


class NotTaken(Exception):
    """A system did not take the word that somebody signed out; it is told again."""


@transaction.atomic
def sessions_ended(sids: Sequence[str]) -> None:
    """End the sign-ons of these sessions, and have each system told. ``settings.SESSIONS_ENDED`` names this."""
    end(list(SignOn.objects.running().filter(session__in=sids).select_related("client")))


@transaction.atomic
def end(sign_ons: Sequence[SignOn], *, all_tokens: bool = False) -> None:
    """End sign-ons: their access ends, their systems are told by a job.

    A refresh token that the person agreed to for the time after (offline_access) stays, as the standard has it, unless
    ``all_tokens``.
    """
    now = clock.now()
    ids = [sign_on.pk for sign_on in sign_ons]
    SignOn.objects.filter(pk__in=ids).update(ended_at=now)
    tokens = Token.objects.filter(sign_on__in=ids, revoked_at=None)
    (tokens if all_tokens else tokens.exclude(scopes__contains=["offline_access"])).update(revoked_at=now)
    told = [sign_on for sign_on in sign_ons if sign_on.client.backchannel_logout_uri]
    for notice in LogoutNotice.objects.bulk_create(LogoutNotice(sign_on=sign_on) for sign_on in told):
        jobs.defer("singlesignon.tell_of_logout", notice=notice.pk)


@transaction.atomic
def withdraw_consent(user: User, system: RelyingSystem) -> None:
    """The person takes back what the system may learn: its tokens end, also those for the time after."""
    Consent.objects.standing().filter(user=user, system=system).update(withdrawn_at=clock.now())
    running = SignOn.objects.filter(user=user, client__system=system).select_related("client")
    end(list(running.running()), all_tokens=True)
    Token.objects.filter(sign_on__in=running, revoked_at=None).update(revoked_at=clock.now())


def logout_token(sign_on: SignOn) -> str:
    """What a system is told: whose session, which one, that it is over. No nonce, so that it can be no ID token."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": issuer(), "aud": sign_on.client_id, "iat": now, "exp": now + int(LASTS.total_seconds()),
        "jti": uuid.uuid4().hex, "sub": subject(sign_on.user_id, sign_on.client.system.homepage),
        "sid": str(sign_on.pk), "events": {EVENT: {}},
    }  # fmt: skip
    return keys.sign(claims, typ="logout+jwt")


def tell(notice: LogoutNotice) -> None:
    """Bring the word to the system. Raises NotTaken, and the job tries again; what happened stays with the notice."""
    sign_on = notice.sign_on
    address = sign_on.client.backchannel_logout_uri
    try:
        error = _tell_by_soap(sign_on, address) if sign_on.client.system.kind == Kind.SAML else _tell(sign_on, address)
    except requests.RequestException as failed:
        error = type(failed).__name__
    notice.tries += 1
    notice.last_error = error
    notice.delivered_at = None if error else clock.now()
    notice.save(update_fields=["tries", "last_error", "delivered_at"])
    if error:
        raise NotTaken(f"{sign_on.client_id}: {error}")


def _tell(sign_on: SignOn, address: str) -> str:
    data = {"logout_token": logout_token(sign_on)}
    answer = outbound.request("POST", address, timeout=TIMEOUT, data=data)
    return "" if answer.status_code in (200, 204) else f"HTTP {answer.status_code}"


def _tell_by_soap(sign_on: SignOn, address: str) -> str:
    """The same in SAML: a LogoutRequest by SOAP (Profiles, 4.4.3.3). It is taken when the answer says Success."""
    body = logout_request(sign_on, address, clock.now())
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": "http://www.oasis-open.org/committees/security"}
    answer = outbound.request("POST", address, timeout=TIMEOUT, data=body, headers=headers, stream=True)
    with answer:
        if answer.status_code != 200:
            return f"HTTP {answer.status_code}"
        said = b""
        for part in answer.iter_content(LARGEST):
            said += part
            if len(said) > LARGEST:
                return "too long"
    return "" if succeeded(said) else "no Success"
