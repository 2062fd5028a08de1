"""When a message goes, which way, and what becomes of it when news of it comes. Pure: the clock is passed in.

Numbers and lists are rule data of the city pack: ``quiet_hours``, ``notice_channels``, ``sms_receipt_hours``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

# -- When -----------


@dataclass(frozen=True)
class Quiet:
    """Hours in which people sleep: from ``begins`` until ``ends``, over midnight where that is earlier.

    ``channels`` are those that ring; ``exempt`` are the notices that may not wait, by code.
    """

    begins: time
    ends: time
    channels: frozenset[str]
    exempt: frozenset[str]


def not_before(at: datetime, channel: str, notice: str, quiet: Quiet) -> datetime:
    """The first moment, from ``at`` on, at which a message may go. ``at`` is in local time, and so is the answer."""
    if channel not in quiet.channels or notice in quiet.exempt or not _sleeps(at.time(), quiet):
        return at
    morning = at.replace(hour=quiet.ends.hour, minute=quiet.ends.minute, second=0, microsecond=0)
    return morning if morning > at else morning + timedelta(days=1)


def _sleeps(at: time, quiet: Quiet) -> bool:
    if quiet.begins <= quiet.ends:
        return quiet.begins <= at < quiet.ends
    return at >= quiet.begins or at < quiet.ends


def waits(*minutes: int) -> tuple[timedelta, ...]:
    """How long to wait after the first, second, ... attempt that failed for the moment."""
    return tuple(timedelta(minutes=each) for each in minutes)


def wait_after(attempts: int, waits: Sequence[timedelta], asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many failed attempts; None when it is time to give up.

    ``asked`` is what the other side asked for (Retry-After). It makes the wait longer, never shorter, and never longer
    than the longest that the channel waits anyway: a server cannot put a message off for a year.
    """
    if attempts > len(waits):
        return None
    return max(waits[attempts - 1], min(asked or timedelta(), max(waits)))


# -- Which way -----------


@dataclass(frozen=True)
class Reach:
    """By what a person can be reached, and what they chose. An empty address is none."""

    mail: str = ""
    sms: str = ""
    line: str = ""
    devices: tuple[str, ...] = ()
    wants_mail: bool = True
    wants_sms: bool = False

    def addresses(self, channel: str) -> tuple[str, ...]:
        """Where they want to be written to by a channel."""
        match channel:
            case "mail":
                return (self.mail,) if self.mail and self.wants_mail else ()
            case "sms":
                return (self.sms,) if self.sms and self.wants_sms else ()
            case "line":
                return (self.line,) if self.line else ()
            case "push":
                return self.devices
            case _:
                return ()


@dataclass(frozen=True)
class Way:
    """One message's way to somebody, and the ways to try in its place should it fail."""

    channel: str
    to: str
    otherwise: tuple[tuple[str, str], ...] = ()


def ways(reach: Reach, first: Sequence[str], beside: Sequence[str], is_open: Collection[str]) -> list[Way]:
    """By which ways a person hears one thing.

    Of the channels ``first`` the first one that they chose and that is open, the others standing by for its failure;
    where none is open the message is kept for the first. ``beside``, each that they have switched on hears as well.
    """
    chosen = [(channel, to) for channel in first for to in reach.addresses(channel)]
    usable = [way for way in chosen if way[0] in is_open] or chosen[:1]
    found = [Way(*usable[0], otherwise=tuple(usable[1:]))] if usable else []
    return found + [Way(channel, to) for channel in beside for to in reach.addresses(channel)]


# -- What becomes of it -----------

Outcome = Literal["accepted", "delivered", "failed", "expired"]
OUTCOMES: tuple[Outcome, ...] = ("accepted", "delivered", "failed", "expired")


def after_receipt(state: str, outcome: Outcome) -> str | None:
    """The state of a message after a receipt; None if the receipt changes nothing.

    Receipts come in any order, twice, or after the term. What was delivered or has failed stays so: the first final
    word counts. One of a message that still counts as queued is believed: the worker died after the gateway had it.
    """
    if state not in ("queued", "handed", "silent"):
        return None
    if outcome == "accepted":
        return "handed" if state == "queued" else None
    return "delivered" if outcome == "delivered" else "failed"
