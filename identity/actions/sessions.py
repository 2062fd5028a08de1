"""Sessions: begun under a name of their own, and ended one, some or all, with word to whoever built on them."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from foundation import clock
from foundation.ratelimit import client_ip
from identity.grants import grants_for
from identity.models import AccountEvent, Session, User
from identity.models.session import new_sid
from identity.rules import PATIENT_ROLES
from identity.sessions import SITTING


def sid_of(request: HttpRequest) -> str:
    """The name of a signed-in person's session; one is given to a session that has none yet."""
    sitting: dict[str, Any] | None = request.session.get(SITTING)
    if sitting is None:
        sitting = request.session[SITTING] = {
            "sid": new_sid(),
            "since": clock.now().isoformat(),
            "device": request.headers.get("User-Agent", "")[:300],
            "client": client_ip(request)[:50],
            "idle": _idle_minutes(request.user),
        }
    return sitting["sid"]


def _idle_minutes(user: Any) -> int:
    return settings.SESSION_IDLE if grants_for(user).roles <= PATIENT_ROLES else settings.SESSION_IDLE_STAFF


def end_session(user: User, sid: str) -> bool:
    """End one session of a person from wherever they are; False if there is none of theirs by that name."""
    return bool(_end(list(Session.objects.of(user).filter(sid=sid).values_list("sid", flat=True))))


def end_other_sessions(user: User, but: str = "") -> int:
    """End every session of a person, or every one but this; how many."""
    found = Session.objects.of(user)
    return _end([sid for sid in found.values_list("sid", flat=True) if str(sid) != but])


@transaction.atomic
def end_sessions_of(actor: User, user: User) -> int:
    """End every session of somebody else, with the record of it; how many there were (ASVS 7.4.5)."""
    n = end_other_sessions(user)
    AccountEvent.objects.create(user=user, actor=actor, verb=AccountEvent.Verb.SESSIONS_ENDED)
    return n


@transaction.atomic
def end_everybodys_sessions(actor: User, but: str) -> int:
    """End every session of the city hall but this, with the record of it; how many there were (ASVS 7.4.5)."""
    found = Session.objects.filter(user__isnull=False).values_list("sid", flat=True)
    n = _end([sid for sid in found if str(sid) != but])
    AccountEvent.objects.create(user=actor, actor=actor, verb=AccountEvent.Verb.SESSIONS_ENDED, detail="everybody")
    return n


def ended(*sids: str) -> None:
    """Say that sessions are over to whoever built on them: ``settings.SESSIONS_ENDED`` names who.

    Those who build on sessions stand above this app, as with ``settings.GRANTS``.
    """
    if sids and settings.SESSIONS_ENDED:
        import_string(settings.SESSIONS_ENDED)(sids)


def _end(sids: Sequence[Any]) -> int:
    Session.objects.filter(sid__in=sids).delete()
    ended(*map(str, sids))
    return len(sids)
