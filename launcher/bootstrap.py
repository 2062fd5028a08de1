"""Makes .venv from the locked, hashed requirements. Standard library only: it runs before any package is there.

Called by ./cityhall with the Python it found: ``PYTHON launcher/bootstrap.py base|dev``. The stamp it leaves is what
./cityhall compares at each start, so that a second run costs nothing. An installation that was interrupted is known by
the note it leaves, and is begun anew.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "cityhall.stamp"
UNFINISHED = VENV / "cityhall.unfinished"
LOCK: list[int] = []
PIP_INSTALL = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes"]


def main(kind: str) -> int:
    # A lock on the folder itself: no file to leave behind. The installers inherit it, so if we are killed it is free as
    # soon as they have ended too.
    folder = os.open(REQUIREMENTS, os.O_RDONLY)
    LOCK.append(folder)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("  waiting for another start that installs the packages …")
        fcntl.flock(folder, fcntl.LOCK_EX)
    if stamped(kind):
        return 0
    # What the tests installed stays: a folder made for them serves everything else too.
    if "dev" in read_stamp():
        kind = "dev"
    try:
        install(kind)
    except subprocess.CalledProcessError as error:
        say(f"The packages could not be installed: {' '.join(error.cmd[:6])} … ended with {error.returncode}.")
        return 1
    return 0


def install(kind: str) -> None:
    """Bring .venv to the state of ``requirements/<kind>.txt``."""
    if UNFINISHED.exists() or not usable(PYTHON):
        with step(f"Python {sys.version.split()[0]}"):
            make_venv()
    UNFINISHED.touch()
    STAMP.unlink(missing_ok=True)
    with step("packages"):
        sync(REQUIREMENTS / f"{kind}.txt")
    write_stamp(kind)
    UNFINISHED.unlink()


def make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    UNFINISHED.touch()
    pip = [] if has_ensurepip() else ["--without-pip"]
    must([sys.executable, "-m", "venv", *pip, str(VENV)])


def sync(lock: Path) -> None:
    """Exactly what ``lock`` names, by uv (seconds) or, where it cannot be had, by pip."""
    arguments = ["pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", str(PYTHON), str(lock)]
    for uv in uv_commands():
        if run([*uv, *arguments]) == 0:
            return
    must([*PIP_INSTALL, "-r", str(lock)])


def uv_commands() -> Iterator[list[str]]:
    """The person's own uv; else the one that requirements/uv.txt pins, put into .venv."""
    if own := shutil.which("uv"):
        yield [own]
    pinned = VENV / "bin" / "uv"
    if not pinned.exists() and has_ensurepip():
        run([*PIP_INSTALL, "--no-deps", "-r", str(REQUIREMENTS / "uv.txt")])
    if pinned.exists():
        yield [str(pinned)]


def usable(python: Path) -> bool:
    """Whether that Python runs and is new enough (its home may have been removed since)."""
    if not python.exists():
        return False
    check = "import sys; sys.exit(sys.version_info < (3, 12))"
    return subprocess.run([python, "-c", check], check=False, capture_output=True).returncode == 0


def has_ensurepip() -> bool:
    """Debian takes it out of its Python and puts it into python3-venv."""
    return subprocess.run([sys.executable, "-c", "import ensurepip"], check=False, capture_output=True).returncode == 0


def checksum(kind: str) -> str:
    """As ./cityhall computes it: the POSIX `cksum` of the lock file."""
    with (REQUIREMENTS / f"{kind}.txt").open("rb") as lock:
        done = subprocess.run(["cksum"], stdin=lock, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def read_stamp() -> dict[str, str]:
    """The checksum of each lock file that .venv satisfies."""
    try:
        return dict(line.split(" ", 1) for line in STAMP.read_text().splitlines())
    except FileNotFoundError:
        return {}


def stamped(kind: str) -> bool:
    return PYTHON.exists() and not UNFINISHED.exists() and read_stamp().get(kind) == checksum(kind)


def write_stamp(kind: str) -> None:
    kinds = ["base", "dev"] if kind == "dev" else ["base"]
    draft = STAMP.with_suffix(".draft")
    draft.write_text("".join(f"{each} {checksum(each)}\n" for each in kinds))
    draft.replace(STAMP)


def run(command: Sequence[str]) -> int:
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL, pass_fds=LOCK).returncode


def must(command: Sequence[str]) -> None:
    if status := run(command):
        raise subprocess.CalledProcessError(status, list(command))


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(words: str) -> Iterator[None]:
    """As launcher.progress has it, which cannot be imported from here."""
    began = time.monotonic()
    say(f"  {words} …")
    yield
    say(f"  {words}  {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
