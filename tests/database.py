"""The tests' database: made once, with the city of the settings' pack in it, and copied.

Migrating takes ten seconds, loading the pack a quarter of one, and emptying every table after a test that commits half
of one. Copying the files of a database takes a tenth. So one database, the original, is migrated and given its city;
each worker of pytest has a copy, and throws it away for a new one after each test that commits. Such a test leaves
nothing: no row, no number of a sequence, no table.

The original stays on the server and is used again by the next run, until something changes that it was made from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
ORIGINAL = "test_original_"
# Rooms of an app that neither migrations nor the loading of a pack can reach: imports go downwards.
OUT_OF_REACH = {
    "tests", "pages", "api", "admin", "tasks", "demo", "kinds", "figures", "imports", "management", "templatetags",
}  # fmt: skip


def digest() -> str:
    """Of everything that the original is made from: the code up to the actions, the packs, the libraries."""
    hashed = hashlib.sha256()
    for path in sources():
        hashed.update(f"{path.relative_to(ROOT)}\0".encode())
        hashed.update(path.read_bytes())
    return hashed.hexdigest()[:12]


def sources() -> Iterator[Path]:
    for app in apps.get_app_configs():
        folder = Path(app.path)
        if folder.parent == ROOT:
            yield from sorted(
                path for path in folder.rglob("*.py")
                if path.relative_to(folder).with_suffix("").parts[0] not in OUT_OF_REACH
            )  # fmt: skip
    yield from sorted(path for path in Path(settings.CITY_PACK).rglob("*") if path.is_file())
    yield ROOT / "requirements" / "dev.txt"
    yield Path(__file__)


class Copy:
    """The database of one worker of pytest, a copy of the original."""

    def __init__(self) -> None:
        self._given = connection.settings_dict["NAME"]
        # pytest-django has put the worker's number into it.
        self.name = connection.settings_dict["TEST"]["NAME"] or f"test_{self._given}"
        self._original = ORIGINAL + digest()

    def make(self) -> None:
        """Make the original where there is none, and the copy; the connection leads to the copy from now on."""
        with _server() as cursor:
            # The first worker makes the original, the others wait.
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [ORIGINAL])
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [ORIGINAL])
            there = {name for (name,) in cursor.fetchall()}
            if self._original not in there:
                for outdated in there:
                    cursor.execute(f'DROP DATABASE "{outdated}"')
                _make_original(f"{ORIGINAL}unfinished")
                cursor.execute(f'ALTER DATABASE "{ORIGINAL}unfinished" RENAME TO "{self._original}"')
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [ORIGINAL])
        self.renew()

    def renew(self) -> None:
        """The copy as it was made; whoever is still connected to the old one is sent away."""
        connection.close()
        with _server() as cursor:
            self._drop(cursor)
            cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{self._original}" STRATEGY file_copy')
        _lead_to(self.name)

    def drop(self) -> None:
        connection.close()
        with _server() as cursor:
            self._drop(cursor)
        _lead_to(self._given)

    def _drop(self, cursor: Any) -> None:
        # Not WITH (FORCE): only a superuser may send autovacuum away like that; without, it is waited for.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            [self.name],
        )
        cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}"')


def _make_original(name: str) -> None:
    """Migrate and load the pack. What its loading would have the job worker do is left out: there are no cases yet."""
    from organisation.actions import load_pack

    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    load_pack()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs RESTART IDENTITY CASCADE")
    connection.close()


def _lead_to(name: str) -> None:
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _server() -> AbstractContextManager:
    """A cursor beside all tests' databases."""
    return connection._nodb_cursor()
