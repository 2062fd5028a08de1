"""The product's own web server over a database of the bench: `./cityhall serve`, as an operator starts it."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress

from bench.ground import PROCESSES, ROOT

READY_SECONDS = 180
RUNNING = "BENCH_WEB_PORT"  # of a server that runs already, over the database that is measured


@contextmanager
def web(environment: Mapping[str, str]) -> Iterator[int]:
    """The port of a web server that is well; it is stopped when the block ends, unless it ran before (``RUNNING``)."""
    if RUNNING in environment:
        yield int(environment[RUNNING])
        return
    port = free_port()
    command = [sys.executable, "-m", "launcher", "serve", "--port", str(port), "--workers", environment[PROCESSES]]
    with subprocess.Popen(
        command, env=dict(environment), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr
    ) as process:  # our own stdout is the table
        try:
            wait_until_well(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(60)


def wait_until_well(port: int, process: subprocess.Popen, path: str = "/healthz") -> None:
    """Return when a page answers 200. Raises RuntimeError if the process ends or that takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the web server ended with {process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(OSError, http.client.HTTPException), closing(connection):
            connection.request("GET", path, headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the web server does not get well")


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
