"""Single sign-on beside django-oauth-toolkit: the same load on both, in turns, in one run.

The peer is installed by this bench alone, from its own lock, into a folder of its own; the product never sees it. It is
set up in ``toolkit/``, has a database of its own on the same server, and is served as we are: the same web server, the
same number of processes and threads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from psycopg import sql

from bench import signon
from bench.ground import Size
from bench.server import free_port, wait_until_well, web
from bench.signon import BACK, CONNECTIONS, PEOPLE, Provider
from bench.table import Row

HERE = Path(__file__).parent
TURNS = 2
NAMES = ("sign-ins with PKCE, session present", "tokens by client credentials", "introspections")


def measure(size: Size) -> list[Row]:
    """Sign-ins, tokens and introspections of ours and of the peer, in turns; of the peer with hashed secrets too."""
    _client, _basic, us = signon.ours()
    took: dict[str, list[list[float]]] = {"us": [], "plain": [], "hashed": []}
    with _installed() as (python, environment):
        plain, hashed = _prepared(python, environment)
        for _turn in range(TURNS):
            with web(os.environ) as port:
                took["us"].append([each.rate for each in signon.rates(port, us, size.seconds / 2)])
            with _served(python, environment) as port:
                for name, peer in (("plain", plain), ("hashed", hashed)):
                    took[name].append([each.rate for each in signon.rates(port, peer, size.seconds / 2)])
    rate = {name: [median(turns) for turns in zip(*found, strict=True)] for name, found in took.items()}
    rows = []
    for number, name in enumerate(NAMES):
        ours, peer, kept = (rate[who][number] for who in ("us", "plain", "hashed"))
        rows += [
            Row(f"{name}, {CONNECTIONS} connections", ours, "/s", None, True, "the peer's", ours / peer),
            Row("… of django-oauth-toolkit, its clients' secrets stored as they are", peer, "/s"),
            Row("… of django-oauth-toolkit, its clients' secrets hashed, as it comes", kept, "/s"),
        ]
    return rows


@contextmanager
def _installed() -> Iterator[tuple[Path, dict[str, str]]]:
    """The peer's Python and the environment that it runs in; its database is dropped afterwards."""
    var = Path(os.environ["CITYHALL_VAR"]) / "peers"
    python = var / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", var / "venv"], check=True)
    install = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    subprocess.run([python, *install, "-r", HERE / "requirements.txt"], check=True, stdout=sys.stderr)
    key = var / "key.pem"
    key.write_bytes(
        rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with _database() as url:
        environment = {"PEER_DATABASE_URL": url, "PEER_KEY": str(key), "DJANGO_SETTINGS_MODULE": "settings"}
        yield python, {**os.environ, **environment, "PYTHONPATH": str(HERE / "toolkit")}


@contextmanager
def _database() -> Iterator[str]:
    """An empty database beside the one of this run; its address."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"{parts.path.lstrip('/')}_peer"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            server.execute(drop)


def _prepared(python: Path, environment: Mapping[str, str]) -> tuple[Provider, Provider]:
    """The peer as the load needs to know it: with secrets stored as they are, and hashed."""
    command = [python, HERE / "toolkit" / "prepare.py", str(PEOPLE), BACK]
    done = subprocess.run(command, env=dict(environment), stdout=subprocess.PIPE, text=True, check=True)
    made = json.loads(done.stdout)

    def provider(kind: str) -> Provider:
        signing, program = (
            made["clients"][f"{grant} {kind}"] for grant in ("authorization-code", "client-credentials")
        )
        return Provider(
            signon.address(signing["client"], "/o/authorize/"), "/o/token/", "/o/introspect/",
            signon.basic_of(**signing), made["sessions"], signon.basic_of(**program), "sessionid",
        )  # fmt: skip

    return provider("plain"), provider("hashed")


@contextmanager
def _served(python: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """The peer's port, served as `./cityhall serve` serves ours (launcher/serving.py)."""
    port = free_port()
    command = [python, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--port", str(port)]
    command += ["--workers", "2", "--blocking-threads", "2", "--log-level", "warning", "wsgi:application"]
    with subprocess.Popen(command, env=dict(environment), cwd=HERE / "toolkit", stdout=sys.stderr) as process:
        try:
            wait_until_well(port, process, "/o/.well-known/openid-configuration")
            yield port
        finally:
            process.terminate()
            process.wait(60)
