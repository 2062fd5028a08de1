"""The whole of `./cityhall demo`, as a person meets it: up, killed piece by piece, told to stop."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher.postgres import Server
from launcher.tenancy import ROOT
from tests.programs import children, is_well

pytestmark = [pytest.mark.slow, pytest.mark.database]


class Demo:
    """A demo in a folder of its own, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.log = folder / "log"
        self.server = Server(folder / "var")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
        environment |= {"CITYHALL_VAR": str(self.folder / "var"), "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "launcher", "demo", "--scale", "0.001", "--port", str(self.port), *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.log.read_text()

    def well(self) -> bool:
        return is_well(self.port)

    def everything(self) -> list[str]:
        """Command lines of all living processes that belong to this demo."""
        mark = f"CITYHALL_VAR={self.folder / 'var'}\0".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                words = path.joinpath("cmdline").read_bytes()
                if words and (mark in path.joinpath("environ").read_bytes() or str(self.folder).encode() in words):
                    found.append(words.replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found


def eventually(condition: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    folder = Path(tempfile.mkdtemp(prefix="cityhall-demo-", dir="/tmp"))
    folder.chmod(0o711)
    demo = Demo(folder)
    demo.process = demo.start()
    try:
        eventually(lambda: "Ready in" in demo.text() or demo.process is None or demo.process.poll() is not None, 240)
        assert "Ready in" in demo.text(), demo.text()
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()
        eventually(lambda: demo.server.postmaster is None, 30)
        shutil.rmtree(folder, ignore_errors=True)


def test_it_says_where_and_who_and_how_long(demo: Demo) -> None:
    text = demo.text()
    assert f"http://localhost:{demo.port}" in text
    for account in ("citizen", "officer", "crew", "admin", "password"):
        assert re.search(rf"^{account}\b", text, re.M), account
    assert re.search(r"database.* s$", text, re.M) and re.search(r"schema.* s$", text, re.M)
    assert demo.well()


def test_a_second_one_is_told_where_the_first_is(demo: Demo) -> None:
    assert demo.process
    second = demo.start()
    assert second.wait(30) == 1
    said = f"Already running at http://localhost:{demo.port} (process {demo.process.pid})"
    assert said in demo.text().splitlines()[-1]
    assert demo.well()


def test_a_port_that_is_taken_is_named_before_anything_starts(demo: Demo, tmp_path: Path) -> None:
    other = Demo(demo.folder / "other")
    other.folder.mkdir(mode=0o711)
    other.port = demo.port
    assert other.start().wait(30) == 1
    assert f"Port {demo.port} cannot be used" in other.text()
    assert not other.server.exists()


@pytest.mark.parametrize("part", ["granian", "launcher.jobs"])
def test_a_part_that_is_killed_comes_back(demo: Demo, part: str) -> None:
    assert demo.process
    (first,) = children(demo.process.pid, part)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: demo.process and children(demo.process.pid, part) not in ([], [first]))
    eventually(demo.well)


def test_a_web_process_that_is_killed_comes_back(demo: Demo) -> None:
    assert demo.process
    (web,) = children(demo.process.pid, "granian")
    eventually(lambda: len(children(web, "")) >= 2)
    victim = children(web, "")[-1]
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: victim not in children(web, "") and len(children(web, "")) >= 2)
    eventually(demo.well)


def test_the_database_comes_back_too(demo: Demo) -> None:
    first = demo.server.postmaster
    assert first
    os.kill(first.pid, signal.SIGKILL)
    eventually(lambda: (now := demo.server.postmaster) is not None and now.pid != first.pid)
    eventually(demo.well)


def test_killed_itself_it_leaves_nothing_behind_and_starts_again_quickly(demo: Demo) -> None:
    assert demo.process
    demo.process.kill()
    demo.process.wait()
    eventually(lambda: not demo.everything(), 60)
    before = demo.text().count("Ready in")
    demo.process = demo.start()
    eventually(lambda: demo.text().count("Ready in") > before)
    again = demo.text().rsplit("Already", 1)[-1]
    assert demo.well()
    # What was made the first time is not made again.
    assert demo.text().count("database, made anew") == demo.text().count("static files") == 1, again
    assert demo.text().count("schema") == 1


def test_told_to_stop_it_stops_everything(demo: Demo) -> None:
    assert demo.process
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(60) == 0
    assert demo.server.postmaster is None
    eventually(lambda: not demo.everything(), 10)
    assert not demo.well()
