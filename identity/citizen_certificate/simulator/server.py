"""The simulated service over HTTP, and the page that plays the citizen's phone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from identity.citizen_certificate import wire
from identity.citizen_certificate.simulator.service import Deed, Simulator

MOST = 64 * 1024  # bytes of a request
WORDS = {
    Deed.APPROVE: "同意 Approve",
    Deed.CANCEL: "拒絕 Refuse",
    Deed.SLOW: "同意，但 10 秒後才有結果 Approve, known after 10 s",
    Deed.EXPIRE: "讓它逾期 Let it expire",
    Deed.FAIL: "App 簽章失敗 The app cannot sign",
    Deed.BROKEN: "簽章損壞 Broken signature",
    Deed.OTHER_TEXT: "簽了別的內容 Signs another text",
    Deed.STRANGER: "別的憑證機構 Another authority",
    Deed.REVOKED: "憑證已廢止 Revoked certificate",
    Deed.OUTDATED: "憑證已過期 Expired certificate",
    Deed.OTHER_PERSON: "別人的身分證字號 Another person's number",
    Deed.OTHER_CERTIFICATE: "別人的憑證 Another person's certificate",
}
PAGE = Template(Path(__file__).with_name("phone.html").read_text("utf-8"))


def phone_page(simulator: Simulator, ticket: str, back: str) -> str:
    """What the phone shows of a ticket: what would be signed, and all that can happen to it."""
    begun = simulator.begun(ticket)
    if begun is None:
        box = (
            '<p><label for="t">QR code 的內容 What the QR code says</label><textarea id="t" name="sp_ticket" rows="6">'
        )
        return _page(
            f'<form action="{wire.APP_PATH}">{box}</textarea></p><button class="main">掃描 Scan</button></form>'
        )
    buttons = "".join(
        f'<button name="deed" value="{deed}"{" class=main" if deed is Deed.APPROVE else ""}>{escape(words)}</button>'
        + ("<details><summary>其他情況 What else can happen</summary>" if deed is Deed.CANCEL else "")
        for deed, words in WORDS.items()
    )
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (("sp_ticket", ticket), ("back", back))
    )
    shown = f"<p><strong>{escape(begun.hint)}</strong></p><pre>{escape(begun.data.decode())}</pre>"
    return _page(f'{shown}<form method="post" action="/phone">{hidden}{buttons}</details></form>')


def _page(body: str) -> str:
    return PAGE.substitute(body=body)


class Handler(BaseHTTPRequestHandler):
    """One request. The server's ``simulator`` answers."""

    server: "Server"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in (wire.APP_PATH, "/"):
            ticket, back = wire.read_app_link(self.path)
            self._answer(200, phone_page(self.server.simulator, ticket, back), "text/html")
        elif path == "/revoked.crl":
            self._answer(200, self.server.simulator.authority.revocations().decode(), "application/pkix-crl")
        else:
            self._answer(404, "not found", "text/plain")

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), MOST)
        body = self.rfile.read(length).decode()
        path = urlsplit(self.path).path
        deeds = {wire.GET_TICKET: self.server.simulator.get_ticket, wire.GET_RESULT: self.server.simulator.get_result}
        if path == "/phone":
            self._phone({name: values[0] for name, values in parse_qs(body).items()})
        elif path in deeds:
            self._answer(200, json.dumps(deeds[path](json.loads(body)), ensure_ascii=False), "application/json")
        else:
            self._answer(404, "not found", "text/plain")

    def _phone(self, fields: dict[str, str]) -> None:
        done = self.server.simulator.do(fields.get("sp_ticket", ""), Deed(fields["deed"]))
        back = fields.get("back", "")
        begun = self.server.simulator.begun(fields.get("sp_ticket", ""))
        if done and begun and begun.on_phone and back.startswith(("http://", "https://")):
            self.send_response(303)
            self.send_header("Location", back)
            self.end_headers()
            return
        words = (
            "完成，請回到電腦。 Done; back to the other screen."
            if done
            else "這張票已經不能用了。 This ticket is spent."
        )
        self._answer(200 if done else 410, _page(f'<p role="status">{words}</p>'), "text/html")

    def _answer(self, status: int, text: str, kind: str) -> None:
        octets = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: tickets stand in the addresses."""


class Server(ThreadingHTTPServer):
    """On loopback alone, whatever happens: it signs in as anybody."""

    daemon_threads = True

    def __init__(self, simulator: Simulator, port: int = 0) -> None:
        self.simulator = simulator
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running(simulator: Simulator) -> Iterator[Server]:
    """The simulator in a thread, on a port of its own, for as long as the block."""
    with Server(simulator) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()
