"""What a process remembers for a while, so that a list of fifty rows does not ask the database fifty times."""

from collections.abc import Callable
from time import monotonic

SECONDS = 10.0
_all: list["Remembered"] = []


class Remembered[T]:
    """A value that is read again when it is older than ``seconds``, or after ``forget()``.

    Other processes learn of a change after that time at the latest; so it is for what changes a few times a year.
    """

    def __init__(self, read: Callable[[], T], seconds: float = SECONDS) -> None:
        self._read = read
        self._seconds = seconds
        self._kept: tuple[float, T] | None = None
        _all.append(self)

    def __call__(self) -> T:
        """The value, read now or a moment ago."""
        kept = self._kept
        if kept is None or monotonic() - kept[0] > self._seconds:
            self._kept = kept = (monotonic(), self._read())
        return kept[1]

    def known(self, seconds: float) -> T | None:
        """What was read within so many seconds, without asking; None where nothing was."""
        kept = self._kept
        return kept[1] if kept and monotonic() - kept[0] < seconds else None

    def forget(self) -> None:
        """Read it anew when next asked."""
        self._kept = None


def forget() -> None:
    """Forget everything that this process remembers of the organisation: after a write, and between two tests."""
    for remembered in _all:
        remembered.forget()
