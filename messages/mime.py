"""What a mail says: from the bytes of RFC 5322 to words, files, and whether a machine wrote it. Pure; never raises.

A stranger's mail may be anything: headers in raw Big5, charsets that nobody knows, HTML alone, parts without an end.
What cannot be decoded is replaced, never refused: an officer reads half a letter better than none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from html.parser import HTMLParser

TEXT_MOST = 20_000  # characters that are kept; the raw mail has all of it
_CHARSETS = {"big5": "cp950", "gb2312": "gb18030", "gbk": "gb18030", "us-ascii": "utf-8", "ascii": "utf-8"}
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
_MACHINES = re.compile(r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+=-].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """A file that came with a mail."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Bounce:
    """A report (RFC 3464) that one of our mails did not arrive: its Message-ID, and the other side's reason."""

    message_id: str
    reason: str
    final: bool  # False: it is only late, and the other side goes on trying


@dataclass(frozen=True)
class Mail:
    """A mail as somebody reads it. ``text`` is what its sender wrote, without what they quoted."""

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    answers: tuple[str, ...]  # the Message-IDs that it refers to, the nearest first
    files: tuple[File, ...]
    bounce: Bounce | None
    automatic: str  # the header by which a machine gave itself away; empty for a person
    fingerprint: str  # the same for the same mail, by whichever way and however often it came


def read_mail(raw: bytes) -> Mail:
    """Read a mail."""
    message = message_from_bytes(raw, policy=policy.compat32)
    name, address = parseaddr(_header(message, "From"))
    text, files = _content(message)
    message_id = next(iter(_ids(message, "Message-ID")), "")
    said = hashlib.sha256()
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    for piece in (message_id, address, str(message.get("Date", "")), body):
        said.update(piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape"))
        said.update(b"\0")
    return Mail(
        message_id=message_id,
        sender=address.strip() if "@" in address else "",
        sender_name=" ".join(name.split())[:60],
        subject=" ".join(_header(message, "Subject").split())[:200],
        text=without_quotes(text)[:TEXT_MOST],
        answers=tuple(dict.fromkeys([*_ids(message, "In-Reply-To"), *reversed(_ids(message, "References"))])),
        files=tuple(files),
        bounce=_bounce(message),
        automatic=_automatic(message, address),
        fingerprint=said.hexdigest(),
    )


# -- Headers and characters -----------


def _header(message: Message, name: str) -> str:
    """A header in characters; one that holds raw bytes is read as what Taiwan's mail programs write."""
    value = message.get(name)
    if value is None:
        return ""
    try:
        pieces = decode_header(str(value) if isinstance(value, str) else value)
    except Exception:  # a broken encoded word: as it stands
        pieces = [(str(value), None)]
    read = [_decoded(piece, charset) if isinstance(piece, bytes) else _unescaped(piece) for piece, charset in pieces]
    return _plain("".join(read))


def _unescaped(text: str) -> str:
    try:
        return _decoded(text.encode("ascii", "surrogateescape"), None)
    except UnicodeEncodeError:
        return text


def _decoded(data: bytes, charset: str | None) -> str:
    """Bytes as characters: as the mail says, else UTF-8, else Big5; what remains unknown is replaced."""
    for name in (_CHARSETS.get((charset or "").lower(), charset), "utf-8", "cp950"):
        if name and name != "unknown-8bit":
            try:
                return data.decode(name)
            except (LookupError, UnicodeDecodeError):
                continue
    return data.decode("utf-8", "replace")


def _plain(text: str) -> str:
    """Without the characters that PostgreSQL, a terminal or a reader's eyes cannot take."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]", "", text)
    return text.encode("utf-8", "replace").decode("utf-8")


def _ids(message: Message, name: str) -> list[str]:
    return _MESSAGE_ID.findall(_header(message, name))


# -- The body -----------


def _content(message: Message) -> tuple[str, list[File]]:
    """The words of a mail, plain text before HTML, and its files."""
    plain: list[str] = []
    html: list[str] = []
    files: list[File] = []
    for part in _leaves(message):
        kind, name = part.get_content_type(), _file_name(part)
        data = part.get_payload(decode=True)
        data = data if isinstance(data, bytes) else b""
        if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            if data:
                files.append(File(name or f"{len(files) + 1}", data))
        elif kind == "text/html":
            html.append(text_of(_plain(_decoded(data, _charset(part)))))
        else:
            plain.append(_plain(_decoded(data, _charset(part))))
    words = "\n\n".join(filter(str.strip, plain)) or "\n\n".join(filter(str.strip, html))
    return words.replace("\r\n", "\n").replace("\r", "\n"), files


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something; a mail within a mail is not opened: its words are not the sender's."""
    if message.get_content_type() in ("message/rfc822", "message/delivery-status", "text/rfc822-headers"):
        return
    if message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part)
    else:
        yield message


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except Exception:  # a broken parameter
        return None


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except Exception:
        return ""
    if not name:
        return ""
    try:
        name = "".join(_decoded(p, c) if isinstance(p, bytes) else _unescaped(p) for p, c in decode_header(name))
    except Exception:
        name = _unescaped(name)
    return _plain(name).replace("\\", "/").rpartition("/")[2].strip()[-120:]


