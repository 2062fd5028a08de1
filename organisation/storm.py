"""Storm mode, as every process sees it: whether it is on, what is put off; and the last results of dear pages, which in
calm weather are kept for seconds or not at all.

Asking costs no statement: a process reads it anew every ``settings.NEWS_SECONDS``, and learns of a change after that
time at the latest. So whatever is put off is caught up by what was marked, never by when the storm was.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from django.conf import settings

from foundation.clock import now, today
from organisation.memory import Remembered
from organisation.models import Storm
from organisation.pack import pack

_storm: Remembered[Storm | None] = Remembered(lambda: Storm.objects.going_on().first(), settings.NEWS_SECONDS)
MOST_RESULTS = 50  # a board's is up to a megabyte
LATELY = 60.0  # seconds


def storm() -> Storm | None:
    """The storm that goes on, or None; one past its time is over even if no worker is there to end it."""
    found = _storm()
    return found if found and found.until > now() else None


def known() -> Storm | None:
    """The storm of which this process has lately heard; never asks. For pages that must do without a database."""
    found = _storm.known(LATELY)
    return found if found and found.until > now() else None


def is_on() -> bool:
    """Whether what can wait has to wait."""
    return storm() is not None


def forget() -> None:
    """Read it anew when next asked, here; other processes do within seconds."""
    _storm.forget()


def rule(name: str) -> float:
    """A number of the pack's rules about storms in force today."""
    return float(pack().rule(f"storm_{name}", today()).value)


def is_turn(timestamp: int, every: int) -> bool:
    """Whether a job that is due every so many seconds should work this time: in a storm only now and then."""
    return not is_on() or timestamp % max(int(rule("pause_seconds")), every) < every


@dataclass(frozen=True)
class Result:
    """What a dear page computed, and when."""

    value: Any
    at: datetime
    is_kept: bool  # because of a storm, which the reader is told


_results: dict[Hashable, tuple[float, Result]] = {}


def last_result(key: Hashable, compute: Callable[[], Any], calm_seconds: float = 0.0) -> Result:
    """The last result of this process while it is younger than ``calm_seconds``, in a storm than the pause; else anew.

    ``key`` names all that the result depends on: the page, what was asked, the reader's reach and language.
    """
    is_storm = is_on()
    lasts = rule("pause_seconds") if is_storm else calm_seconds
    kept = _results.get(key)
    if kept and monotonic() - kept[0] < lasts:
        return Result(kept[1].value, kept[1].at, is_storm)
    result = Result(compute(), now(), False)
    if lasts:
        if len(_results) >= MOST_RESULTS:
            _results.clear()
        _results[key] = (monotonic(), result)
    return result
