"""The years of the single account up to the demo's, written by the database itself: millions of lines in a minute."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from random import Random

from django.db import connection

from cases.demo import add_teller
from figures import actions as figures
from foundation.clock import TAIPEI, now, today
from identity.models import User
from organisation.models import Agency
from singlesignon.actions import counting, housekeeping
from singlesignon.actions.register import GRANTS_OF
from singlesignon.demo import words
from singlesignon.models import Client, Environment, Kind, RelyingSystem, SystemEvent
from singlesignon.states import LIFE

# As the report of 111 prints them: systems, and sign-ins since the beginning.
SYSTEMS, AUTHENTICATIONS = 89, 4_680_000
LEAST = 6  # systems of the smallest demo
YEARS_BEFORE = 3  # the account is so much older than the demo's year
LATELY, A_DAY = 30, 12  # the days up to now, and how often a system is entered on one of them
REFUSED = 0.01

# Every line is at some moment between eight and twenty o'clock, of a system that was live by then, of somebody in turn.
_LINES = """
INSERT INTO singlesignon_authentication (at, system_id, environment, user_id, methods, level, error, place)
SELECT at, (%(systems)s::bigint[])[1 + (n::bigint * 7919 %% width_bucket(at, %(live)s::timestamptz[]))::int], 'live',
    (%(people)s::bigint[])[1 + n %% %(many)s],
    CASE WHEN n %% 10 < 6 THEN '{password}' WHEN n %% 10 < 8 THEN '{password,totp}' WHEN n %% 10 = 8 THEN '{passkey}'
        ELSE '{fido}' END::varchar[],
    CASE WHEN n %% 10 < 6 THEN 1 WHEN n %% 10 < 9 THEN 2 ELSE 3 END, %(error)s,
    (ARRAY['203.0.113.0/24', '198.51.100.0/24', '192.0.2.0/24', '2001:db8::/48'])[1 + n %% 4]
FROM (
    SELECT n, %(first)s::timestamptz + make_interval(
        days => floor(%(days)s * power(n / %(lines)s::float, %(bend)s))::int,
        secs => 8 * 3600 + 43199 * (n * 0.6180339887 - floor(n * 0.6180339887))::float) AS at
    FROM generate_series(0, %(lines)s - 1) AS n
) AS line WHERE at < %(until)s
"""


@add_teller
def tell(rng: Random, officers: dict[int, list[int]], year: int, scale: float) -> int:
    """Write the register and the log; there are no cases among them."""
    first, last = date(year - YEARS_BEFORE, 1, 1), date(year, 12, 31)
    systems = _register(rng, first, last, max(LEAST, round(SYSTEMS * scale)))
    housekeeping.partitions(first, today())
    lines = round(AUTHENTICATIONS * scale)
    # Less than one to one with the days: every year there are more.
    _log(systems, first, last, lines, bend=0.75)
    _log(systems, first, last, round(lines * REFUSED), bend=0.75, error="access_denied")
    lately = today() - timedelta(days=LATELY)
    _log(systems, lately, today(), LATELY * A_DAY * len(systems))
    _log(systems, lately, today(), LATELY * A_DAY * len(systems) // 50, error="access_denied")
    counting.roll_up(first, last)
    counting.roll_up(lately, today())
    # The year itself and this one are counted with the rest of the demo.
    before = [first + timedelta(days=n) for n in range((date(year, 1, 1) - first).days)]
    for group in (counting.GROUP, counting.SYSTEMS):
        figures.refresh(before, group=group)
    return 0


def _register(rng: Random, first: date, last: date, wanted: int) -> list[RelyingSystem]:
    """Live systems of as many agencies as there are, the oldest first; the first is as old as the log."""
    agencies, by = list(Agency.objects.active()), User.objects.get(username="admin")
    each = [(agency, what) for what in words.SYSTEMS for agency in rng.sample(agencies, len(agencies))]
    span = (last - first).days - 30
    made = []
    for number, (agency, (name, name_en, purpose, scopes, level)) in enumerate(each[:wanted]):
        live = datetime.combine(first + timedelta(days=number * span // wanted), time(0), TAIPEI)
        made.append(
            RelyingSystem(
                agency=agency, name=f"{agency.name}{name}"[:60], name_en=f"{name_en}, {agency.name_en}"[:120],
                purpose=purpose, kind=Kind.WEB, homepage=f"https://s{number + 1}.cityhall.example/",
                scopes=["openid", *scopes], grants=list(GRANTS_OF[Kind.WEB]), level=level, contact="王資訊",
                contact_email=f"s{number + 1}@cityhall.example", contract=f"府研資字第 {1_110_000 + number} 號",
                contract_until=today() + timedelta(days=90 + number * 7), state="live", applied_by=by,
                applied_at=live - timedelta(days=60), live_at=live,
            )
        )  # fmt: skip
    systems = RelyingSystem.objects.bulk_create(made)
    Client.objects.bulk_create(
        Client(id=uuid.UUID(int=rng.getrandbits(128)).hex, system=system, environment=environment,
               redirect_uris=[f"{system.homepage}callback"])
        for system in systems for environment in Environment
    )  # fmt: skip
    story = (("apply", 60), ("accept", 50), ("ask", 10), ("release", 0))
    assert all(verb in LIFE.transitions for verb, _days in story)
    SystemEvent.objects.bulk_create(
        SystemEvent(system=system, at=system.live_at - timedelta(days=days), by=by, verb=verb)
        for system in systems
        for verb, days in story
    )
    return systems


def _log(
    systems: list[RelyingSystem], first: date, last: date, lines: int, *, bend: float = 1.0, error: str = ""
) -> None:
    """So many lines from the first day to the last, never later than now."""
    people = list(User.objects.filter(is_demo=True).order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES,
            {
                "systems": [system.pk for system in systems],
                "live": [system.live_at for system in systems],
                "people": people,
                "many": len(people),
                "first": datetime.combine(first, time(0), TAIPEI),
                "days": (last - first).days + 1,
                "lines": lines,
                "bend": bend,
                "error": error,
                "until": now(),
            },
        )
