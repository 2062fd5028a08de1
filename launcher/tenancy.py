"""Who uses the embedded server, and who turns it off.

Whoever needs the database (a demo, a server, a command) holds a shared lock on ``var/run/database.users``. The one
that leaves last stops the server, unless `./cityhall db start` asked for it to stay. The system releases the lock of a
process that was killed; so that the server stops then too, a watcher waits for the lock to be free.

Starting, stopping and leaving happen under a second, exclusive lock, ``database.control``.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from launcher.postgres import Server
from launcher.progress import Stop, say, step

ROOT = Path(__file__).resolve().parent.parent
_watchers: list[subprocess.Popen[bytes]] = []


def run_dir(var: Path) -> Path:
    """``var/run``: locks and notes of what runs at the moment.

    ``var`` is made for its owner alone; as root, others may pass through (the database's account must) but not look.
    """
    var.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    folder = var / "run"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


class Tenancy:
    """The use of one embedded server by any number of processes on this machine."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.run = run_dir(server.var)
        self.keep = self.run / "database.keep"

    @contextmanager
    def use(self) -> Iterator[str]:
        """The address of the running database; it stays up until the block ends. Started if it does not run."""
        with (self.run / "database.users").open("a") as users:
            try:
                with self._control():
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self._started()
                yield self.server.url()
            finally:
                self._leave(users)

    def revive(self) -> bool:
        """Start the server again if it has died under its users; whether it had."""
        if self.server.postmaster:
            return False
        with self._control():
            self._started()
        return True

    def start(self) -> None:
        """`db start`: the server runs until `db stop`."""
        with self._control():
            self.keep.touch()
            self._started()

    def stop(self) -> None:
        """`db stop`: refused while somebody uses the server."""
        with (self.run / "database.users").open("a") as users, self._control():
            if not _locked(users):
                raise Stop("The database is in use by a demo, a server or a command. Stop that first.")
            self.keep.unlink(missing_ok=True)
            self.server.stop()

    def watch(self) -> None:
        """Wait until nobody uses the server, then stop it. The work of the watcher process."""
        with (self.run / "database.watcher").open("a") as alone, (self.run / "database.users").open("a") as users:
            if not _locked(alone):
                return
            while not self.keep.exists():
                fcntl.flock(users, fcntl.LOCK_EX)
                # Somebody may hold the control lock and wait for a share of this one: let go before asking for control.
                fcntl.flock(users, fcntl.LOCK_UN)
                if self._leave(users):
                    return

    def _started(self) -> None:
        if not self.server.postmaster:
            with step("database" if self.server.exists() else "database, made anew"):
                self.server.start()
        if not self.keep.exists():
            self._start_watcher()

    def _leave(self, users: IO[str]) -> bool:
        """Stop the server if nobody else uses it and it need not stay; whether it is stopped."""
        with self._control():
            if not _locked(users):
                return False
            if not self.keep.exists():
                self.server.stop()
            return True

    def _start_watcher(self) -> None:
        """In a session of its own, so that a Ctrl-C in the terminal does not reach it. A second one ends at once."""
        kind = "durable" if self.server.durable else "throwaway"
        watcher = subprocess.Popen(
            [sys.executable, "-m", "launcher.watcher", str(self.server.var), kind],
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # It outlives this object; held here so that Python does not wonder about it, and reaped when it has ended.
        _watchers[:] = [each for each in _watchers if each.poll() is None] + [watcher]

    @contextmanager
    def _control(self) -> Iterator[None]:
        with (self.run / "database.control").open("a") as control:
            if not _locked(control):
                say("  waiting for another command that starts or stops the database …")
                fcntl.flock(control, fcntl.LOCK_EX)
            yield


def _locked(file: IO[str]) -> bool:
    """Take the exclusive lock if nobody holds any; an own shared lock becomes exclusive."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
