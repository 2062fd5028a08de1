"""Keys of programs: issued, withdrawn, and let in or refused, with the count that quotas are kept by."""

import hashlib
import math
import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection, transaction

from foundation import clock
from foundation.inserting import query
from identity.models import AccountEvent, ApiKey, User
from identity.permissions import KEY_SCOPES
from identity.rules import at_or_above, seconds_to_wait

MARK: Final = "och"  # what programs that look for lost secrets know our keys by


class KeyRefused(Exception):
    """The key does not open: ``unknown``, ``withdrawn``, ``expired``, ``owner`` (account closed) or ``scope``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class QuotaSpent(Exception):
    """The key has used up its minute or its day; ``wait`` is the seconds until it may try again."""

    def __init__(self, wait: int, allowed: int, daily: bool) -> None:
        super().__init__(f"wait {wait} s")
        self.wait, self.allowed, self.daily = wait, allowed, daily


@transaction.atomic
def issue_key(
    actor: User,
    owner: User,
    *,
    name: str,
    scopes: Iterable[str],
    per_minute: int,
    per_day: int,
    expires_on: date | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its text, which is not stored: show it once. ValueError for a scope that no key may have."""
    wanted = _known(scopes)
    prefix = f"{MARK}_{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_hex(20)}"
    key = ApiKey.objects.create(
        owner=owner,
        name=name,
        prefix=prefix,
        digest=_digest(text),
        scopes=wanted,
        per_minute=per_minute,
        per_day=per_day,
        expires_on=expires_on,
        issued_by=actor,
    )
    AccountEvent.objects.note(actor, owner, AccountEvent.Verb.KEY_ISSUED, str(key), "apikeys:manage")
    return key, text


def _known(scopes: Iterable[str]) -> list[str]:
    wanted = sorted(scopes)
    if not set(wanted) <= KEY_SCOPES.keys():
        raise ValueError(f"no key may have {sorted(set(wanted) - KEY_SCOPES.keys())}")
    return wanted


@transaction.atomic
def change_key(
    actor: User,
    key: ApiKey,
    *,
    name: str,
    scopes: Iterable[str],
    per_minute: int,
    per_day: int,
    expires_on: date | None = None,
) -> bool:
    """Other terms for the same key, from the next request on; False, and nothing changed, for a withdrawn one.

    The owner's account keeps what was changed. ValueError for a scope that no key may have.
    """
    terms = {
        "name": name, "scopes": _known(scopes), "per_minute": per_minute, "per_day": per_day, "expires_on": expires_on,
    }  # fmt: skip
    found = ApiKey.objects.select_for_update().filter(pk=key.pk, withdrawn_at=None).first()
    if found is None:
        return False
    changed = {term: getattr(found, term) for term, value in terms.items() if getattr(found, term) != value}
    if changed:
        ApiKey.objects.filter(pk=key.pk).update(**terms)
        told = "; ".join(f"{term}: {_told(before)} → {_told(terms[term])}" for term, before in changed.items())
        verb = AccountEvent.Verb.KEY_CHANGED
        AccountEvent.objects.note(actor, found.owner, verb, f"{found.prefix} {told}"[:300], "apikeys:manage")
    return True


def _told(term: Any) -> str:
    return " ".join(term) if isinstance(term, list) else "-" if term is None else str(term)


@transaction.atomic
def withdraw_key(actor: User, key: ApiKey) -> None:
    """The key opens nothing from now on; what it did stays known. Again: nothing happens."""
    gone = ApiKey.objects.filter(pk=key.pk, withdrawn_at=None).update(withdrawn_at=clock.now(), withdrawn_by=actor)
    if gone:
        verb = AccountEvent.Verb.KEY_WITHDRAWN
        AccountEvent.objects.note(actor, key.owner, verb, str(key), "apikeys:manage")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# One statement looks the key up, counts its use and refuses what is over a quota: the row of the day is locked while it
