"""What every channel speaks of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outgoing:
    """A message as a channel gets it. ``identifier`` stays the same however often it is tried.

    ``unsubscribe`` is the address that ends such messages by one POST, or empty.
    """

    identifier: str
    recipient: str
    subject: str
    body: str
    language: str
    unsubscribe: str = ""


class Refused(Exception):
    """The other side will never take this message: no such address, refused content. Trying again does not help."""


class Unavailable(Exception):
    """It did not work this time: nobody answered, or the other side asked to come back later."""
