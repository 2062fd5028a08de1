"""A real mail server for tests: it speaks SMTP on loopback, keeps what it takes, and can be told to refuse.

from messages.testing import smtp_server  # in a conftest.py

def test_it(smtp_server): ...
    assert smtp_server.mails[0].subject == "..."
"""

import base64
import hmac
import imaplib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class ReceivedMail:
    """A mail as it arrived."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain text, with the line ends of this machine."""
        part = self.message.get_body(("plain",))
        return part.get_content().replace("\r\n", "\n") if part else ""

    @property
    def html(self) -> str:
        """The HTML alternative."""
        part = self.message.get_body(("html",))
        return part.get_content() if part else ""


@dataclass
class SmtpServer:
    """The server. ``refuse_recipient`` and ``refuse_content`` are the answers it gives instead of taking a mail."""

    mails: list[ReceivedMail] = field(default_factory=list)
    refuse_recipient: str = ""
    refuse_content: str = ""
    on_taken: Callable[[ReceivedMail], None] = lambda mail: None  # after the mail is kept, before the answer
    options: dict[str, Any] = field(default_factory=dict)
    _controller: Controller | None = None
    _port: int = 0

    def start(self) -> None:
        """Listen, at the same port as before if it was stopped."""
        self._port = self._port or _free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port, **self.options)
        self._controller.start()

    def stop(self) -> None:
        """Answer nobody."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    @property
    def url(self) -> str:
        """What MAIL_URL names it by."""
        return f"smtp://127.0.0.1:{self._port}"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        """aiosmtpd asks whether it takes mail for this address."""
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        """aiosmtpd hands over the mail."""
        if self.refuse_content:
            return self.refuse_content
        message = message_from_bytes(envelope.content, policy=policy.default)
        mail = ReceivedMail(envelope.mail_from, envelope.rcpt_tos, message)
        self.mails.append(mail)
        self.on_taken(mail)
        return "250 OK"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture
def smtp_server(settings: Any) -> Iterator[SmtpServer]:
    """A running server, named by ``settings.MAIL_URL``."""
    server = SmtpServer()
    server.start()
    settings.MAIL_URL = server.url
    yield server
    server.stop()


# -- A mailbox -----------


@dataclass
class ImapServer:
    """A real IMAP server (pymap) in a process of its own; each test has a folder of its own in it."""

    port: int
    process: subprocess.Popen[bytes]
    folder: str = "INBOX"

    @property
    def url(self) -> str:
        """What INBOX_URL names it by."""
        return f"imap://city:secret@127.0.0.1:{self.port}/{self.folder}"

    def open(self) -> imaplib.IMAP4:
        """A mail program of somebody else at the same mailbox."""
        server = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        server.login("city", "secret")
        return server

    def deliver(self, *mails: EmailMessage | bytes) -> None:
        """Put mails into the folder, as the city's mail server does on their arrival."""
        server = self.open()
        for mail in mails:
            raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=policy.SMTP)
            answer, lines = server.append(self.folder, "", "", raw)
            assert answer == "OK", lines
        server.logout()


@pytest.fixture(scope="session")
def imap_process() -> Iterator[ImapServer]:
    """The server, started once."""
    port = _free_port()
    options = ["--no-service", "admin", "--no-service", "managesieve", "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-W", "ignore", "-c", "from pymap.main import main; main()", *options, "--no-tls"]
    account = ["dict", "--demo-user", "city", "--demo-password", "secret"]
    process = subprocess.Popen([*command, *account], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _attempt in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield ImapServer(port, process)
    process.terminate()
    process.wait(20)


@pytest.fixture
def imap_server(imap_process: ImapServer, settings: Any) -> ImapServer:
    """A mailbox with nothing in it, named by ``settings.INBOX_URL``."""
    server = ImapServer(imap_process.port, imap_process.process, f"box-{uuid4().hex}")
    mailboxes = server.open()
    mailboxes.create(server.folder)
    mailboxes.logout()
    settings.INBOX_URL = server.url
    return server


# -- LINE -----------


@dataclass
class LineServer:
    """A server that speaks LINE's Messaging API as far as the city uses it: answer, push, content.

    A reply token is good once; a retry key that it has seen gets 409. ``fails`` is a status that it answers instead.
    """

    token: str = "line-token"
    secret: str = "line-secret"
    replies: list[tuple[str, str]] = field(default_factory=list)
    pushes: list[tuple[str, str]] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    fails: int = 0
    url: str = ""

    def answer(self, path: str, headers: Any, body: dict[str, Any]) -> int:
        """The status for one call, after taking it."""
        if headers["Authorization"] != f"Bearer {self.token}":
            return 401
        if self.fails:
            return self.fails
        words = "\n".join(each["text"] for each in body["messages"])
        once = body.get("replyToken") or headers.get("X-Line-Retry-Key") or uuid4().hex
        if once in self.spent:
            return 400 if path.endswith("/reply") else 409
        self.spent.add(once)
        if path.endswith("/reply"):
            self.replies.append((body["replyToken"], words))
        else:
            self.pushes.append((body["to"], words))
        return 200

    def signed(self, *events: dict[str, Any]) -> tuple[bytes, str]:
        """A webhook's body and its signature."""
        body = json.dumps({"destination": "Ucity", "events": list(events)}).encode()
        return body, base64.b64encode(hmac.digest(self.secret.encode(), body, "sha256")).decode()


@pytest.fixture
def line_server(settings: Any) -> Iterator[LineServer]:
    """A running server, named by the settings."""
    line = LineServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(line.answer(self.path, self.headers, body), b'{"sentMessages": [{"id": "1"}], "message": "no"}')

        def do_GET(self) -> None:
            picture = line.pictures.get(self.path.split("/")[-2])
            self._send(200 if picture else 404, picture or b"{}", "image/jpeg" if picture else "application/json")

        def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    line.url = f"http://127.0.0.1:{server.server_port}"
    settings.LINE_API_URL = settings.LINE_DATA_URL = line.url
    settings.LINE_SECRET, settings.LINE_TOKEN = line.secret, line.token
    yield line
    server.shutdown()
    server.server_close()
    thread.join()
