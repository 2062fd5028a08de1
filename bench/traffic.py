"""The load generator: keep-alive HTTP/1.1 over plain sockets, one thread a connection.

It shares the two cores with what it measures, so it does as little as it can: requests are bytes made beforehand, and
of an answer only the status and the length are read. About 40 µs of CPU a request.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.table import percentile


class Broken(Exception):
    """The server closed the connection or answered something that is no HTTP."""


@dataclass
class Traffic:
    """What came of some seconds of load."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(self.seconds + other.seconds, self.statuses + other.statuses, self.times + other.times)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def p(self, share: float) -> float:
        """A percentile of the answers' times in milliseconds."""
        return percentile(self.times, share) * 1000


def request(
    method: str, path: str, *, form: dict[str, str] | None = None, cookies: dict[str, str] | None = None
) -> bytes:
    """A request as it goes over the wire."""
    body = urlencode(form).encode() if form else b""
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept-Language: zh-TW", "Accept-Encoding: identity"]
    if cookies:
        head.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    if form is not None:
        head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def drive(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Traffic:
    """Send requests over some connections, one after the other on each, until the time or the requests are over."""
    lock, stop = threading.Lock(), time.perf_counter() + seconds

    def send(line: Connection, _number: int) -> Iterator[tuple[int, float]]:
        while time.perf_counter() < stop:
            with lock:
                wanted = next(requests, None)
            if wanted is None:
                return
            began = time.perf_counter()
            status = line.send(wanted)
            yield status, time.perf_counter() - began

    return together(port, connections, send)


def together(port: int, connections: int, work: Callable[[Connection, int], Iterator[tuple[int, float]]]) -> Traffic:
    """What came of work on some connections, each in a thread of its own.

    ``work`` gets a connection and its number from 0, and yields status and seconds of each answer. Raises what it did.
    """
    lock, result, failures = threading.Lock(), Traffic(), []

    def one(number: int) -> None:
        times, statuses = [], Counter()
        try:
            with Connection(port) as line:
                for status, spent in work(line, number):
                    times.append(spent)
                    statuses[status] += 1
        except Exception as failure:  # told by the caller's thread
            failures.append(failure)
        with lock:
            result.times += times
            result.statuses += statuses

    began = time.perf_counter()
    threads = [threading.Thread(target=one, args=[number]) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return result


class Connection:
    """One keep-alive connection to localhost; a context manager."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __enter__(self) -> Connection:
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.close()

    def send(self, wanted: bytes) -> int:
        """Send one request and read its answer to the end; its status."""
        status, _body = self.exchange(wanted)
        return status

    def headers(self, wanted: bytes) -> bytes:
        """Send one request; the head of the answer, as it is written."""
        self.exchange(wanted)
        return self._head

    def exchange(self, wanted: bytes) -> tuple[int, bytes]:
        """Send one request; status and body of the answer."""
        self._socket.sendall(wanted)
        data = bytearray()
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._read()
        self._head = bytes(data[:end])
        head = self._head.lower()
        if (place := head.find(b"\r\ncontent-length:")) < 0:
            if head[9:12] in (b"204", b"304"):
                return int(head[9:12]), b""
            raise Broken(f"an answer without a length: {head[:200]!r}")
        length = int(head[place + 17 :].split(b"\r\n", 1)[0])
        while len(data) < end + 4 + length:
            data += self._read()
        return int(head[9:12]), bytes(data[end + 4 :])

    def _read(self) -> bytes:
        part = self._socket.recv(65536)
        if not part:
            raise Broken("the server closed the connection")
        return part
