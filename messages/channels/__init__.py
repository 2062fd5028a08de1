"""The ways by which a message reaches somebody. There are mail and LINE; another one is a class and a word here."""

from typing import Protocol

from messages.channels.base import Outgoing, Refused, Unavailable
from messages.channels.line import Line
from messages.channels.mail import Mail

__all__ = ["CHANNELS", "Channel", "Outgoing", "Refused", "Unavailable"]


class Channel(Protocol):
    """A way out of the house."""

    def is_open(self) -> bool:
        """Whether this installation has the channel set up. If not, messages are kept."""
        ...

    def deliver(self, message: Outgoing) -> None:
        """Hand one message over. It is sent when this returns.

        Raises Refused when it can never be sent, Unavailable when it may be later.
        """
        ...


CHANNELS: dict[str, Channel] = {"mail": Mail(), "line": Line()}
