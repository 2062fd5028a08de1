"""`./cityhall db`: the embedded database by hand."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from launcher.binaries import binaries
from launcher.installation import Installation
from launcher.progress import Stop, say
from launcher.tenancy import Tenancy


def db(options: argparse.Namespace) -> int:
    """start, stop, status, url, psql, dump."""
    installation = Installation()
    if options.what in ("psql", "dump"):
        with installation.database() as url:
            return (
                _psql(installation, url, options.rest)
                if options.what == "psql"
                else _dump(installation, url, options.rest)
            )
    if options.rest:
        raise Stop(f"db {options.what} takes no arguments.")
    if installation.tenancy is None:
        return _elsewhere(options.what, installation.given_url)
    return _embedded(options.what, installation.tenancy)


def _embedded(what: str, tenancy: Tenancy) -> int:
    if what == "url":
        print(tenancy.server.url())
    elif what == "stop":
        tenancy.stop()
        say("The database is stopped.")
    else:
        if what == "start":
            tenancy.start()
        found = tenancy.server.postmaster
        stays = ", until `db stop`" if tenancy.keep.exists() else ""
        say(f"runs (process {found.pid}){stays}: {tenancy.server.url()}" if found else "does not run")
        return 0 if found else 3  # as `pg_ctl status` has it
    return 0


def _elsewhere(what: str, url: str) -> int:
    if what != "url":
        raise Stop("DATABASE_URL is set: the database is looked after elsewhere.")
    print(url)
    return 0


def _program(installation: Installation, name: str) -> str:
    found = installation.tenancy.server.programs if installation.tenancy else binaries()
    return found.program(name)


def _psql(installation: Installation, url: str, rest: list[str]) -> int:
    return subprocess.run([_program(installation, "psql"), url, *rest], check=False).returncode


def _dump(installation: Installation, url: str, rest: list[str]) -> int:
    """A dump in pg_dump's custom format, of the database alone (uploads lie in var/media).

    Written aside and moved into place, so that a file with the name asked for is a whole dump.
    """
    command = [_program(installation, "pg_dump"), "--format=custom", f"--dbname={url}"]
    if not rest:
        if sys.stdout.isatty():
            raise Stop("Say where to: db dump FILE, or db dump > FILE.")
        return subprocess.run(command, check=False).returncode
    target = Path(rest[0])
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        done = subprocess.run([*command, f"--file={draft}"], check=False)
        if done.returncode == 0:
            draft.replace(target)
            say(f"{target}: {target.stat().st_size / 2**20:.1f} MiB. To put it back: pg_restore --clean --if-exists.")
        return done.returncode
    finally:
        draft.unlink(missing_ok=True)
