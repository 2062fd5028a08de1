"""Real servers for tests of what reaches telephones: an SMS gateway and a push service, on loopback.

from messages.testing_phones import push_service, sms_gateway  # in a conftest.py

def test_it(sms_gateway): ...
    assert sms_gateway.texts[0].text == "..."
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import time as clock_time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from foundation import clock
from messages import actions
from messages.channels.sms import signature
from messages.timing import Quiet


@contextmanager
def _listening(answer: Callable[[str, Any, bytes], tuple[int, dict[str, str], bytes]]) -> Iterator[str]:
    """An HTTP server whose POSTs ``answer`` answers; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, said = answer(self.path, self.headers, body)
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(said))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *arguments: Any) -> None:
            pass

        def handle(self) -> None:
            # The other side did not wait for the answer, or was killed.
            with suppress(BrokenPipeError, ConnectionResetError):
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hour is quiet, whatever the time on the machine that runs the tests."""
    never = Quiet(clock_time(0), clock_time(0), frozenset(), frozenset())
    monkeypatch.setattr(actions, "_quiet", lambda: never)


# -- Text messages -----------


@dataclass(frozen=True)
class Text:
    """A text message as the gateway took it."""

    identifier: str
    to: str
    text: str
    parts: int
    receipt_url: str


@dataclass
class SmsGateway:
    """A gateway with the interface of docs/operators.md.

    ``fails`` is a status that it answers instead of taking a text, ``refuses`` are numbers that it does not serve,
    ``slow`` are the seconds that it takes to answer, after it has taken the text. Twice the same key is one text.
    """

    token: str = "sms-token"
    secret: str = "whsec_" + base64.b64encode(b"sms-secret").decode()
    url: str = ""
    texts: list[Text] = field(default_factory=list)
    asked: int = 0
    fails: int = 0
    retry_after: str = ""
    refuses: set[str] = field(default_factory=set)
    slow: float = 0
    says: bytes | None = None
    on_taken: Callable[[Text], None] = lambda text: None
    _known: dict[str, str] = field(default_factory=dict)

    def answer(self, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.asked += 1
        if headers["Authorization"] != f"Bearer {self.token}":
            return 401, {}, b'{"error": "who are you?"}'
        if self.fails:
            return self.fails, {"Retry-After": self.retry_after} if self.retry_after else {}, b"<h1>Oops</h1>"
        wanted = json.loads(body)
        if wanted["to"] in self.refuses:
            return 422, {}, json.dumps({"error": f"{wanted['to']} is not in service"}).encode()
        key = headers["Idempotency-Key"]
        if key not in self._known:
            self._known[key] = f"G-{len(self._known) + 1}"
            self.texts.append(Text(wanted["id"], wanted["to"], wanted["text"], wanted["parts"], wanted["receipt_url"]))
        self.on_taken(self.texts[-1])
        time.sleep(self.slow)
        return 201, {}, self.says if self.says is not None else json.dumps({"id": self._known[key]}).encode()

    def receipts(self, *told: dict[str, Any], at: float | None = None) -> dict[str, Any]:
        """A signed webhook, as the test client's ``post`` takes it."""
        body = json.dumps({"receipts": list(told)}).encode()
        identifier, moment = f"msg_{uuid4().hex}", str(int(at or clock.now().timestamp()))
        return {
            "data": body,
            "content_type": "application/json",
            "headers": {
                "webhook-id": identifier,
                "webhook-timestamp": moment,
                "webhook-signature": signature(identifier, moment, body),
            },
        }


@pytest.fixture
def sms_gateway(settings: Any) -> Iterator[SmsGateway]:
    """A running gateway, named by the settings."""
    gateway = SmsGateway()
    with _listening(gateway.answer) as url:
        gateway.url = settings.SMS_URL = f"{url}/messages"
        settings.SMS_TOKEN, settings.SMS_SECRET = gateway.token, gateway.secret
        yield gateway


# -- Web push -----------


@dataclass(frozen=True)
class Push:
    """A push as the browser gets it: decrypted."""

    path: str
    shown: dict[str, Any]
    ttl: int
    urgency: str
    claims: dict[str, Any]
    encrypted: bytes


@dataclass
class PushService:
    """A push service (RFC 8030) together with the browser behind it: it checks the signature (RFC 8292) against the key
    that the browser subscribed with, and decrypts the message with the browser's keys (RFC 8291, RFC 8188).

    ``over`` are subscriptions that it knows no more and the status by which it says so; ``fails`` is one for all.
    """

    url: str = ""
    public_key: str = ""  # ours, which the browser got from the page
    pushes: list[Push] = field(default_factory=list)
    over: dict[str, int] = field(default_factory=dict)
    fails: int = 0
    retry_after: str = ""
    _browsers: dict[str, tuple[ec.EllipticCurvePrivateKey, bytes]] = field(default_factory=dict)

    def subscribe(self, name: str = "") -> dict[str, Any]:
        """What ``PushSubscription.toJSON()`` gives."""
        path = f"/push/{name or uuid4().hex}"
        key, auth = ec.generate_private_key(ec.SECP256R1()), uuid4().bytes
        self._browsers[path] = (key, auth)
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.url + path, "keys": {"p256dh": _encoded(point), "auth": _encoded(auth)}}

    def answer(self, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        import http_ece

        if self.fails:
            return self.fails, {"Retry-After": self.retry_after} if self.retry_after else {}, b""
        if path in self.over or path not in self._browsers:
            return self.over.get(path, 404), {}, b""
        claims = self._claims(headers["Authorization"])
        if claims is None:
            return 403, {}, b""
        key, auth = self._browsers[path]
        assert headers["Content-Encoding"] == "aes128gcm" and len(body) <= 4096
        shown = http_ece.decrypt(body, private_key=key, auth_secret=auth, version="aes128gcm")
        self.pushes.append(Push(path, json.loads(shown), int(headers["TTL"]), headers["Urgency"], claims, body))
        return 201, {"Location": f"{self.url}/messages/{len(self.pushes)}"}, b""

    def _claims(self, authorization: str) -> dict[str, Any] | None:
        """The claims of a VAPID header, if it was signed with the key that this browser subscribed with."""
        from py_vapid import Vapid02

        parts = dict(part.strip().split("=", 1) for part in authorization.removeprefix("vapid ").split(","))
        if parts["k"] != self.public_key or not Vapid02.verify(authorization):
            return None
        claims = json.loads(base64.urlsafe_b64decode(parts["t"].split(".")[1] + "=="))
        return claims if claims["aud"] == self.url and claims["exp"] > time.time() else None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def push_service(settings: Any, tmp_path: Any) -> Iterator[PushService]:
    """A running push service, the only one that the settings name."""
    from messages.channels import push

    settings.VAR_DIR = tmp_path
    push._key.cache_clear()
    push.public_key.cache_clear()
    service = PushService(public_key=push.public_key())
    with _listening(service.answer) as url:
        service.url = url
        settings.PUSH_SERVICES = [url]
        yield service
    push._key.cache_clear()
    push.public_key.cache_clear()
