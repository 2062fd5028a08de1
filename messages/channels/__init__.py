"""The ways by which a message reaches somebody: mail, LINE, SMS, push. Another one is a class and a word here."""

from datetime import timedelta
from typing import Protocol

from messages.channels.base import Outgoing, Refused, Unavailable
from messages.channels.line import Line
from messages.channels.mail import Mail
from messages.channels.push import Push
from messages.channels.sms import Sms

__all__ = ["CHANNELS", "Channel", "Outgoing", "Refused", "Unavailable"]


class Channel(Protocol):
    """A way out of the house."""

    @property
    def waits(self) -> tuple[timedelta, ...]:
        """After which waits it is tried again. When they are used up, the message has failed."""
        ...

    @property
    def is_short(self) -> bool:
        """Whether it has room for few words only."""
        ...

    @property
    def sends_receipts(self) -> bool:
        """Whether the other side says afterwards what has become of a message (``messages.receipts``)."""
        ...

    def is_open(self) -> bool:
        """Whether this installation has the channel set up. If not, messages are kept."""
        ...

    def deliver(self, message: Outgoing) -> str | None:
        """Hand one message over. It is sent when this returns, with the number that the other side gives it, if any.

        Raises Refused when it can never be sent, Unavailable when it may be later.
        """
        ...


CHANNELS: dict[str, Channel] = {"mail": Mail(), "line": Line(), "sms": Sms(), "push": Push()}


def open_channels() -> frozenset[str]:
    """The channels that this installation has set up."""
    return frozenset(name for name, channel in CHANNELS.items() if channel.is_open())
