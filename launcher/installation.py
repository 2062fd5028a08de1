"""One installation: its folders, its environment, its database. What every verb works on."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from launcher.postgres import Server
from launcher.processes import death_pact
from launcher.progress import Stop
from launcher.tenancy import ROOT, Tenancy, run_dir


class Installation:
    """The code in ``ROOT`` with the data in ``var`` (CITYHALL_VAR), over the embedded database or DATABASE_URL."""

    def __init__(self, var: Path | None = None, *, durable: bool = True) -> None:
        self.var = (var or Path(os.environ.get("CITYHALL_VAR") or ROOT / "var")).resolve()
        self.run = run_dir(self.var)
        self.given_url = os.environ.get("DATABASE_URL", "")
        self.tenancy = None if self.given_url else Tenancy(Server(self.var, durable=durable))

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of the database, running for as long as the block. DATABASE_URL is taken as it is."""
        if self.tenancy is None:
            yield self.given_url
        else:
            with self.tenancy.use() as url:
                yield url

    def environment(self, url: str, **more: str) -> dict[str, str]:
        """The environment of every program that is started: where the code, the data and the database are."""
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONSAFEPATH": "1",  # never import from the folder that the person happens to be in
            "CITYHALL_VAR": str(self.var),
            "DATABASE_URL": url,
            **more,
        }

    def python(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run Python with ``arguments`` in the terminal and return its exit status.

        A Ctrl-C reaches it as well as us; it decides how to end, and we wait for that.
        """
        child = subprocess.Popen([sys.executable, *arguments], env=dict(environment), preexec_fn=death_pact())
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue

    def manage(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        return self.python([str(ROOT / "manage.py"), *arguments], environment)

    @contextmanager
    def only_one(self, address: str) -> Iterator[None]:
        """At most one web server over this ``var``: the second is told where the first one is. Raises Stop."""
        with (self.run / "web.json").open("a+") as note:
            try:
                fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                note.seek(0)
                first = json.loads(note.read() or '{"address": "?", "pid": "?"}')
                raise Stop(
                    f"Already running at {first['address']} (process {first['pid']}). "
                    f"Stop it with Ctrl-C there, or let CITYHALL_VAR name another folder and --port another port."
                ) from None
            note.truncate(0)
            note.write(json.dumps({"address": address, "pid": os.getpid()}))
            note.flush()
            yield
            note.truncate(0)