# is counted, so that no two workers both take the last place. A count is not worth a flush to disk (``quick``): after a
# crash the last second of counting may be missing. Elsewhere than in autocommit the transaction's own setting stays.
_ADMIT = """
WITH key AS (
    SELECT k.id, k.per_minute, k.per_day, k.withdrawn_at IS NOT NULL AS withdrawn,
           COALESCE(k.expires_on < %(day)s, false) AS expired, NOT u.is_active AS closed,
           k.scopes && %(asked)s::varchar[] AS may
    FROM identity_apikey k JOIN identity_user u ON u.id = k.owner_id WHERE k.digest = %(digest)s
), used AS (
    INSERT INTO identity_apiuse AS known (key_id, day, count, refused, minute, in_minute, previous, last_at)
    SELECT id, %(day)s, 1, 0, %(minute)s, 1, 0, %(now)s FROM key
    WHERE may AND NOT (withdrawn OR expired OR closed)
        AND set_config('synchronous_commit', COALESCE(%(quick)s, current_setting('synchronous_commit')), true) > ''
    ON CONFLICT (key_id, day) DO UPDATE SET
        count = known.count + 1,
        minute = GREATEST(known.minute, EXCLUDED.minute),
        in_minute = CASE WHEN EXCLUDED.minute > known.minute THEN 1 ELSE known.in_minute + 1 END,
        previous = CASE WHEN EXCLUDED.minute <= known.minute THEN known.previous
                        WHEN EXCLUDED.minute = known.minute + 1 THEN known.in_minute ELSE 0 END,
        last_at = GREATEST(known.last_at, EXCLUDED.last_at)
    WHERE known.count < (SELECT per_day FROM key)
        AND 1 + CASE WHEN EXCLUDED.minute <= known.minute THEN known.in_minute + known.previous * %(left)s::float8
                     WHEN EXCLUDED.minute = known.minute + 1 THEN known.in_minute * %(left)s::float8 ELSE 0 END
            <= (SELECT per_minute FROM key)
    RETURNING count
)
SELECT key.id, key.per_minute, key.per_day, withdrawn, expired, closed, may, used.count
FROM key LEFT JOIN used ON true
"""

_REFUSE = """
UPDATE identity_apiuse SET refused = refused + 1 WHERE key_id = %s AND day = %s
RETURNING count, minute, in_minute, previous
"""


def admit(text: str, permission: str) -> int:
    """Let a program in by its key and count it: one SQL statement. The primary key of its ``ApiKey``.

    A quota a minute is a sliding window, as ``foundation.ratelimit`` has it; a refused try does not count against it. A
    day is one of Taipei. Raises KeyRefused or QuotaSpent. Call it outside a transaction, before the work begins: the
    count stands whatever becomes of that.
    """
    now = clock.now()
    minute, second = divmod(now.timestamp(), 60)
    values: dict[str, Any] = {
        "digest": _digest(text), "asked": sorted(at_or_above(permission)), "day": clock.today(), "now": now,
        "minute": int(minute), "left": 1 - second / 60, "quick": None if connection.in_atomic_block else "off",
    }  # fmt: skip
    rows = query(_ADMIT, values)
    if not rows:
        raise KeyRefused("unknown")
    number, per_minute, per_day, withdrawn, expired, closed, may, count = rows[0]
    if count is not None:
        return number
    for reason, so in (("withdrawn", withdrawn), ("expired", expired), ("owner", closed), ("scope", not may)):
        if so:
            raise KeyRefused(reason)
    used, then, in_minute, previous = query(_REFUSE, (number, values["day"]))[0]
    if used >= per_day:
        raise QuotaSpent(_seconds_to_midnight(now), per_day, daily=True)
    raise QuotaSpent(seconds_to_wait(per_minute, now.timestamp(), then, in_minute, previous), per_minute, daily=False)


def _seconds_to_midnight(now: datetime) -> int:
    tomorrow = datetime.combine(now.astimezone(clock.TAIPEI).date() + timedelta(days=1), time.min, clock.TAIPEI)
    return math.ceil((tomorrow - now).total_seconds())
