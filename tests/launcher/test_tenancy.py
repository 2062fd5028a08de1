"""Who uses the server and who turns it off: alone, together, killed, at once."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from launcher.postgres import Server
from launcher.progress import Stop
from launcher.tenancy import ROOT, Tenancy

USER = """
import sys
from pathlib import Path
from launcher.postgres import Server
from launcher.tenancy import Tenancy
with Tenancy(Server(Path(sys.argv[1]), durable=False)).use():
    print("up", flush=True)
    sys.stdin.read()
"""


def user(server: Server) -> "subprocess.Popen[str]":
    """A process that uses the server until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(server.var)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout and process.stdout.readline() == "up\n"
    return process


def leave(process: "subprocess.Popen[str]") -> None:
    process.communicate("", timeout=30)


def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came true")


def answers(server: Server) -> bool:
    with psycopg.connect(server.url()) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_the_last_one_to_leave_stops_the_server(embedded_postgres: Server) -> None:
    tenancy = Tenancy(embedded_postgres)
    with tenancy.use():
        other = user(embedded_postgres)
    assert answers(embedded_postgres)
    leave(other)
    assert embedded_postgres.postmaster is None


def test_it_stops_when_its_only_user_is_killed(embedded_postgres: Server) -> None:
    process = user(embedded_postgres)
    assert answers(embedded_postgres)
    process.kill()
    process.communicate()
    eventually(lambda: embedded_postgres.postmaster is None)


def test_a_killed_user_does_not_stop_it_for_the_others(embedded_postgres: Server) -> None:
    first, second = user(embedded_postgres), user(embedded_postgres)
    first.kill()
    first.communicate()
    time.sleep(0.5)
    assert answers(embedded_postgres)
    leave(second)
    assert embedded_postgres.postmaster is None


def test_an_error_on_the_way_up_leaves_nothing_running(
    embedded_postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Tenancy) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Tenancy, "_start_watcher", interrupted)
    with pytest.raises(KeyboardInterrupt), Tenancy(embedded_postgres).use():
        pass
    assert embedded_postgres.postmaster is None


def test_db_start_keeps_it_up_and_db_stop_is_refused_while_it_is_used(embedded_postgres: Server) -> None:
    tenancy = Tenancy(embedded_postgres)
    tenancy.start()
    with tenancy.use():
        with pytest.raises(Stop, match="in use"):
            Tenancy(embedded_postgres).stop()
        assert answers(embedded_postgres)
    assert answers(embedded_postgres)
    tenancy.stop()
    assert embedded_postgres.postmaster is None


def test_a_server_that_died_under_its_users_is_revived(embedded_postgres: Server) -> None:
    tenancy = Tenancy(embedded_postgres)
    with tenancy.use():
        assert tenancy.revive() is False
        assert embedded_postgres.postmaster
        os.kill(embedded_postgres.postmaster.pid, signal.SIGKILL)
        eventually(lambda: embedded_postgres.postmaster is None)
        assert tenancy.revive() is True
        assert answers(embedded_postgres)


def _use_once(var: Path, results: "multiprocessing.Queue[str]") -> None:
    try:
        with Tenancy(Server(var, durable=False)).use() as url, psycopg.connect(url) as connection:
            row = connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()
            results.put(row[0] if row else "")
            time.sleep(1)
    except BaseException as error:
        results.put(repr(error))
        raise


def test_four_starts_at_once_make_one_server(embedded_postgres: Server) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[str] = context.Queue()
    starters = [context.Process(target=_use_once, args=(embedded_postgres.var, results)) for _ in range(4)]
    for starter in starters:
        starter.start()
    seen = {results.get(timeout=30) for _ in starters}
    for starter in starters:
        starter.join(30)
    assert [starter.exitcode for starter in starters] == [0, 0, 0, 0]
    assert len(seen) == 1
    assert embedded_postgres.postmaster is None
