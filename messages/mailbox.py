"""A mailbox by IMAP (RFC 3501): what lies in it, looked at and left as it is."""

from __future__ import annotations

import imaplib
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from messages.rules import Inbox

TIMEOUT = 30  # seconds for each answer of the server


class Unreachable(Exception):
    """The mailbox could not be read this time; the message says what the server said."""


@dataclass(frozen=True)
class Entry:
    """A mail in the mailbox: its number there, its size in bytes, and when it arrived."""

    uid: int
    size: int
    arrived_at: datetime


class Mailbox:
    """An open folder. ``generation`` is its UIDVALIDITY: under another one the numbers mean other mails."""

    def __init__(self, server: imaplib.IMAP4, generation: str) -> None:
        self._server = server
        self.generation = generation

    def after(self, uid: int) -> list[Entry]:
        """The mails with higher numbers, in their order: each arrival has a higher one (RFC 3501 §2.3.1.1)."""
        # "n:*" always names the last mail too, even where its number is lower.
        lines = self._ask("FETCH", f"{uid + 1}:*", "(UID RFC822.SIZE INTERNALDATE)")
        found = [entry for line in lines if (entry := _entry(line)) and entry.uid > uid]
        return sorted(found, key=lambda entry: entry.uid)

    def raw(self, uid: int, *, headers_only: bool = False) -> bytes:
        """A mail as it came, without marking it as read; empty if it is gone by now."""
        what = "BODY.PEEK[HEADER]" if headers_only else "BODY.PEEK[]"
        return next((part[1] for part in self._ask("FETCH", str(uid), f"({what})") if isinstance(part, tuple)), b"")

    def _ask(self, *command: str) -> list:
        answer, lines = self._server.uid(*command)
        if answer != "OK":
            raise Unreachable(f"{command[0]}: {answer} {lines!r}"[:300])
        return [line for line in lines if line]


@contextmanager
def opened(inbox: Inbox) -> Iterator[Mailbox]:
    """Sign in and open the folder for reading alone (EXAMINE), so that other programs find it as it was.

    Raises Unreachable for whatever goes wrong with server, password or folder, then or later.
    """
    server = None
    try:
        server = _connect(inbox)
        server.login(inbox.username, inbox.password)
        answer, _count = server.select(_quoted(inbox.folder), readonly=True)
        if answer != "OK":
            raise Unreachable(f"{inbox.folder}: {_count!r}"[:300])
        generation = server.response("UIDVALIDITY")[1][0]
        yield Mailbox(server, (generation or b"0").decode())
    except (imaplib.IMAP4.error, OSError, ssl.SSLError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}"[:300]) from error
    finally:
        if server is not None:
            with suppress(Exception):  # it may be gone already
                server.logout()


def _connect(inbox: Inbox) -> imaplib.IMAP4:
    if inbox.security == "tls":
        return imaplib.IMAP4_SSL(inbox.host, inbox.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
    server = imaplib.IMAP4(inbox.host, inbox.port, timeout=TIMEOUT)
    if inbox.security == "starttls":
        server.starttls(ssl.create_default_context())
    return server


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _entry(line: bytes | tuple) -> Entry | None:
    text = line if isinstance(line, bytes) else b" ".join(part for part in line if isinstance(part, bytes))
    uid, size = re.search(rb"\bUID (\d+)", text), re.search(rb"RFC822\.SIZE (\d+)", text)
    if not uid or not size:
        return None
    moment = imaplib.Internaldate2tuple(text)
    arrived = datetime.fromtimestamp(time.mktime(moment), UTC) if moment else datetime.now(UTC)
    return Entry(int(uid[1]), int(size[1]), arrived)
