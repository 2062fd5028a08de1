"""Printing: the chapter as PDF by a process that begins cold, as `./cityhall report 111` does."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings

from bench import fill
from bench.ground import ROOT, Size
from bench.table import Row

SECONDS = 5


def measure(size: Size) -> list[Row]:
    """Print it with nothing kept from before; a Django process that does nothing is the yardstick."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "chapter.pdf"
        shutil.rmtree(settings.VAR_DIR / "reports", ignore_errors=True)
        cold = _run("report", str(fill.YEAR - 1911), f"--output={target}")
        length = target.stat().st_size
        if not target.read_bytes().startswith(b"%PDF-"):
            raise RuntimeError("what was printed is no PDF")
    nothing = _run("shell", "--command", "pass")
    return [
        Row(
            f"the chapter as PDF ({length / 1024:,.0f} KiB)",
            cold,
            "s",
            SECONDS,
            False,
            "Django starting",
            cold / nothing,
        ),
        Row("… Django starting", nothing, "s"),
    ]


def _run(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, str(ROOT / "manage.py"), *arguments], cwd=ROOT, check=True, stdout=sys.stderr)
    return time.perf_counter() - began
