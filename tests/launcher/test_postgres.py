"""The embedded server: made, started, stopped, killed, and every way in which its notes can lie."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from launcher.account import database_account
from launcher.postgres import SOCKET_PATH_LIMIT, Server
from launcher.postmaster import Postmaster
from launcher.progress import Stop


def value(server: Server, query: str, role: str = "cityhall") -> object:
    with psycopg.connect(server.url(role)) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row
    return row[0]


def wait_until_gone(pid: int) -> None:
    for _ in range(100):
        stat_file = Path(f"/proc/{pid}/stat")
        if not stat_file.exists() or stat_file.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")


def test_a_new_server_speaks_unicode_listens_on_a_private_socket_only_and_is_no_superuser(short_path: Path) -> None:
    server = Server(short_path / "var")
    (short_path / "var").mkdir(mode=0o711)
    server.start()
    try:
        assert value(server, "SHOW server_encoding") == "UTF8"
        assert value(server, "SELECT lower('ÄÉ')") == "äé"
        assert (
            value(server, "SELECT string_agg(c, '' ORDER BY c) FROM unnest(array['b','B','a','巿','臺']) c")
            == "Bab巿臺"
        )
        assert value(server, "SHOW listen_addresses") == ""
        assert value(server, "SHOW fsync") == value(server, "SHOW synchronous_commit") == "on"
        assert value(server, "SELECT usesuper FROM pg_user WHERE usename = current_user") is False
        assert value(server, "SELECT usesuper FROM pg_user WHERE usename = current_user", role="postgres") is True
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
        rules = (server.data / "pg_hba.conf").read_text()
        assert "trust" not in rules and "host" not in rules
        # The account that runs it is never root, and owns its files.
        owner = Path(f"/proc/{server.postmaster.pid}").stat().st_uid  # type: ignore[union-attr]
        assert owner != 0 and server.data.stat().st_uid == owner
    finally:
        server.stop()
    assert server.postmaster is None


def test_strangers_are_refused_by_the_server_too(embedded_postgres: Server) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    embedded_postgres.start()
    embedded_postgres.socket_dir.chmod(0o755)
    (embedded_postgres.socket_dir / ".s.PGSQL.5432").chmod(0o777)
    ask = [embedded_postgres.programs.program("psql"), embedded_postgres.url(), "-Atc", "select 1"]
    assert subprocess.run(ask, capture_output=True, check=True).stdout == b"1\n"
    stranger = subprocess.run(ask, capture_output=True, check=False, user="daemon", cwd="/")
    assert stranger.returncode != 0
    assert b"Peer authentication failed" in stranger.stderr


def test_start_and_stop_do_nothing_when_there_is_nothing_to_do(embedded_postgres: Server) -> None:
    embedded_postgres.stop()
    embedded_postgres.start()
    first = embedded_postgres.postmaster
    embedded_postgres.start()
    assert embedded_postgres.postmaster == first
    embedded_postgres.stop()
    assert embedded_postgres.postmaster is None
    embedded_postgres.stop()


def test_what_was_committed_is_there_after_kill_9_and_what_was_not_is_not(embedded_postgres: Server) -> None:
    embedded_postgres.start()
    with psycopg.connect(embedded_postgres.url()) as committed:
        committed.execute("CREATE TABLE report (number int)")
        committed.execute("INSERT INTO report SELECT generate_series(1, 1000)")
    open_transaction = psycopg.connect(embedded_postgres.url())
    open_transaction.execute("INSERT INTO report SELECT generate_series(1001, 2000)")
    dead = embedded_postgres.postmaster
    assert dead
    os.kill(dead.pid, signal.SIGKILL)
    wait_until_gone(dead.pid)
    assert (embedded_postgres.data / "postmaster.pid").exists()
    assert embedded_postgres.postmaster is None
    embedded_postgres.start()
    open_transaction.close()
    assert value(embedded_postgres, "SELECT count(*) FROM report") == 1000


def test_a_pid_file_that_names_another_program_does_not_block_the_start(embedded_postgres: Server) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        lines = [
            str(other.pid),
            str(embedded_postgres.data),
            "1700000000",
            "5432",
            str(embedded_postgres.place),
            "",
            "",
        ]
        for path in (embedded_postgres.data / "postmaster.pid", embedded_postgres.place / ".s.PGSQL.5432.lock"):
            embedded_postgres._write(path, "\n".join(lines))
        assert embedded_postgres.postmaster is None
        embedded_postgres.start()
        assert value(embedded_postgres, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_server_over_another_folder_is_not_taken_for_this_one(
    embedded_postgres: Server, made_once: Path, short_path: Path
) -> None:
    embedded_postgres.start()
    running = embedded_postgres.postmaster
    assert running
    elsewhere = short_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "postmaster.pid").write_text(f"{running.pid}\n{elsewhere}\n")
    stale = Postmaster.read(elsewhere)
    assert stale and not stale.alive()
    assert running.alive()


def test_a_dead_server_whose_children_live_on_is_waited_for(embedded_postgres: Server) -> None:
    """A second server beside such children would destroy the data; so the start waits until they are gone."""
    embedded_postgres.start()
    dead = embedded_postgres.postmaster
    assert dead
    with psycopg.connect(embedded_postgres.url("postgres")) as connection:
        row = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'").fetchone()
    assert row
    (child,) = row
    os.kill(child, signal.SIGSTOP)
    os.kill(dead.pid, signal.SIGKILL)
    wait_until_gone(dead.pid)
    time.sleep(0.5)
    assert dead.attached() == 1
    release = threading.Timer(1, os.kill, (child, signal.SIGCONT))
    release.start()
    began = time.monotonic()
    embedded_postgres.start()
    assert time.monotonic() - began > 0.9
    assert value(embedded_postgres, "SELECT 1") == 1


def test_a_making_that_was_interrupted_is_begun_anew(short_path: Path) -> None:
    server = Server(short_path / "var", durable=False)
    server.var.mkdir(mode=0o711)
    server._make_place()
    half = server.place / "data.draft"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server.start()
    try:
        assert value(server, "SELECT count(*) FROM pg_database WHERE datname = 'cityhall'") == 1
        assert not half.exists()
    finally:
        server.stop()


def test_a_folder_too_deep_for_a_socket_gets_a_short_private_one(made_once: Path, short_path: Path) -> None:
    deep = short_path / ("long" * 20) / ("deep" * 20)
    deep.mkdir(parents=True)
    server = Server(deep / "var", durable=False)
    server.var.mkdir(mode=0o711)
    server.start()
    try:
        assert len(str(server.socket_dir / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
        assert value(server, "SELECT 1") == 1
    finally:
        server.stop()
    assert not server.socket_dir.exists()


def test_a_folder_in_tmp_that_somebody_else_made_is_refused(short_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    server = Server(short_path / "var", durable=False)
    squatted = short_path / "squatted"
    squatted.mkdir()
    os.chown(squatted, 12345, 12345)
    with pytest.raises(Stop, match="somebody else"):
        server._make_private(squatted)
    link = short_path / "link"
    link.symlink_to(short_path)
    with pytest.raises(Stop, match="somebody else"):
        server._make_private(link)


def test_the_error_of_a_server_that_will_not_start_is_shown(embedded_postgres: Server) -> None:
    with (embedded_postgres.data / "postgresql.conf").open("a") as conf:
        conf.write("no_such_setting = 1\n")
    with pytest.raises(Stop, match="no_such_setting"):
        embedded_postgres.start()


def test_data_of_a_version_that_is_not_there_is_named(embedded_postgres: Server) -> None:
    embedded_postgres._write(embedded_postgres.data / "PG_VERSION", "9\n")
    with pytest.raises(Stop, match="PostgreSQL 9"):
        embedded_postgres.start()


def test_which_account_runs_the_server(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        assert database_account(short_path, short_path / "postgres") is None
        return
    chosen = database_account(short_path, short_path / "postgres")
    assert chosen and chosen.pw_uid != 0
    # Data that is there already stays with its owner, and so does a folder of an ordinary user.
    for folder in (short_path, short_path / "postgres"):
        folder.mkdir(exist_ok=True)
        os.chown(folder, 1, -1)
        owner = database_account(short_path, short_path / "postgres")
        assert owner and owner.pw_uid == 1
    # An ordinary user is told whose data it is, instead of being refused by PostgreSQL.
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(Stop, match="daemon"):
        database_account(short_path, short_path / "postgres")
