"""How often one client may knock at a door.

One SQL statement on an UNLOGGED table, in autocommit before the view runs: it writes no log to disk, holds no lock
while the view works, and only requests of the same client at the same door ever wait for each other. If the database
fails the error is raised: without its database the city hall can do nothing, and a door without its lock stays shut.

Settings: ``CITYHALL_TRUSTED_PROXIES`` (how many proxies in front append to X-Forwarded-For; 0 = none, the header is
ignored) and ``CITYHALL_RATE_LIMIT_FACTOR`` (a multiplier on every limit, for load tests; 1).
"""

import functools
import ipaddress
import math
from collections.abc import Callable, Collection
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation import clock
from foundation.encryption import digest
from foundation.inserting import query

# A refused knock counts too, but never beyond limit + 1: who keeps hammering stays out, who slows down is let in.
_KNOCK = """
INSERT INTO foundation_ratecount AS known (key, minute, count, previous) VALUES (%s, %s, 1, 0)
ON CONFLICT (key) DO UPDATE SET
    minute = EXCLUDED.minute,
    count = CASE WHEN known.minute = EXCLUDED.minute THEN LEAST(known.count, %s) + 1 ELSE 1 END,
    previous = CASE known.minute WHEN EXCLUDED.minute THEN known.previous
                                 WHEN EXCLUDED.minute - 1 THEN known.count ELSE 0 END
RETURNING count, previous
"""

_MOST = 1_000_000_000  # what the column of the counts holds is a little more


def client_ip(request: HttpRequest) -> str:
    """The client's address; for IPv6 its /64, which is what one household or one attacker gets.

    X-Forwarded-For is believed only as far as ``CITYHALL_TRUSTED_PROXIES`` says: each trusted proxy appends the
    address that it saw, so with n of them the n-th from the right is the client; what lies left of it anyone can write.
    """
    address = request.META.get("REMOTE_ADDR", "")
    trusted = settings.CITYHALL_TRUSTED_PROXIES
    if trusted:
        forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(forwarded) >= trusted:
            address = forwarded[-trusted]
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6:
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return address


def client_user(request: HttpRequest) -> str:
    """The signed-in person, else the address: for doors that many people of one office share an address at."""
    user = getattr(request, "user", None)
    return f"user {user.pk}" if user is not None and user.is_authenticated else client_ip(request)


def knock(door: str, client: str, per_minute: int) -> int:
    """Count one request of a client at a door. Returns 0 if it may enter, else the seconds to wait.

    A sliding window: the last minute's count fades out as the present minute goes on.
    """
    allowed = min(max(1, round(per_minute * settings.CITYHALL_RATE_LIMIT_FACTOR)), _MOST)
    minute, second = divmod(clock.now().timestamp(), 60)
    ((count, previous),) = query(_KNOCK, (digest(f"rate\n{door}\n{client}"), int(minute), allowed))
    if previous * (1 - second / 60) + count <= allowed:
        return 0
    # The next knock makes it one more. It fits once the older of the two minutes has faded far enough.
    if count < allowed:
        return max(1, math.ceil(60 * (1 - (allowed - count - 1) / previous) - second))
    return max(1, math.ceil(60 - second + 60 * (1 - (allowed - 1) / count)))


def limit(
    door: str,
    per_minute: int,
    key: Callable[[HttpRequest], str] = client_ip,
    methods: Collection[str] | None = None,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """View decorator: at most ``per_minute`` requests a client; more get page 429 with Retry-After.

    ``methods`` limits only these, e.g. ``methods={"POST"}`` for a form whose reading is free.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if methods is None or request.method in methods:
                wait = knock(door, key(request), per_minute)
                if wait:
                    return too_many(request, wait)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """Page 429, which says how many seconds to wait."""
    response = render(request, "429.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(wait)
    return response
