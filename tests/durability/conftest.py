"""A real city hall: embedded PostgreSQL, web server and job worker under their supervisors, in a folder of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from launcher.postgres import Server
from launcher.tenancy import ROOT, Tenancy
from messages.testing import SmtpServer
from tests.launcher.conftest import embedded_postgres, short_path  # noqa: F401  fixtures
from tests.programs import children, is_well


@dataclass
class CityHall:
    """`./cityhall serve` and `./cityhall work` over one ``var``, and their processes to be killed."""

    server: Server
    mail_url: str
    port: int
    log: Path
    supervisors: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """That of a person at a shell, not of these tests."""
        inherited = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
        return inherited | {
            "PYTHONPATH": str(ROOT),
            "CITYHALL_VAR": str(self.server.var),
            "CITYHALL_MAIL_URL": self.mail_url,
            "CITYHALL_RATE_LIMIT_FACTOR": "1000000",
        }

    def start(self, verb: str, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self.supervisors[verb] = subprocess.Popen(
                [sys.executable, "-m", "launcher", verb, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def wait_until_well(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not is_well(self.port):
            self._assert_that_none_has_ended()
            assert time.monotonic() < end, f"not well after {seconds} s:\n{self.log.read_text()[-3000:]}"
            time.sleep(0.1)
        self._assert_that_none_has_ended()  # one that ends lets its web server answer until it has stopped it

    def _assert_that_none_has_ended(self) -> None:
        for verb, process in self.supervisors.items():
            assert process.poll() is None, f"{verb} has ended:\n{self.log.read_text()[-3000:]}"

    # -- Processes to be killed --------------------------------------------------------------------------------------

    def web_server(self) -> list[int]:
        return children(self.supervisors["serve"].pid, "granian")

    def web_workers(self) -> list[int]:
        return [pid for master in self.web_server() for pid in children(master, "granian")]

    def job_worker(self) -> list[int]:
        return children(self.supervisors["work"].pid, "launcher.jobs")

    def database(self) -> list[int]:
        found = self.server.postmaster
        return [found.pid] if found else []

    def stop(self) -> None:
        for process in reversed(self.supervisors.values()):
            process.terminate()
        for process in self.supervisors.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def kill(pid: int) -> bool:
    """kill -9; whether there was such a process."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a server with schema, static files and city pack: half a minute of work, so copied by the tests.

    The first worker of pytest that wants them makes them, the others wait.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # of this run, for all workers
    made = shared / "city-hall"
    with (shared / "city-hall.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(made)
    return made


def _make(made: Path) -> None:
    """In a short path that the database's account may enter; moved to ``made`` when complete."""
    path = Path(tempfile.mkdtemp(prefix="cityhall-test-", dir="/tmp"))
    try:
        path.chmod(0o711)
        server = Server(path / "var", durable=False)
        environment = CityHall(server, "smtp://127.0.0.1:9", 0, path / "log").environment
        with Tenancy(server).use() as url:
            prepare = [sys.executable, "-m", "launcher.prepare", "--static", "--pack"]
            subprocess.run(prepare, cwd=ROOT, env=environment | {"DATABASE_URL": url}, check=True)
        shutil.move(server.var, made)
    finally:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def city_hall(embedded_postgres: Server, mail: SmtpServer, tmp_path: Path) -> Iterator[CityHall]:  # noqa: F811
    """Running and well, with the city pack loaded."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    hall = CityHall(embedded_postgres, mail.url, port, tmp_path / "log")
    try:
        hall.start("serve", "--port", str(port))
        hall.wait_until_well(120)
        hall.start("work")
        end = time.monotonic() + 60
        while not hall.job_worker() and time.monotonic() < end:
            time.sleep(0.1)
        yield hall
    finally:
        hall.stop()
