"""Children: restarted when they die, stopped when told, gone when their parent is."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.processes import Child
from launcher.tenancy import ROOT

FOREVER = "import time; time.sleep(60)"
# Does not listen to SIGTERM, and has a child of its own.
STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(str(grandchild.pid))
grandchild.wait()
"""
PARENT = """
import os, sys, time
from launcher.processes import Child
child = Child("child", [sys.executable, "-c", "import time; time.sleep(60)"], os.environ)
child.start()
print(child.process.pid, flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def child(script: str, *arguments: str, patience: float = 5) -> Child:
    return Child("test child", [sys.executable, "-c", script, *arguments], os.environ, patience)


def test_a_child_that_dies_is_started_again_after_a_growing_pause(capsys: pytest.CaptureFixture[str]) -> None:
    failing = child("raise SystemExit(3)")
    failing.start()
    began = time.monotonic()
    while failing.restarts < 2:
        failing.look_after()
        time.sleep(0.01)
    assert time.monotonic() - began > 1.5  # 0.5 s, then 1 s
    failing.stop()
    assert "the test child ended (status 3)" in capsys.readouterr().err


def test_a_child_that_was_killed_is_replaced_and_a_healthy_one_is_left_alone() -> None:
    healthy = child(FOREVER)
    healthy.start()
    assert healthy.process
    first = healthy.process.pid
    healthy.look_after()
    assert healthy.restarts == 0
    os.kill(first, signal.SIGKILL)
    eventually(lambda: (healthy.look_after(), healthy.process and healthy.process.pid != first)[1])
    healthy.stop()
    assert healthy.process is None and not alive(first)


def test_stop_kills_what_does_not_listen_and_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    stubborn = child(STUBBORN, str(note), patience=0.3)
    stubborn.start()
    eventually(lambda: note.exists() and note.read_text())
    grandchild = int(note.read_text())
    assert alive(grandchild)
    stubborn.stop()
    eventually(lambda: not alive(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has died")
def test_a_child_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    orphan = int(parent.stdout.readline())
    assert alive(orphan)
    parent.kill()
    parent.communicate()
    eventually(lambda: not alive(orphan))
