"""Makes the installation ready: schema, translations, static files, city pack, demo. Each only where needed.

Run by the launcher as one process, ``python -m launcher.prepare``, with what to do in its arguments. Its standard
output is for the launcher: the demo accounts, if asked for.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

from launcher.catalogues import compile_catalogues, stale_catalogues
from launcher.progress import Stop, say, step

# Two that prepare the same database at once must not both migrate it. Any fixed number will do.
PREPARE_LOCK = 7_236_441_911
OLDEST_POSTGRES = 15


def prepare(arguments: argparse.Namespace) -> None:
    """Do what ``arguments`` ask for. Raises Stop with one line that says what is wrong."""
    if stale_catalogues():
        with step("translations"):
            compile_catalogues()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    _pack_exists()
    with _alone():
        _migrate()
        if arguments.static:
            _collect_static()
        if arguments.pack:
            _load_pack()
        if arguments.demo:
            _load_demo(arguments.scale, arguments.year, arguments.empty)
        if arguments.pack or arguments.demo:
            _load_boards()
    if arguments.accounts:
        _call("demo_accounts")


def _pack_exists() -> None:
    from django.conf import settings

    pack: Path = settings.CITY_PACK
    if not pack.is_dir():
        packs = sorted(folder.parent.name for folder in pack.parent.glob("*/city.toml"))
        raise Stop(f"There is no city pack {pack.name} in {pack.parent}; there are: {', '.join(packs)}.")


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock of the database, on a connection that nothing else uses; it goes with the connection.

    Raises Stop where the database does not answer or is too old. Not by Django's pool, which would try for 30 s.
    """
    import psycopg

    try:
        guard = psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=10, autocommit=True)
    except psycopg.Error as error:
        raise Stop(f"The database does not answer: {' '.join(str(error).split())}") from None
    with guard:
        if guard.info.server_version < OLDEST_POSTGRES * 10_000:
            found = guard.info.server_version // 10_000
            raise Stop(f"The database is PostgreSQL {found}; {OLDEST_POSTGRES} or newer is needed.")
        guard.execute("SELECT pg_advisory_lock(%s)", [PREPARE_LOCK])
        yield


def _call(command: str, *arguments: str, **options: object) -> None:
    from django.core.management import CommandError, call_command

    try:
        call_command(command, *arguments, **options)
    except CommandError as error:
        raise Stop(f"{command}: {error}") from error


def _migrate() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        with step("schema"):
            _call("migrate", verbosity=0, interactive=False)


def _collect_static() -> None:
    """Collect the static files if any of them changed since the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT).with_name("static.stamp")
    if stamp.exists() and Path(settings.STATIC_ROOT).is_dir() and stamp.read_text() == digest.hexdigest():
        return
    with step("static files"):
        stamp.unlink(missing_ok=True)
        _call("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(digest.hexdigest())


def _load_pack() -> None:
    with step("city pack"), redirect_stdout(StringIO()):
        _call("load_pack")


def _load_boards() -> None:
    with step("boards"), redirect_stdout(StringIO()):
        _call("load_boards")


def _load_demo(scale: str, year: str, empty: bool) -> None:
    """City pack, accounts and, unless ``empty``, the records; what is there already stays as it is."""
    words = "accounts, no records" if empty else f"year {year}, {float(scale):g} of a city's size"
    with step(f"city pack and demo ({words})"), redirect_stdout(StringIO()):
        _call("load_demo", f"--scale={scale}", f"--year={year}", *(["--empty"] if empty else []))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--static", action="store_true")
    parser.add_argument("--pack", action="store_true")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--scale", default="0.01")
    parser.add_argument("--year", default="111")
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--accounts", action="store_true")
    try:
        prepare(parser.parse_args())
    except Stop as reason:
        say(str(reason))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
