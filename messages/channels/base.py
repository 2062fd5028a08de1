"""What every channel speaks of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from messages.registry import Attachment


@dataclass(frozen=True)
class Outgoing:
    """A message as a channel gets it. ``identifier`` stays the same however often it is tried.

    ``round`` counts how often a person had it sent again. ``short`` are the few words for channels that have room for
    no more. ``unsubscribe`` is the address that ends such messages by one POST, or empty. ``urgent``: it may wake
    people. ``attachments`` are for mail alone.
    """

    identifier: str
    recipient: str
    subject: str
    body: str
    language: str
    unsubscribe: str = ""
    short: str = ""
    round: int = 0
    urgent: bool = False
    attachments: Sequence[Attachment] = ()


class Refused(Exception):
    """The other side will never take this message: no such address, refused content. Trying again does not help."""


class Unavailable(Exception):
    """It did not work this time: nobody answered, or the other side asked to come back later, after ``wait``."""

    def __init__(self, words: object = "", wait: timedelta | None = None) -> None:
        super().__init__(words)
        self.wait = wait
