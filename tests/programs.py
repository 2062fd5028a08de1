"""Programs of the house that a test starts: whether the web server is well, and which processes are theirs."""

from __future__ import annotations

import http.client
from contextlib import suppress
from pathlib import Path


def is_well(port: int) -> bool:
    """Whether the web server on that port of loopback says so itself (`/healthz`)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def children(of: int, words: str) -> list[int]:
    """The children of a process whose command line has these words."""
    found = []
    for thread in Path(f"/proc/{of}/task").glob("*/children"):
        with suppress(OSError):
            for child in thread.read_text().split():
                if words in Path(f"/proc/{child}/cmdline").read_text().replace("\0", " "):
                    found.append(int(child))
    return found
