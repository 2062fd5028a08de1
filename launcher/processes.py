"""Child processes that are looked after: started, restarted when they die, stopped in order, never left over."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from launcher.progress import say

PR_SET_PDEATHSIG = 1
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
SETTLED = 30.0  # seconds after which a child counts as running well again


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask Linux to send this process ``number`` when the parent that started it ends, even by kill -9.

    Elsewhere there is nothing like it; the next start finds the port taken and says so.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number))


def death_pact() -> Callable[[], None]:
    """A ``preexec_fn`` for children: `die_with_parent`, and no life at all if the parent died in between."""
    parent = os.getpid()

    def pact() -> None:
        die_with_parent()
        if os.getppid() != parent:
            os._exit(1)

    return pact


class Child:
    """One program that is to run until it is told to stop.

    It gets a session (so a process group) of its own: a Ctrl-C in the terminal reaches only the launcher, which stops
    its children one after the other, and what a killed program leaves behind is found by its group.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], patience: float = 15) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.patience = patience
        self.process: subprocess.Popen[bytes] | None = None
        self.restarts = 0
        self._pause = FIRST_PAUSE
        self._started = self._again = 0.0

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=death_pact(),
        )

    def look_after(self) -> None:
        """Restart the program if it has ended, after a pause that doubles while it keeps failing."""
        now = time.monotonic()
        if self.process is not None:
            status = self.process.poll()
            if status is None:
                if now - self._started > SETTLED:
                    self._pause = FIRST_PAUSE
                return
            self._end_group()
            self.process = None
            self._again = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            say(f"  the {self.name} ended ({_reason(status)}); starting it again")
        if now >= self._again:
            self.restarts += 1
            self.start()

    def stop(self) -> None:
        """SIGTERM, ``patience`` seconds for what is being done, then SIGKILL to all that is left of it."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                say(f"  the {self.name} does not end by itself; it is killed")
        self._end_group()
        self.process.wait()
        self.process = None

    def _end_group(self) -> None:
        assert self.process is not None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # nobody is left (macOS says it in the second way)
            return


def _reason(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
