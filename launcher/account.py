"""The ordinary account under which PostgreSQL runs when we are root (it refuses to run as root itself)."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

from launcher.progress import Stop

NAME = "cityhall"


def database_account(var: Path, place: Path) -> pwd.struct_passwd | None:
    """The account for the server whose files lie in ``place``, or None for our own.

    The owner of a place that is there already; else the owner of ``var``; else an account named cityhall, made where
    the system has ``useradd``; else nobody. Only root needs one.
    """
    if os.geteuid() != 0:
        if place.exists() and (uid := place.stat().st_uid) != os.geteuid():
            owner = _name(uid)
            raise Stop(f"{place} belongs to {owner}: start as root or {owner}, or choose another CITYHALL_VAR.")
        return None
    for folder in (place, var):
        if folder.exists() and (uid := folder.stat().st_uid) != 0:
            return pwd.getpwuid(uid)
    return _known(NAME) or _created() or pwd.getpwnam("nobody")


def _known(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _created() -> pwd.struct_passwd | None:
    if not (useradd := shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")):
        return None
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run([*command, "--shell", "/usr/sbin/nologin", NAME], check=False, capture_output=True)
    return _known(NAME)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def as_account(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Keyword arguments for ``subprocess`` that run a command under ``account``."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def reaches(account: pwd.struct_passwd | None, path: Path) -> bool:
    """Whether ``account`` may enter the folder ``path``; asked of the system, not reckoned from modes."""
    if account is None:
        return True
    command = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
    return subprocess.run(command, cwd="/", check=False, **as_account(account)).returncode == 0
