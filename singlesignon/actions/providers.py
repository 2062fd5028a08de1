"""Systems that speak SAML 2.0: found by the name in their metadata, and their sign-ons by what they call them."""

from __future__ import annotations

from uuid import UUID

from singlesignon.actions.authorizing import is_open
from singlesignon.models import Client, Kind, SignOn
from singlesignon.saml.requests import LogoutRequest
from singlesignon.saml.responses import name_of


def named(entity_id: str) -> Client | None:
    """The client of that entityID, whatever its system's state; only to be read."""
    known = Client.objects.select_related("system__agency", "provider")
    return known.filter(provider__entity_id=entity_id, system__kind=Kind.SAML).first() if entity_id else None


def find(entity_id: str) -> Client | None:
    """The client of that entityID whose system people may sign in to today."""
    found = named(entity_id)
    return found if found and is_open(found) else None


def meant(request: LogoutRequest, session: str) -> list[SignOn]:
    """The running sign-ons that a system's word of a sign-out is about: those of its numbers, or, without one, the one
    out of the person's own session. The name has to be the one that the system was given."""
    client = request.client
    running = SignOn.objects.running().filter(client=client)
    if request.indexes:
        found = running.filter(pk__in=[index for index in request.indexes if _is_number(index)])
    else:
        found = running.filter(session=session) if session else running.none()
    return [each for each in found if name_of(each, client.system.homepage, each.name_format) == request.name]


def _is_number(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
