"""What postmaster.pid says, and whether it is true.

PostgreSQL writes the file at its start and removes it at its end. After a kill -9 it stays, and its process number may
by then belong to some other program; PostgreSQL would take that for a running server and refuse to start.
"""

import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from launcher.progress import Stop

SHARED_MEMORY = Path("/proc/sysvipc/shm")


@dataclass(frozen=True)
class Postmaster:
    """A server process as postmaster.pid names it."""

    data: Path
    pid: int
    memory: int | None  # id of the shared memory segment that the server and all its children hold

    @classmethod
    def read(cls, data: Path) -> "Postmaster | None":
        """From ``data/postmaster.pid``; None where there is no such file or it is empty."""
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        if not lines or not lines[0].strip().isdigit():
            return None
        memory = lines[6].split() if len(lines) > 6 else []
        return cls(data, int(lines[0]), int(memory[1]) if len(memory) == 2 else None)

    def alive(self) -> bool:
        """Whether that process runs and is a PostgreSQL server over this very folder."""
        command = self._command()
        return bool(command) and Path(command[0]).name == "postgres" and str(self.data) in command

    def attached(self) -> int:
        """How many processes still hold the shared memory: children that have not noticed the end of their server."""
        if self.memory is None or not SHARED_MEMORY.exists():
            return 0
        rows = [line.split() for line in SHARED_MEMORY.read_text().splitlines()[1:]]
        return next((int(row[6]) for row in rows if int(row[1]) == self.memory), 0)

    def clear_away(self, socket_lock: Path) -> None:
        """Wait for the children of a dead server to go, then remove the files that would block the next start.

        Raises Stop if they do not go: a second server over the same files would destroy them.
        """
        deadline = time.monotonic() + 30
        while self.attached():
            if time.monotonic() > deadline:
                raise Stop(f"Processes of a PostgreSQL that died (pid {self.pid}) still hold {self.data}.")
            time.sleep(0.1)
        with suppress(FileNotFoundError):
            (self.data / "postmaster.pid").unlink()
        with suppress(FileNotFoundError):
            socket_lock.unlink()

    def _command(self) -> list[str]:
        """The words of the process's command line; empty where there is no such process (or only its remains)."""
        try:
            return Path(f"/proc/{self.pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except FileNotFoundError:
            if SHARED_MEMORY.exists():
                return []
        asked = ["ps", "-p", str(self.pid), "-o", "command="]  # no /proc: macOS, BSD
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
