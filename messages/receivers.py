"""Who takes what comes in: a desk above this app declares itself in ``<app>/receiving.py``, as notices are declared.

``messages`` knows how a mail is fetched and read, and by which of our letters it was called forth; what it then becomes
is the desk's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from messages.mime import Mail
from messages.models import Became, Inbound, Message


@dataclass(frozen=True)
class Verdict:
    """What becomes of something that came in, with the reason in words and the record that it went to."""

    became: Became
    reason: str = ""
    topic: str = ""
    topic_id: int | None = None


class Receiver(Protocol):
    """A desk that takes what comes in. Every method runs in the transaction that writes what became of it."""

    def reply(self, inbound: Inbound, mail: Mail, letter: Message) -> Verdict | None:
        """A mail that refers to one of our letters. None: it is not this desk's letter, or not for it to take."""
        ...

    def mail(self, inbound: Inbound, mail: Mail) -> Verdict:
        """Any other mail of a person."""
        ...

    def confirmed(self, inbound: Inbound) -> Verdict | None:
        """The sender's address is confirmed. None: nothing follows yet."""
        ...

    def event(self, inbound: Inbound, event: dict[str, Any]) -> Verdict:
        """An event of a messenger."""
        ...


_receivers: list[Receiver] = []


def register(receiver: Receiver) -> Receiver:
    """Declare the desk that takes what comes in. ValueError for a second one: a mail goes to one place."""
    if _receivers:
        raise ValueError("a receiver is declared already")
    _receivers.append(receiver)
    return receiver


def receiver() -> Receiver | None:
    """The declared desk; None in a house without one, where everything waits for a person."""
    return _receivers[0] if _receivers else None
