"""The installation's secret, made once and kept beside its data."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def installation_secret(var: Path) -> str:
    """CITYHALL_SECRET, or a random secret kept in ``var/secret`` with mode 0600.

    Two processes that start together agree: the file is written aside and linked into place, and the first link wins.
    """
    if given := os.environ.get("CITYHALL_SECRET"):
        return given
    path = var / "secret"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        draft = var / f".secret.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
