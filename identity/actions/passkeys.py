"""Passkeys (W3C Web Authentication level 3): offered, added, used to sign in, renamed and removed.

The library checks type, origin, challenge, RP ID, the flags and the signature; the counter and whose key it is are
checked here. Attestation is not asked for: which maker's key somebody uses is not the city's business.
"""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from foundation import clock
from foundation.encryption import digest
from identity.actions.factors import added, removed
from identity.models import Passkey, SignInAttempt, User

VERIFIED = UserVerificationRequirement.REQUIRED
MOST = 20  # passkeys of one person


class PasskeyRefused(Exception):
    """What the browser sent is not what was asked for: another origin, challenge, key or an older counter."""


def offer(user: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a browser needs to make a passkey for the person, and the state to keep until it answers."""
    mine = list(Passkey.objects.of(user))
    handle = bytes(mine[0].handle) if mine else os.urandom(32)
    person = PublicKeyCredentialUserEntity(id=handle, name=user.username, display_name=user.name)
    options, state = _server().register_begin(
        person,
        [_data(passkey) for passkey in mine],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=VERIFIED,
    )
    return dict(options)["publicKey"], {**state, "handle": handle.hex()}


@transaction.atomic
def add_passkey(user: User, name: str, state: Mapping[str, Any], answer: Mapping[str, Any]) -> Passkey:
    """Keep the passkey that the browser made. Raises PasskeyRefused."""
    try:
        made = _server().register_complete(state, answer)
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # what the library says of broken answers
        raise PasskeyRefused(str(error)) from error
    User.objects.select_for_update().get(pk=user.pk)
    if made.credential_data is None or Passkey.objects.of(user).count() >= MOST:
        raise PasskeyRefused("too many")
    try:
        with transaction.atomic():
            passkey = Passkey.objects.create(
                user=user,
                name=name,
                handle=bytes.fromhex(state["handle"]),
                credential_id=made.credential_data.credential_id,
                credential=bytes(made.credential_data),
                counter=made.counter,
            )
    except IntegrityError as error:
        raise PasskeyRefused("the key is known already") from error
    added(user, f"passkey {name}")
    return passkey


def ask(user: User | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a browser needs to prove that it holds a passkey: any of ours, or one of this person's; and the state."""
    mine = [_data(passkey) for passkey in Passkey.objects.of(user)] if user else None
    options, state = _server().authenticate_begin(mine, user_verification=VERIFIED)
    return dict(options)["publicKey"], state


def use_passkey(state: Mapping[str, Any], answer: Mapping[str, Any], user: User | None = None) -> User:
    """Whose passkey the browser has proved to hold (one of this person's, if given). Raises PasskeyRefused.

    WebAuthn level 3, 7.2 step 22: a counter that does not go up tells of a copied key and is refused. Those of synced
    passkeys stay 0, which is no sign of anything.
    """
    try:
        response = AuthenticationResponse.from_dict(answer)
        passkey = Passkey.objects.select_related("user").filter(credential_id=response.raw_id).first()
        if passkey is None or not passkey.user.is_active or (user and passkey.user_id != user.pk):
            raise PasskeyRefused("the key is nobody's")
        handle = response.response.user_handle
        if handle is not None and bytes(handle) != bytes(passkey.handle):
            raise PasskeyRefused("the key is another person's")
        _server().authenticate_complete(state, [_data(passkey)], response)
        counter = response.response.authenticator_data.counter
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyRefused(str(error)) from error
    goes_up = Q(counter__lt=counter) if counter else Q(counter=0)
    if not Passkey.objects.filter(goes_up, pk=passkey.pk).update(counter=counter, used_at=clock.now()):
        raise PasskeyRefused("the counter did not go up")
    return passkey.user


def try_passkey(state: Mapping[str, Any], answer: Mapping[str, Any], client: str) -> User | None:
    """Who signs in with a passkey, or None, with the record of the try. There is nothing to guess, so nothing locks."""
    user: User | None
    try:
        user = use_passkey(state, answer)
    except PasskeyRefused:
        user = None
    Outcome = SignInAttempt.Outcome
    SignInAttempt.objects.create(
        account=digest(user.username if user else "passkey of nobody"),
        user=user,
        client=client,
        method=SignInAttempt.Method.PASSKEY,
        outcome=Outcome.SUCCEEDED if user else Outcome.FAILED,
    )
    return user


def rename_passkey(passkey: Passkey, name: str) -> None:
    """Give a passkey another name."""
    passkey.name = name
    passkey.save(update_fields=["name"])


@transaction.atomic
def remove_passkey(passkey: Passkey) -> None:
    """Forget a passkey: its secret half stays in the device and opens nothing any more."""
    passkey.delete()
    removed(passkey.user, f"passkey {passkey.name}")


def _server() -> Fido2Server:
    """The library's server for our address: RP ID is the host of ``settings.PUBLIC_URL``, the origin all of it."""
    address = urlsplit(settings.PUBLIC_URL)
    origin = f"{address.scheme}://{address.netloc}"
    host = address.hostname or ""
    party = PublicKeyCredentialRpEntity(name=host, id=host)
    return Fido2Server(party, AttestationConveyancePreference.NONE, lambda sent: sent == origin)


def _data(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(passkey.credential))
