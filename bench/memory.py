"""How much memory a process took at its most."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MOST = 600  # MB, of whatever counts or prints a full city year
_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere (getrusage(2))


def peak() -> float:
    """Of this process until now, in MB. The database's memory is its own."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT / 1e6


def run(command: Sequence[str], folder: Path) -> float:
    """Run a program to its end; what it took at its most, in MB. Raises CalledProcessError if it fails."""
    with subprocess.Popen(command, cwd=folder, stdout=sys.stderr) as process:
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_maxrss * _UNIT / 1e6
