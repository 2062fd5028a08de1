"""Where it is measured: databases of the bench's own on the installation's server, and a var folder of its own.

Nothing of the installation's records is read or written. What takes minutes to make (400,000 cases) is kept for the
next run and made anew when the schema or the pack has changed; what a measurement writes to is a copy, dropped after.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
ACCOUNTS = {"kaohsiung": ["load_demo", "--empty"], "taipei": ["load_pack"]}
PROCESSES = "BENCH_WEB_PROCESSES"  # tells the programs of a bench how many web processes it is to be served by


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    cases: int = 400_000  # present in the database
    year: int = 315_657  # of these, how many lie in the one full year
    lines: int = 100_000  # of an import's file
    seconds: float = 10.0  # of load on a door
    processes: int = 2  # of the web server, as `./cityhall serve` starts it
    pages: int = 30  # that are looked at in turn, of each sort

    @classmethod
    def small(cls) -> Size:
        """Just enough to see that everything runs; the figures say nothing."""
        return cls(cases=1500, year=1000, lines=1000, seconds=0.2, processes=1, pages=3)


class Ground:
    """The databases ``<name>_bench_*`` beside the one that ``url`` names; ``var`` is for everything else.

    ``schema`` names a database that has been migrated and holds no city, where there is one already.
    """

    def __init__(self, url: str, var: Path, size: Size, schema: str = "") -> None:
        self.url, self.var, self.size, self.schema = url, var, size, schema
        self.name = urlsplit(url).path.lstrip("/") + "_bench"

    # --- Databases ---------------------------------------------------------------------------------------------------

    def empty(self, pack: str) -> str:
        """A database with a pack and nobody's records in it, kept; its name."""
        return self._kept(f"{self.name}_{pack}", pack, self._schema(), [ACCOUNTS[pack]])

    def _schema(self) -> str:
        """A database with the tables alone, which both packs begin with: migrating takes longer than all else."""
        return self.schema or self._kept(f"{self.name}_schema", "kaohsiung", None, [["migrate", "-v0"]])

    def full(self, times: int = 1) -> str:
        """A database with all the cases in it, or with so many times as many, kept; its name."""
        cases = self.size.cases * times
        fill = [sys.executable, "-m", "bench.fill", str(cases), str(self.size.year)]
        return self._kept(f"{self.name}_full_{cases}", "kaohsiung", self.empty("kaohsiung"), [fill])

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """A copy of a database for one measurement; its name."""
        name = f"{self.name}_run"
        self._drop(name)
        self._create(name, template)
        try:
            yield name
        finally:
            self._drop(name)

    def forget(self) -> None:
        """Drop every database of the bench."""
        with self._server() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self.name + "_"]
            )
            for (name,) in rows.fetchall():
                self._drop(name)

    def url_of(self, database: str) -> str:
        """The address of one of the databases."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/{database}" + (f"?{parts.query}" if parts.query else "")

    def environment(self, database: str, pack: str = "kaohsiung") -> dict[str, str]:
        """For a program that is to run on one of them. Rates are not limited, and letters wait for a mail server."""
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.url_of(database),
            "CITYHALL_VAR": str(self.var),
            "CITYHALL_PACK": pack,
            "CITYHALL_RATE_LIMIT_FACTOR": "1000000",
            "CITYHALL_STAFF_LEVEL": "1",
            PROCESSES: str(self.size.processes),
            "CITYHALL_MAIL_URL": "smtp://127.0.0.1:9",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    # --- How they are made -------------------------------------------------------------------------------------------

    def _kept(self, name: str, pack: str, template: str | None, commands: Sequence[Sequence[str]]) -> str:
        fingerprint = _fingerprint(pack)
        with self._server() as connection:
            row = connection.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
        if row and row[0] == fingerprint:
            return name
        self._drop(name)
        self._create(name, template)
        for command in commands:
            program = command if command[0] == sys.executable else [sys.executable, str(ROOT / "manage.py"), *command]
            subprocess.run(program, env=self.environment(name, pack), cwd=ROOT, stdout=sys.stderr, check=True)
        with self._server() as connection:
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), fingerprint))
        return name

    def _create(self, name: str, template: str | None) -> None:
        # As files: through the log, a gigabyte would take a minute.
        source = (
            sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template)) if template else sql.SQL("")
        )
        with self._server() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + source)

    def _drop(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        for attempt in range(60):
            try:
                with self._server() as connection:
                    connection.execute(statement)
                return
            except psycopg.errors.InsufficientPrivilege:
                # Autovacuum is at work in it, and only the superuser may end that; it ends by itself.
                if attempt == 59:
                    raise
                time.sleep(0.5)

    def _server(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)


def _fingerprint(pack: str) -> str:
    """Changes with the schema, the pack, and the way in which the records are made."""
    digest = hashlib.sha256()
    patterns = ["*/migrations/*.py", f"packs/{pack}/**/*", "servicerequests/demo/*.py", "bench/fill.py"]
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()
