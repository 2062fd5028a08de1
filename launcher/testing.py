"""`./cityhall test` and `./cityhall check`: all that CI runs, and the quick half of it."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from launcher.installation import Installation
from launcher.progress import Stop, say, step
from launcher.tenancy import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Chromium for the journeys; Pango for the PDF of the report.
DEBIAN_PACKAGES = ("chromium", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
# LibreOffice opens the report's office files, as the city's own machines will.
OFFICE_PACKAGE = "libreoffice-writer-nogui"
# Three workers keep two processors busy while one waits for a browser. Whole files, in the order of tests/order.py:
# xdist's own would put those with few tests, which are often the long ones, at the end.
EVERYTHING = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")
# Container images often forbid it; then each program that a test starts compiles the house anew, 0.7 s of CPU.
KEEP_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
# Nobody listens there: what needs a database is not run by `check`, and would fail at once.
NO_DATABASE = "postgresql:///none?host=/nonexistent"


def test(options: argparse.Namespace) -> int:
    """Every test against a throw-away PostgreSQL of its own below ``var/test``, and the checks beside them.

    With arguments (paths, pytest's options) only those tests and no checks.
    """
    ensure_browser()
    ensure_office()
    home = Path(os.environ.get("CITYHALL_VAR") or ROOT / "var")
    installation = Installation(home / "test", durable=False)
    with installation.database() as url:
        environment = installation.environment(url, **KEEP_COMPILED)
        if options.pytest:
            return _verdict(_tests(options.pytest, environment))
        with ThreadPoolExecutor(1) as beside:
            checks = beside.submit(lambda: list(_checks(environment, fix=False)))
            failed = _tests(EVERYTHING, environment)
            return _verdict(_told(checks.result()) + failed)


def check(options: argparse.Namespace) -> int:
    """The checks and the tests that need neither a browser nor a database."""
    home = Path(os.environ.get("CITYHALL_VAR") or ROOT / "var")
    environment = Installation(home / "test").environment(NO_DATABASE, **KEEP_COMPILED)
    failed = _told(_checks(environment, options.fix))
    return _verdict(failed + _tests(["-q", "-m", "not browser and not database"], environment))


def ensure_browser() -> None:
    """A Chromium in PATH: installed if we are root on Debian. Raises Stop with how to get it."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if not can_install():
        raise Stop(f"The tests need a browser: sudo apt-get install {' '.join(DEBIAN_PACKAGES)}")
    with step("browser (Debian's chromium)"):
        install(*DEBIAN_PACKAGES)


def ensure_office() -> None:
    """LibreOffice in PATH, if it can be had: else the one test that needs it is skipped, and says so."""
    if shutil.which("soffice"):
        return
    if not can_install():
        say(f"  without LibreOffice its test is skipped: sudo apt-get install {OFFICE_PACKAGE}")
        return
    try:
        with step("office (Debian's LibreOffice)"):
            install(OFFICE_PACKAGE)
    except Stop as problem:
        say(f"  without LibreOffice its test is skipped: {problem}")


def can_install() -> bool:
    """Whether we are root on Debian."""
    return os.geteuid() == 0 and bool(shutil.which("apt-get"))


def install(*packages: str) -> None:
    """Install packages of Debian. Raises Stop with what apt-get said."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise Stop(f"{' '.join(command[:2])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


@dataclass(frozen=True)
class Check:
    """One check that has been run."""

    name: str
    passed: bool
    seconds: float
    said: str


def _checks(environment: Mapping[str, str], fix: bool) -> Iterator[Check]:
    """Run one check after the other, also after a failure."""
    programs = Path(sys.executable).parent
    checks: dict[str, Sequence[str]] = {
        "lint": ["-m", "ruff", "check", "--quiet", *(["--fix"] if fix else []), "."],
        "format": ["-m", "ruff", "format", "--quiet", *([] if fix else ["--check"]), "."],
        "types": ["-m", "mypy", "."],
        "imports": [str(programs / "lint-imports"), "--no-logo"],
        "records": ["-m", "launcher.checks.records"],
        "reference": ["-m", "launcher.checks.reference", *(["--write"] if fix else [])],
    }
    for name, arguments in checks.items():
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
        )
        yield Check(name, done.returncode == 0, time.monotonic() - began, done.stdout + done.stderr)


def _told(checks: Iterable[Check]) -> list[str]:
    """Say of each check how long it took and what it found; the names of those that failed."""
    failed = []
    for check in checks:
        say(f"  {check.name}  {check.seconds:.1f} s")
        if not check.passed:
            failed.append(check.name)
            say(check.said)
    return failed


def _tests(chosen: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Run pytest; what failed."""
    done = subprocess.run([sys.executable, "-m", "pytest", *chosen], cwd=ROOT, env=dict(environment), check=False)
    return [] if done.returncode == 0 else ["tests"]


def _verdict(failed: Sequence[str]) -> int:
    if failed:
        say(f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0
