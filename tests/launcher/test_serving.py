"""What the supervisor does when the database does not come back at once."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from launcher import serving
from launcher.postgres import Server
from launcher.processes import Child
from launcher.tenancy import Tenancy


def eventually(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_database_that_does_not_start_is_tried_again(
    embedded_postgres: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    tenancy, stopping, said = Tenancy(embedded_postgres), threading.Event(), []
    worker = Child("worker", [sys.executable, "-c", "import time; time.sleep(60)"], {})
    access = embedded_postgres.data / "pg_hba.conf"

    def listened() -> str:
        said.append(capfd.readouterr().err)
        return "".join(said)

    with tenancy.use():
        supervisor = threading.Thread(
            target=serving._supervise,
            args=(SimpleNamespace(tenancy=tenancy), None, worker, stopping, lambda: None),
        )
        supervisor.start()
        try:
            rules = access.read_text()
            access.write_text("what is this\n")
            postmaster = embedded_postgres.postmaster
            assert postmaster
            os.kill(postmaster.pid, signal.SIGKILL)
            eventually(lambda: "does not start; trying again in 0.5 s" in listened())
            access.write_text(rules)
            eventually(lambda: embedded_postgres.postmaster)
            eventually(lambda: "it runs again" in listened())
            assert worker.process and worker.process.poll() is None
        finally:
            stopping.set()
            supervisor.join(30)
