"""Printing: the yearly report in each form by a process that begins cold, as `./cityhall report build` does."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings

from bench import fill, memory
from bench.ground import ROOT, Size
from bench.table import Row

# What is printed, in which form, how a file of it begins, and within how many seconds.
FILES = (
    ("the chapter of service requests as PDF", "pdf", ("--chapter=5",), b"%PDF-", 5),
    ("the whole report as PDF", "pdf", (), b"%PDF-", 15),
    ("the whole report as ODT", "odt", (), b"PK", 10),
)


def measure(size: Size) -> list[Row]:
    """Print each with nothing kept from before; a Django process that does nothing is the yardstick."""
    nothing, _least = _run("shell", "--command", "pass")
    rows = []
    for label, form, more, begins, seconds in FILES:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / f"report.{form}"
            shutil.rmtree(settings.VAR_DIR / "reports", ignore_errors=True)
            year = str(fill.YEAR - 1911)
            cold, peak = _run("report", "build", "results", year, f"--format={form}", f"--output={target}", *more)
            content = target.read_bytes()
        if not content.startswith(begins):
            raise RuntimeError(f"what was printed is no {form}")
        told = f"{label} ({len(content) / 1024:,.0f} KiB)"
        rows.append(Row(told, cold, "s", seconds, False, "Django starting", cold / nothing))
        rows.append(Row("… the memory of that process at its most", peak, "MB", memory.MOST))
    return [*rows, Row("… Django starting", nothing, "s")]


def _run(*arguments: str) -> tuple[float, float]:
    """Seconds and MB at the most."""
    began = time.perf_counter()
    peak = memory.run([sys.executable, str(ROOT / "manage.py"), *arguments], ROOT)
    return time.perf_counter() - began, peak
