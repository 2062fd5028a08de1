"""What the launcher says while it works: one line a step, with its seconds."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stop(Exception):
    """Ends the command with one line for the person who started it, and exit status 1."""


def say(line: str) -> None:
    """One line to the person; on standard error, so that the output of a command stays clean for a pipe."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(words: str) -> Iterator[None]:
    """Say ``words``, then how long the block took: ``  database …  0.4 s``."""
    began = time.monotonic()
    terminal = sys.stderr.isatty()
    if terminal:
        print(f"  {words} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        if terminal:
            print(file=sys.stderr, flush=True)
        raise
    seconds = f"{time.monotonic() - began:.1f} s"
    print(f"  {seconds}" if terminal else f"  {words}  {seconds}", file=sys.stderr, flush=True)
