"""The load generator against a real server on loopback."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from urllib.parse import parse_qs

import pytest

from bench.traffic import Broken, Connection, drive, request

seen: list[tuple[str, str, dict]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"x" * 100_000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        seen.append((self.path, self.headers["Cookie"], parse_qs(body)))
        self.send_response(302)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_form_arrives_as_it_was_meant(port):
    seen.clear()
    form = {"draft": "路燈 & 坑洞", "csrfmiddlewaretoken": "b"}
    wanted = request("POST", "/report/send/", form=form, cookies={"csrftoken": "b"})
    with Connection(port) as connection:
        assert connection.send(wanted) == connection.send(wanted) == 302  # one connection, kept alive
    assert seen[0] == ("/report/send/", "csrftoken=b", {"draft": ["路燈 & 坑洞"], "csrfmiddlewaretoken": ["b"]})
    assert len(seen) == 2


def test_an_answer_is_read_to_its_end(port):
    with Connection(port) as connection:
        for _ in range(3):
            status, body = connection.exchange(request("GET", "/"))
            assert (status, len(body)) == (200, 100_000)


def test_each_request_is_sent_once_and_counted(port):
    seen.clear()
    wanted = [request("POST", f"/{number}", form={"n": str(number)}) for number in range(40)]
    result = drive(port, iter(wanted), connections=4, seconds=30)
    assert sorted(int(path[1:]) for path, _cookie, _form in seen) == list(range(40))
    assert result.statuses == {302: 40}
    assert len(result.times) == 40 and result.p(0.5) <= result.p(0.95)
    assert result.rate == pytest.approx(40 / result.seconds)


def test_it_ends_when_the_time_is_over(port):
    result = drive(port, repeat(request("GET", "/")), connections=2, seconds=0.2)
    assert 0.2 <= result.seconds < 5
    assert set(result.statuses) == {200}


def test_a_server_that_hangs_up_is_no_measurement():
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: server.accept()[0].close())
        thread.start()
        with pytest.raises((Broken, ConnectionError)):
            drive(server.getsockname()[1], repeat(request("GET", "/")), connections=1, seconds=5)
        thread.join()
