"""What can be said about sending without a database or a network."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import unquote, urlsplit

from foundation.telephone import masked_number, mobile

Security = Literal["none", "starttls", "tls"]

# How long to wait after the first, second, ... attempt that failed for the moment: together 3 days and 4 hours, in the
# spirit of RFC 5321 §4.5.4.1 (often at first, then rarely, days before giving up), so a long weekend without a mail
# server loses nothing.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 720, 1440, 1440))

_SCHEMES: dict[str, tuple[Security, int]] = {"smtp": ("none", 25), "starttls": ("starttls", 587), "smtps": ("tls", 465)}


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int
    username: str
    password: str
    security: Security


def mail_server(url: str) -> MailServer:
    """The server of a URL: ``smtp://host``, ``starttls://user:password@host:587``, ``smtps://user:password@host``.

    User and password percent-encoded where they hold ``@ : /``. Raises ValueError that says what is wrong.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"a mail URL begins with {', '.join(f'{scheme}://' for scheme in _SCHEMES)}")
    if not parts.hostname:
        raise ValueError("a mail URL names a host")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("a mail URL ends after host and port; encode @ : / in user and password as %40 %3A %2F")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (username + password).isascii():
        raise ValueError("user and password of a mail URL are ASCII: smtplib sends no others")
    security, port = _SCHEMES[parts.scheme]
    return MailServer(parts.hostname, parts.port or port, username, password, security)


def masked(address: str) -> str:
    """Enough of an address for its owner to know it: ``w***@example.com``, ``0912***678``. All else is hidden whole."""
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:1]}***@{domain}" if name else "***"
    number = mobile(address)
    return masked_number(number) if number else "***"


def without_address(text: str, address: str) -> str:
    """The text with the address masked wherever a server repeated it."""
    start = text.casefold().find(address.casefold()) if address else -1
    while start >= 0:
        text = text[:start] + masked(address) + text[start + len(address) :]
        start = text.casefold().find(address.casefold(), start + len(masked(address)))
    return text


def is_push_service(endpoint: str, services: Collection[str]) -> bool:
    """Whether an address of a subscription is of one of these push services: a host, which stands for those below it
    and is spoken to by HTTPS alone; or a whole origin (``http://127.0.0.1:9000``), which stands for itself."""
    try:
        parts = urlsplit(endpoint)
        origin, host = f"{parts.scheme}://{parts.netloc}", (parts.hostname or "").casefold()
        is_plain = parts.port in (None, 443) and not (parts.username or parts.password)
    except ValueError:
        return False
    if origin in services:
        return True
    known = any(host == service or host.endswith(f".{service}") for service in services if "://" not in service)
    return parts.scheme == "https" and is_plain and known


# -- What comes in -----------

_INBOX_SCHEMES: dict[str, tuple[Security, int]] = {
    "imap": ("none", 143),
    "imap+starttls": ("starttls", 143),
    "imaps": ("tls", 993),
}


@dataclass(frozen=True)
class Inbox:
    """A mailbox that is read."""

    host: str
    port: int
    username: str
    password: str
    security: Security
    folder: str

    @property
    def name(self) -> str:
        """What tells it from other mailboxes, without its password."""
        return f"{self.username}@{self.host}/{self.folder}"


def inbox_server(url: str) -> Inbox:
    """The mailbox of a URL: ``imaps://user:password@host/INBOX``; also ``imap://`` and ``imap+starttls://``.

    User, password and folder percent-encoded where they hold ``@ : /``. Raises ValueError that says what is wrong.
    """
    parts = urlsplit(url)
    if parts.scheme not in _INBOX_SCHEMES:
        raise ValueError(f"an inbox URL begins with {', '.join(f'{scheme}://' for scheme in _INBOX_SCHEMES)}")
    if not parts.hostname or not parts.username:
        raise ValueError("an inbox URL names a user and a host")
    if parts.query or parts.fragment:
        raise ValueError("an inbox URL ends after the folder; encode # ? in user and password as %23 %3F")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    username, password = unquote(parts.username), unquote(parts.password or "")
    if not (username + password + folder).isascii():
        raise ValueError("user, password and folder of an inbox URL are ASCII: imaplib sends no others")
    security, port = _INBOX_SCHEMES[parts.scheme]
    return Inbox(parts.hostname, parts.port or port, username, password, security, folder)


def letter_token(message_id: str, domain: str) -> str | None:
    """The token of our letter with this Message-ID (32 hex digits at our domain), or None if it is not one of ours."""
    token, _at, where = message_id.rpartition("@")
    ours = where.casefold() == domain.casefold() and len(token) == 32 and set(token) <= set("0123456789abcdef")
    return token if ours else None
