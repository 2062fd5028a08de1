"""The watch over sign-ins: what came into the log since last time is held against `singlesignon.suspicion`.

Both logs are read: of the agencies' systems and of the city hall's own sign-in page (`identity.SignInAttempt`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import override

from foundation import clock
from foundation.clock import today
from identity.models import SignInAttempt, User
from messages.actions import send
from organisation.models import Membership
from organisation.pack import pack
from singlesignon.models import Anomaly, Authentication, Watch
from singlesignon.places import place_of
from singlesignon.suspicion import Burst, Seen, bursts, is_impossible, is_new_country, kilometres

LAG: Final = timedelta(minutes=1)  # a line may be written a moment before it can be read
FIRST: Final = timedelta(days=1)  # how far the first watch looks back
KNOWN: Final = timedelta(days=365)  # so long a country stays known
A_LETTER: Final = timedelta(hours=1)


class Settled(Exception):
    """Somebody else has looked at it meanwhile; nothing changed."""


@transaction.atomic
def watch() -> list[Anomaly]:
    """Find what is new since the last watch. Two at a time wait for each other; twice or late does no harm."""
    until = clock.now() - LAG
    Watch.objects.get_or_create(pk=1, defaults={"until": until - FIRST})
    state = Watch.objects.select_for_update().get(pk=1)
    found = [*_journeys(state.until, until), *_failures(state.until, until)]
    known = set(Anomaly.objects.filter(key__in=[each.key for each in found]).values_list("key", flat=True))
    fresh = list({each.key: each for each in found if each.key not in known}.values())
    Anomaly.objects.bulk_create(fresh, ignore_conflicts=True)
    state.until = max(state.until, until)
    if fresh and (state.told_at is None or clock.now() - state.told_at >= A_LETTER):
        state.told_at = clock.now()
        _tell(len(fresh))
    state.save(update_fields=["until", "told_at"])
    return fresh


def settle(user: User, anomaly: Anomaly, note: str) -> None:
    """Note what came of looking at it. Raises Settled if somebody else did meanwhile."""
    waiting = Anomaly.objects.waiting().filter(pk=anomaly.pk)
    if not waiting.update(looked_at=clock.now(), looked_by=user, note=note):
        raise Settled


def _rule(name: str) -> float:
    return float(pack().rule(f"signon_{name}", today()).value)


def _journeys(since: datetime, until: datetime) -> Iterator[Anomaly]:
    """Who came from where nobody gets in the time, or from a country of which nothing is known of them."""
    speed, least = _rule("travel_speed"), _rule("travel_least")
    fresh = _entered(since, until)
    if not fresh:
        return
    before = _entered(since - KNOWN, since, list(fresh))
    for user, entries in fresh.items():
        past = before.get(user, [])
        countries, last = {seen.place.country for seen in past}, past[-1] if past else None
        for seen in entries:
            facts = {"country": seen.place.country}
            if last and is_impossible(last, seen, speed=speed, least=least):
                yield Anomaly(
                    kind=Anomaly.Kind.TRAVEL, key=f"travel {user} {seen.at:%Y%m%d%H%M}", at=seen.at, user_id=user,
                    facts={**facts, "from": last.place.country, "km": round(kilometres(last.place, seen.place)),
                           "minutes": round((seen.at - last.at).total_seconds() / 60)},
                )  # fmt: skip
            if is_new_country(countries, seen.place.country):
                yield Anomaly(
                    kind=Anomaly.Kind.COUNTRY, key=f"country {user} {seen.place.country}", at=seen.at, user_id=user,
                    facts={**facts, "known": sorted(countries)},
                )  # fmt: skip
            countries.add(seen.place.country)
            last = seen


def _entered(since: datetime, until: datetime, users: list[int] | None = None) -> dict[int, list[Seen]]:
    """Where people got in from, by account, the earliest first. Further back than a day each network once a day is
    enough, so that a year of a busy person is some hundred lines."""
    times = {"at__gt": since, "at__lte": until} | ({"user_id__in": users} if users is not None else {})
    own = SignInAttempt.objects.filter(outcome=SignInAttempt.Outcome.SUCCEEDED, user__isnull=False, **times)
    theirs = Authentication.objects.filter(error="", user__isnull=False, **times)
    if users is not None:
        days = theirs.values_list("user_id", "place", "at__date").annotate(last=Max("at"))
        lines = [(user, place, at) for user, place, _day, at in days.order_by()]
        mine = own.values_list("user_id", "client", "at__date").annotate(last=Max("at"))
        lines += [(user, client, at) for user, client, _day, at in mine.order_by()]
    else:
        lines = [*theirs.values_list("user_id", "place", "at"), *own.values_list("user_id", "client", "at")]
    found: dict[int, list[Seen]] = defaultdict(list)
    for user, network, at in sorted(lines, key=lambda line: line[2]):
        if place := place_of(network):
            found[user].append(Seen(at, place))
    return found


def _failures(since: datetime, until: datetime) -> Iterator[Anomaly]:
    """Accounts, networks and systems with many failures; a burst may have begun before the last watch ended."""
    most, within = int(_rule("failures")), timedelta(minutes=_rule("failures_minutes"))
    times = {"at__gt": since - within, "at__lte": until}
    refused = list(Authentication.objects.exclude(error="").filter(**times).values_list("user_id", "system_id", "at"))
    failed = list(
        SignInAttempt.objects.exclude(outcome=SignInAttempt.Outcome.SUCCEEDED)
        .filter(**times)
        .values_list("user_id", "client", "at")
    )
    people = [(str(user), at) for user, _where, at in (*refused, *failed) if user]
    kinds: Iterable[tuple[str, list[tuple[str, datetime]]]] = (
        (Anomaly.Kind.PERSON, people),
        (Anomaly.Kind.NETWORK, [(client, at) for _user, client, at in failed]),
        (Anomaly.Kind.SYSTEM, [(str(system), at) for _user, system, at in refused]),
    )
    for kind, failures in kinds:
        for burst in bursts(failures, most=most, within=within):
            if burst.last > since:
                yield _many(kind, burst)


def _many(kind: str, burst: Burst) -> Anomaly:
    """One an hour and subject: a burst that goes on is not found anew every ten minutes."""
    about: dict[str, Any] = {}
    if kind == Anomaly.Kind.PERSON:
        about["user_id"] = int(burst.subject)
    elif kind == Anomaly.Kind.SYSTEM:
        about["system_id"] = int(burst.subject)
    facts: dict[str, Any] = {"number": burst.number, "minutes": round((burst.last - burst.first).total_seconds() / 60)}
    if kind == Anomaly.Kind.NETWORK:
        facts["network"] = burst.subject
    return Anomaly(kind=kind, key=f"{kind} {burst.subject} {burst.last:%Y%m%d%H}", at=burst.last, facts=facts, **about)


def _tell(number: int) -> None:
    """One letter to every security officer."""
    officers = Membership.objects.in_force(today()).filter(role="security_officer", user__is_active=True)
    people = {each.user_id: each.user for each in officers.select_related("user") if each.user.email}
    for person in people.values():
        with override(person.language):
            send("singlesignon.anomalies", person.email, person.language, {"number": number}, "singlesignon.anomaly", 1)
