"""`./cityhall bench`: which benches there are, what each runs on, and the table that comes of them."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench import growth, pgbench, table
from bench.ground import ROOT, Ground, Size
from bench.table import Row

RESULTS = ROOT / "bench" / "results.md"


class Bench(NamedTuple):
    """A bench: its title, the pack it runs with, whether on all the cases, on a copy that it may change, and unasked.

    Unasked are those that run when none is named.
    """

    title: str
    pack: str = "kaohsiung"
    full: bool = True
    copied: bool = True
    unasked: bool = True


BENCHES = {
    "filing": Bench("Filing a report over HTTP"),
    "storm": Bench("A storm"),
    "hour": Bench("A storm of an hour", unasked=False),
    "open311": Bench("Open311: programs report and ask"),
    "queue": Bench("The queue's first page", copied=False),
    "casepage": Bench("The page of a case", copied=False),
    "growth": Bench("The queue with four years of cases", copied=False),
    "search": Bench("Search for exact Chinese substrings", copied=False),
    "tiles": Bench("Tiles and list of the public map", copied=False),
    "duplicates": Bench("Look-up of duplicates", copied=False),
    "news": Bench("News for subscribers of areas", full=False),
    "importing": Bench("Import of dispatch records", pack="taipei", full=False),
    "counting": Bench("Figures"),
    "boards": Bench("Boards of charts"),
    "rollup": Bench("Ten million records behind a figure", full=False, unasked=False),
    "printing": Bench("The yearly report as files", copied=False),
    "signon": Bench("Single sign-on", full=False),
    "peers": Bench("Single sign-on beside django-oauth-toolkit", full=False, unasked=False),
    "starting": Bench("Start of the demo", full=False, copied=False),
}


def run(names: Sequence[str], ground: Ground, *, write: bool = False) -> int:
    """Run the benches and print their table; 1 if a budget was missed."""
    print(about(ground))
    groups = []
    for name in names or [name for name, bench in BENCHES.items() if bench.unasked]:
        rows = measure(name, ground)
        groups.append((BENCHES[name].title, rows))
        print(f"\n{BENCHES[name].title}\n{table.plain(rows)}", flush=True)
    if write:
        RESULTS.write_text(f"# What was measured\n\n{about(ground)}\n\n{table.markdown(groups)}", encoding="utf-8")
        print(f"\n{RESULTS.relative_to(ROOT)} written.")
    missed = [row.what for _title, rows in groups for row in rows if row.kept is False]
    print("\nMissed: " + "; ".join(missed) if missed else "\nEvery budget was kept.")
    return 1 if missed else 0


def measure(name: str, ground: Ground) -> list[Row]:
    """Run one bench on its database."""
    bench = BENCHES[name]
    if name == "growth":
        return growth.compare(lambda on: _in_a_child("queue", ground, on), ground.full(), ground.full(growth.TIMES))
    with ExitStack() as stack:
        database = ground.full() if bench.full else ground.empty(bench.pack)
        if bench.copied:
            database = stack.enter_context(ground.copy(database))
        return _in_a_child(name, ground, database, bench.pack)


def _in_a_child(name: str, ground: Ground, database: str, pack: str = "kaohsiung") -> list[Row]:
    """The rows of a bench that runs in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.child", name, *(["--small"] if ground.size == Size.small() else [])],
        env=ground.environment(database, pack),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return table.load(done.stdout)


def about(ground: Ground) -> str:
    """The machine, the server's promises, how busy it is, and what it does when it does nothing but commit."""
    with psycopg.connect(ground.url_of(ground.empty("kaohsiung")), autocommit=True) as database:
        database.execute(pgbench.TABLES)
        settings = {
            name: database.execute(f"SHOW {name}").fetchall()[0][0]
            for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
        }
    rate = pgbench.run(ground.url_of(ground.empty("kaohsiung")), pgbench.YARDSTICK, 8, ground.size.seconds / 2)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    said = ", ".join(f"{name} {value}" for name, value in settings.items())
    return (
        f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()}, PostgreSQL: {said}.\n"
        f"Load average before: {load}. pgbench, two inserts a transaction, 8 clients: {rate:,.0f}/s."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
