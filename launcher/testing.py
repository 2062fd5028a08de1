"""`./cityhall test` and `./cityhall check`: all that CI runs, and the quick half of it."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher.installation import Installation
from launcher.progress import Stop, say, step
from launcher.tenancy import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Chromium for the journeys; Pango for the PDF of the report.
DEBIAN_PACKAGES = ("chromium", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
# Nobody listens there: what needs a database is not run by `check`, and would fail at once.
NO_DATABASE = "postgresql:///none?host=/nonexistent"


def test(options: argparse.Namespace) -> int:
    """Checks, then every test against a throw-away PostgreSQL of its own below ``var/test``.

    With arguments (paths, pytest's options) only those tests and no checks.
    """
    ensure_browser()
    home = Path(os.environ.get("CITYHALL_VAR") or ROOT / "var")
    installation = Installation(home / "test", durable=False)
    with installation.database() as url:
        environment = installation.environment(url)
        failed = [] if options.pytest else _checks(environment, fix=False)
        # In the order of pyproject.toml, where the long files come first; by number of tests they would come last.
        chosen = options.pytest or ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
        if _run(["-m", "pytest", *chosen], environment) != 0:
            failed.append("tests")
    return _verdict(failed)


def check(options: argparse.Namespace) -> int:
    """The checks and the tests that need neither a browser nor a database."""
    home = Path(os.environ.get("CITYHALL_VAR") or ROOT / "var")
    environment = Installation(home / "test").environment(NO_DATABASE)
    failed = _checks(environment, options.fix)
    if _run(["-m", "pytest", "-q", "-m", "not browser and not database"], environment) != 0:
        failed.append("tests")
    return _verdict(failed)


def ensure_browser() -> None:
    """A Chromium in PATH: installed if we are root on Debian. Raises Stop with how to get it."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Stop(f"The tests need a browser: sudo apt-get install {' '.join(DEBIAN_PACKAGES)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step("browser (Debian's chromium)"):
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES],
        ):
            done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode != 0:
                raise Stop(f"{' '.join(command[:2])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _checks(environment: Mapping[str, str], fix: bool) -> list[str]:
    """Run each check, go on after a failure, and return the names of those that failed."""
    programs = Path(sys.executable).parent
    checks: dict[str, Sequence[str]] = {
        "lint": ["-m", "ruff", "check", "--quiet", *(["--fix"] if fix else []), "."],
        "format": ["-m", "ruff", "format", "--quiet", *([] if fix else ["--check"]), "."],
        "types": ["-m", "mypy", "."],
        "imports": [str(programs / "lint-imports"), "--no-logo"],
        "records": ["-m", "launcher.checks.records"],
        "reference": ["-m", "launcher.checks.reference", *(["--write"] if fix else [])],
    }
    failed = []
    for name, arguments in checks.items():
        with step(name):
            done = subprocess.run(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=dict(environment),
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode != 0:
            failed.append(name)
            say(done.stdout + done.stderr)
    return failed


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=dict(environment), check=False).returncode


def _verdict(failed: Sequence[str]) -> int:
    if failed:
        say(f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0
