"""The register of relying systems: applied for, reviewed, tried, live, suspended, ended; and their credentials."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import override

from figures import actions as figures
from foundation import clock
from foundation.clock import TAIPEI
from identity.models import User
from organisation.models import Agency
from singlesignon.actions.authorizing import forget
from singlesignon.actions.counting import SYSTEMS
from singlesignon.actions.logout import end
from singlesignon.models import (
    Client,
    ClientSecret,
    Environment,
    Kind,
    RelyingSystem,
    ServiceProvider,
    SignOn,
    SystemEvent,
)
from singlesignon.models.client import new_secret, secret_digest
from singlesignon.rules import CLIENT, CODE, DEVICE, REFRESH
from singlesignon.saml.certificates import fingerprint
from singlesignon.saml.metadata import Described
from singlesignon.saml.signatures import loaded
from singlesignon.states import LIFE

SECRET_LASTS: Final = timedelta(days=365)
OVERLAP: Final = timedelta(days=7)  # how long the old secret is good beside the new one
# What a kind of system may be given; a system that people enter has a code flow, one without people its own token.
GRANTS_OF: Final = {
    Kind.WEB: (CODE, REFRESH, CLIENT),
    Kind.NATIVE: (CODE, REFRESH, DEVICE),
    Kind.SERVICE: (CLIENT,),
    Kind.SAML: (),
}


class Conflict(Exception):
    """Somebody else moved the system meanwhile, or it may not move so; nothing changed."""


class Taken(Exception):
    """Another system is registered under that entityID."""


@transaction.atomic
def apply(user: User, agency: Agency, terms: Mapping[str, Any], redirect_uris: list[str]) -> RelyingSystem:
    """A new application of an agency, with the addresses of its test environment."""
    system = RelyingSystem.objects.create(agency=agency, applied_by=user, **terms)
    _client(system, Environment.SANDBOX, redirect_uris)
    _record(user, system, "apply", "")
    return system


@transaction.atomic
def change(user: User, system: RelyingSystem, terms: Mapping[str, Any]) -> None:
    """Other facts about a system. The record names which, with what they were; what widens is for the review to see."""
    found = RelyingSystem.objects.select_for_update().get(pk=system.pk)
    changed = [name for name, value in terms.items() if getattr(found, name) != value]
    if not changed:
        return
    told = _in_words(found, terms, changed)
    for name in changed:
        setattr(found, name, terms[name])
    found.save(update_fields=changed)
    _record(user, found, "change", told)


@transaction.atomic
def change_client(user: User, client: Client, terms: Mapping[str, Any]) -> None:
    """Other addresses for a client, from the next request on."""
    found = Client.objects.select_for_update().get(pk=client.pk)
    changed = [name for name, value in terms.items() if getattr(found, name) != value]
    told = f"[{found.get_environment_display()}]\n{_in_words(found, terms, changed)}"
    for name in changed:
        setattr(found, name, terms[name])
    if changed:
        found.save(update_fields=changed)
        _record(user, found.system, "change", told)


@transaction.atomic
def describe(user: User, client: Client, described: Described) -> None:
    """Take over what a system's metadata say, from the next request on. Raises Taken where another has that
    entityID."""
    found = Client.objects.select_for_update().get(pk=client.pk)
    known = ServiceProvider.objects.filter(entity_id=described.entity_id).exclude(client=found)
    known.filter(client__system__state="ended").delete()  # who left gives the name back
    try:
        with transaction.atomic():
            ServiceProvider.objects.update_or_create(
                client=found,
                defaults={name: getattr(described, name) for name in
                          ("entity_id", "indexes", "logout_uri", "certificates", "signs")},
            )  # fmt: skip
    except IntegrityError:
        raise Taken(described.entity_id) from None
    found.redirect_uris = described.redirect_uris
    found.backchannel_logout_uri = described.backchannel_logout_uri
    found.save(update_fields=["redirect_uris", "backchannel_logout_uri"])
    lines = [described.entity_id, *described.redirect_uris, described.logout_uri, described.backchannel_logout_uri]
    lines += [fingerprint(loaded(text)) for text in described.certificates]
    told = "\n".join(line for line in lines if line)
    _record(user, found.system, "metadata", f"[{found.get_environment_display()}]\n{told}")


@transaction.atomic
def perform(user: User, system: RelyingSystem, verb: str, text: str = "") -> RelyingSystem:
    """Move a system along its life (`singlesignon.states`). Raises Conflict where it may not go so now."""
    found = RelyingSystem.objects.select_for_update().get(pk=system.pk)
    transition = LIFE.transition(verb, found.state)
    if transition is None or verb == "change":
        raise Conflict(f"{verb} out of {found.state}")
    found.state = transition.otherwise if verb == "resume" and found.live_at else transition.target
    if verb == "release":
        found.live_at = clock.now()
        _client(found, Environment.LIVE, [])
    if verb == "end":
        found.ended_at = clock.now()
    found.save(update_fields=["state", "live_at", "ended_at"])
    if verb in ("release", "end"):
        figures.touch(SYSTEMS, {clock.today(), *([found.live_at.astimezone(TAIPEI).date()] if found.live_at else [])})
    if verb in ("suspend", "end"):
        # Nobody stays inside a system that may not be entered any more.
        end(list(SignOn.objects.running().filter(client__system=found).select_related("client")), all_tokens=True)
    _record(user, found, verb, text)
    return found


@transaction.atomic
def issue_secret(user: User, client: Client) -> str:
    """A new secret, shown once; those before it are good for ``OVERLAP`` more, while it is put in."""
    locked = Client.objects.select_for_update().select_related("system").get(pk=client.pk)
    if locked.system.kind in (Kind.NATIVE, Kind.SAML):
        raise Conflict("what runs on people's own devices keeps no secret, and SAML knows none")
    now = clock.now()
    locked.secrets.filter(expires_at__gt=now + OVERLAP).update(expires_at=now + OVERLAP)
    secret = new_secret()
    ClientSecret.objects.create(
        client=locked, digest=secret_digest(locked.pk, secret), hint=secret[:8], expires_at=now + SECRET_LASTS
    )
    _record(user, locked.system, "secret", f"{locked.environment} {secret[:8]}")
    return secret


@transaction.atomic
def end_old_secrets(user: User, client: Client) -> int:
    """The newest secret alone is good from now on; how many ended."""
    now = clock.now()
    newest = client.secrets.order_by("-issued_at").first()
    old = client.secrets.filter(expires_at__gt=now).exclude(pk__in=[newest.pk] if newest else [])
    gone = 0
    for secret in old:
        secret.delete()
        gone += 1
    if gone:
        _record(user, client.system, "old_secrets", f"{client.environment} {gone}")
    return gone


def _in_words(record: RelyingSystem | Client, terms: Mapping[str, Any], changed: list[str]) -> str:
    """What is changed, as the record keeps it: in Chinese, whoever did it."""

    def said(value: Any) -> str:
        return "、".join(map(str, value)) if isinstance(value, list) else str(value)

    with override("zh-hant"):
        return "\n".join(
            f"{record._meta.get_field(name).verbose_name}：{said(getattr(record, name)) or '-'} → "  # type: ignore[union-attr]
            f"{said(terms[name]) or '-'}"
            for name in changed
        )


def _client(system: RelyingSystem, environment: str, redirect_uris: list[str]) -> Client:
    return Client.objects.create(
        id=uuid.uuid4().hex, system=system, environment=environment, redirect_uris=redirect_uris
    )


def _record(user: User | None, system: RelyingSystem, verb: str, text: str) -> None:
    """Whatever changed about a system is written down, and this process knows it at once."""
    transaction.on_commit(forget)
    forget()
    SystemEvent.objects.create(system=system, by=user, verb=verb, text=text)
