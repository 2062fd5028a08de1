"""Whether the systems that are live answer: looked at each hour, told to who answers for them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import requests
from django.db import transaction

from foundation import clock, outbound
from singlesignon.actions.housekeeping import tell_contacts
from singlesignon.models import RelyingSystem, SystemEvent, SystemHealth
from singlesignon.rules import answers_well, turn_of

TIMEOUT: Final = 5.0  # seconds
AT_ONCE: Final = 8
EXAMPLE: Final = r"^https?://[^/]*\.example(/|:|$)"  # names that lead nowhere by their nature (RFC 6761): the demo's


def look(address: str) -> str:
    """What is wrong with a home page: nothing (""), ``HTTP 503``, or how the connection failed (``SSLError``).

    Nothing of the page is read, and no redirect is followed: it is an answer as well.
    """
    try:
        for method in ("HEAD", "GET"):  # some answer to the one alone
            with outbound.request(method, address, timeout=TIMEOUT, stream=True) as answer:
                if answers_well(answer.status_code):
                    return ""
    except requests.RequestException as failed:
        return type(failed).__name__
    return f"HTTP {answer.status_code}"


def look_at_all() -> int:
    """Look at every live system; how many do not answer. May run twice or late without harm."""
    live = RelyingSystem.objects.filter(state="live").exclude(homepage__regex=EXAMPLE)
    systems = list(live.values_list("pk", "homepage"))
    with ThreadPoolExecutor(AT_ONCE) as pool:  # which wait for the network and touch no database
        found: Sequence[str] = list(pool.map(look, [address for _pk, address in systems]))
    for (pk, _address), error in zip(systems, found, strict=True):
        note(pk, error)
    return sum(bool(error) for error in found)


@transaction.atomic
def note(pk: int, error: str) -> None:
    """Keep what was found. The second failure in a row is written down and told, and so is that it answers again."""
    system = RelyingSystem.objects.select_for_update(of=("self",)).for_list().get(pk=pk)
    health = SystemHealth.objects.filter(system=system).first() or SystemHealth(system=system)
    turn = turn_of(health.failures, bool(error))
    health.checked_at, health.error = clock.now(), error
    health.failures = health.failures + 1 if error else 0
    health.save()
    if turn:
        SystemEvent.objects.create(system=system, verb=turn, text=error)
        tell_contacts(turn, system, {"error": error})
