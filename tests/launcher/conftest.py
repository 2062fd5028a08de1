"""An embedded PostgreSQL of a test's own, in a folder of its own, gone at the end."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.postgres import Server
from launcher.tenancy import Tenancy


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Below /tmp and open for the database's account: pytest's own folders are too deep for a socket, and closed."""
    path = Path(tempfile.mkdtemp(prefix="cityhall-test-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """The files of a fresh server, made once and copied by the tests: initdb takes a second."""
    path = Path(tempfile.mkdtemp(prefix="cityhall-test-", dir="/tmp"))
    path.chmod(0o711)
    server = Server(path / "var", durable=False)
    with Tenancy(server).use():
        pass
    yield server.var
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def embedded_postgres(made_once: Path, short_path: Path) -> Iterator[Server]:
    """A server that has been made and does not run."""
    var = short_path / "var"
    shutil.copytree(made_once, var, symlinks=True)
    server = Server(var, durable=False)
    if server.account:
        for path in [var / "postgres", *(var / "postgres").rglob("*")]:
            shutil.chown(path, server.account.pw_uid, server.account.pw_gid)
    yield server
    server.stop()
