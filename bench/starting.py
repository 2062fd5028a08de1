"""Starting: `./cityhall demo` on a clean clone, until it says that it is ready; then once more."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.ground import ROOT, Size
from bench.server import free_port
from bench.table import Row

COLD, WARM = 90, 8
READY = re.compile(r"Ready in ([\d.]+) s")
OURS = ("DATABASE_URL", "CITYHALL_", "DJANGO_SETTINGS_MODULE", "PYTHON", "VIRTUAL_ENV")


def measure(size: Size) -> list[Row]:
    """Clone the last commit, start it cold and warm, and read the seconds that the launcher prints."""
    folder = Path(tempfile.mkdtemp(prefix="cityhall-bench-"))
    folder.chmod(0o711)  # the database's account, when root starts it, passes through
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    environment["CITYHALL_VAR"] = str(folder / "var")
    try:
        if size.lines < 10_000:  # to see that it runs, the installation's own code and packages will do
            code, options = ROOT, ["--scale", "0.001"]
        else:
            code, options = folder / "clone", []
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(code)], check=True)
        cold = _start(code, options, environment)
        warm = _start(code, options, environment)
    finally:
        if (link := folder / "var" / "postgres").is_symlink():
            shutil.rmtree(link.resolve())
        shutil.rmtree(folder)
    return [
        Row("cold, packages and demo year included", cold, "s", COLD, False, "warm", cold / warm),
        Row("warm", warm, "s", WARM),
    ]


def _start(code: Path, options: list[str], environment: dict[str, str]) -> float:
    """The seconds until it was ready, as it says itself; it is stopped by Ctrl-C then."""
    command = ["./cityhall", "demo", "--port", str(free_port()), *options]
    with subprocess.Popen(
        command, cwd=code, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    ) as process:  # fmt: skip
        said = []
        assert process.stdout
        for line in process.stdout:
            print(line, end="", file=sys.stderr)
            said.append(line)
            if found := READY.search(line):
                process.send_signal(signal.SIGINT)
                process.stdout.read()
                return float(found[1])
    raise RuntimeError(f"it did not become ready:\n{''.join(said[-20:])}")
