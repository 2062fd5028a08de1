"""Calling addresses that others gave: the world, and not the city's own network."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from foundation import outbound


class Answer(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers["Host"])
        self.send_response(302 if self.path == "/away" else 204)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    found = HTTPServer(("127.0.0.1", 0), Answer)
    Answer.asked.clear()
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join()


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.2.3.4", "172.16.0.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "ff0e::1", "no address",
])  # fmt: skip
def test_what_lies_within_is_not_called(address: str) -> None:
    assert not outbound.is_outward(address)


@given(st.ip_addresses(v=4))
def test_an_address_wrapped_in_another_is_judged_as_it_is(address: ipaddress.IPv4Address) -> None:
    assert outbound.is_outward(f"::ffff:{address}", ["::ffff:0:0/96"]) == outbound.is_outward(str(address))


def test_the_world_is_called_and_what_the_operator_names() -> None:
    assert outbound.is_outward("1.1.1.1") and outbound.is_outward("2606:4700::1111")
    assert outbound.is_outward("10.1.9.9", ["10.1.0.0/16"])
    assert not outbound.is_outward("10.2.0.1", ["10.1.0.0/16"])


def test_nothing_is_sent_to_the_machine_itself(server: HTTPServer, settings) -> None:
    settings.OUTBOUND_NETWORKS = []
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"):
        with pytest.raises(outbound.Inward):
            outbound.request("GET", f"http://{host}:{server.server_port}/", timeout=2)
    assert not Answer.asked


def test_one_address_of_many_that_lies_within_is_enough(server: HTTPServer, settings, monkeypatch) -> None:
    settings.OUTBOUND_NETWORKS = []
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("1.1.1.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: both)
    with pytest.raises(outbound.Inward):
        outbound.request("GET", "http://venue.example/", timeout=2)


def test_the_connection_goes_where_was_looked_and_the_name_is_asked_once(server, settings, monkeypatch) -> None:
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    names: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: object, **named: object) -> list:
        names.append(host)
        return real("127.0.0.1", port, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    answer = outbound.request("GET", f"http://venue.example:{server.server_port}/away", timeout=2)
    assert answer.status_code == 302  # told, and not followed
    assert Answer.asked == [f"venue.example:{server.server_port}"]
    assert names == ["venue.example", "127.0.0.1"]


def test_a_name_that_nobody_has_is_an_error_of_requests(settings, monkeypatch) -> None:
    def nobody(*_args: object, **_named: object) -> list:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(requests.ConnectionError):
        outbound.request("GET", "https://nobody.example/", timeout=2)
