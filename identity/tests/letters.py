"""Letters as the tests of this app see them: kept in a list. Who sends them stands above this app."""

from typing import Any, NamedTuple


class Letter(NamedTuple):
    notice: str
    to: str
    language: str
    context: dict[str, Any]
    topic: str
    topic_id: int
    channel: str = "mail"


SENT: list[Letter] = []


def keep(*letter: Any, **channel: Any) -> None:
    """What ``settings.LETTERS`` names in the tests."""
    SENT.append(Letter(*letter, **channel))