class _Text(HTMLParser):
    """Reads HTML as a person would who sees only its words."""

    BREAKS = frozenset("p div br li tr table ul ol h1 h2 h3 h4 h5 h6 hr section article header footer".split())
    SILENT = frozenset("script style head title template blockquote".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BREAKS and not self._silent:
            self.words.append("\n")
        # Gmail and others mark what is quoted by a class on a div, most by blockquote.
        quoted = any(name == "class" and "gmail_quote" in (value or "") for name, value in attrs)
        if tag in self.SILENT or (quoted and tag == "div") or (self._silent and tag == self._silent[-1]):
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()
        elif tag in self.BREAKS and not self._silent:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))


def text_of(html: str) -> str:
    """The words of a page of HTML, a line a block, without scripts, styles and quotations."""
    reader = _Text()
    try:
        reader.feed(html)
        reader.close()
    except Exception:  # what was read until then
        pass
    lines = [" ".join(line.split()) for line in "".join(reader.words).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def is_chinese(text: str) -> bool:
    """Whether somebody who wrote this reads Chinese."""
    return re.search("[\u3400-\u9fff]", text) is not None


# -- What is quoted -----------

# Lines above a quotation whose own lines begin with ">".
_WROTE = re.compile(r"(on .{4,200} wrote\s*:|.{0,200}(寫道|来信|來信)\s*[:：])", re.IGNORECASE)
# Lines below which everything is somebody else's.
_ORIGINAL = re.compile(
    r"(-{2,}\s*(original message|forwarded message|原始郵件|原始信件|轉寄的郵件|轉寄郵件)\s*-{2,}|_{20,}"
    r"|(from|寄件者|寄件人)\s*[:：].*@.*)",
    re.IGNORECASE,
)


def without_quotes(text: str) -> str:
    """What somebody wrote themselves: without quoted lines, the mail below, and the signature.

    If nothing would be left, the text stays as it is: better twice than lost.
    """
    kept: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if line.rstrip("\r") in ("-- ", "--") and any(each.strip() for each in kept):
            break
        if _ORIGINAL.fullmatch(bare) and any(each.strip() for each in kept):
            break
        if bare.startswith(">") or _WROTE.fullmatch(bare):
            continue
        kept.append(line.rstrip())
    own = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return own or text.strip()


# -- Machines -----------


def _automatic(message: Message, address: str) -> str:
    """By which header a machine shows itself (RFC 3834 §5, RFC 2076, RFC 2919), as ``Name: value``; empty for a
    person. Nothing is ever answered to a machine."""
    said = _header(message, "Auto-Submitted").strip().lower()
    if said and not said.startswith("no"):
        return f"Auto-Submitted: {said}"[:120]
    if message.get("Return-Path", "").strip() == "<>":
        return "Return-Path: <>"
    if (said := _header(message, "Precedence").strip().lower()) in {"bulk", "junk", "list", "auto_reply"}:
        return f"Precedence: {said}"
    for name in ("List-Id", "X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Mail-Autoreply", "X-Loop"):
        if message.get(name):
            return name
    if message.get_content_type() == "multipart/report":
        return "Content-Type: multipart/report"
    if _MACHINES.fullmatch(address.partition("@")[0]):
        return f"From: {address}"[:120]
    return ""


def _bounce(message: Message) -> Bounce | None:
    """What a delivery report says, if the mail is one (RFC 3464) and names the mail that it is about."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    failed, reason, about = False, "", ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for fields in (block for block in _blocks(part) if block.get("Action")):
                if _header(fields, "Action").strip().lower() == "failed":
                    failed = True
                said = _header(fields, "Diagnostic-Code").partition(";")[2] or _header(fields, "Status")
                reason = reason or " ".join(said.split())
        elif kind == "message/rfc822":
            inner = part.get_payload()
            about = about or next((i for m in _blocks(part) for i in _ids(m, "Message-ID")), "") if inner else about
        elif kind == "text/rfc822-headers":
            data = part.get_payload(decode=True)
            headers = message_from_bytes(data if isinstance(data, bytes) else b"")
            about = about or next(iter(_ids(headers, "Message-ID")), "")
    return Bounce(about, reason[:400], failed) if about else None


def _blocks(part: Message) -> list[Message]:
    inner = part.get_payload()
    return [block for block in inner if isinstance(block, Message)] if isinstance(inner, list) else []
