"""Devices without a keyboard: they show a code, and a person lets them in from a device that has one (RFC 8628)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.urls import reverse

from foundation import clock
from identity.models import User
from singlesignon.actions.authorizing import Proof
from singlesignon.actions.callers import Caller
from singlesignon.claims import issuer
from singlesignon.models import DeviceAuthorization, SignOn
from singlesignon.models.grant import digest, new_token
from singlesignon.rules import DEVICE, USER_CODE_LETTERS, Refusal, scopes_of, spelled

LASTS: Final = timedelta(minutes=10)
LETTERS: Final = 8  # of 20 each: 34 bits, which is enough for ten minutes behind a rate limit (RFC 8628, 5.1)


def begin(who: Caller, scope: str) -> dict[str, Any]:
    """A device code for the device and a short one for the person. Raises Refusal."""
    if DEVICE not in who.grants:
        raise Refusal("unauthorized_client", "this system has no devices")
    scopes = scopes_of(scope, who.scopes)
    if "openid" not in scopes:
        raise Refusal("invalid_scope", "scope must contain openid")
    code, now = new_token("ocd"), clock.now()
    for _attempt in range(5):
        letters = "".join(secrets.choice(USER_CODE_LETTERS) for _ in range(LETTERS))
        try:
            with transaction.atomic():
                made = DeviceAuthorization.objects.create(
                    digest=digest(code), user_code=letters, client_id=who.id, scopes=list(scopes),
                    expires_at=now + LASTS,
                )  # fmt: skip
            break
        except IntegrityError:
            continue
    else:
        raise Refusal("temporarily_unavailable", "no user code is free")
    page = issuer() + reverse("openid-device-page")
    shown = f"{letters[:4]}-{letters[4:]}"
    return {
        "device_code": code, "user_code": shown, "verification_uri": page,
        "verification_uri_complete": f"{page}?code={shown}", "expires_in": int(LASTS.total_seconds()),
        "interval": made.interval,
    }  # fmt: skip


def waiting(user_code: str) -> DeviceAuthorization | None:
    """The device that shows this code and waits for a person."""
    known = DeviceAuthorization.objects.select_related("client__system__agency")
    return known.filter(user_code=spelled(user_code), expires_at__gt=clock.now(), sign_on=None, refused_at=None).first()


@transaction.atomic
def decide(user: User, device: DeviceAuthorization, proof: Proof, *, let_in: bool) -> bool:
    """Let the device in as this person, or refuse it; False if somebody decided before."""
    found = DeviceAuthorization.objects.select_for_update().filter(
        pk=device.pk, sign_on=None, refused_at=None, expires_at__gt=clock.now()
    ).first()  # fmt: skip
    if found is None:
        return False
    if not let_in:
        found.refused_at = clock.now()
    else:
        # A session of its own: what a person leaves in the living room outlives the phone that let it in.
        found.sign_on = SignOn.objects.create(
            session=secrets.token_bytes(16).hex(), client=found.client, user=user, level=proof.level,
            methods=proof.methods, authenticated_at=datetime.fromtimestamp(proof.authenticated_at, UTC),
        )  # fmt: skip
    found.save(update_fields=["refused_at", "sign_on"])
    return True
