"""The embedded PostgreSQL: made, started, stopped and looked at. Unix socket only, one data folder below ``var/``.

Nothing listens on TCP. The socket lies in a folder of mode 0700, and the server asks the kernel who is calling (peer):
only root and the account that the server runs under are let in, as the roles ``cityhall`` (owns the database) and
``postgres`` (maintenance).
"""

import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from launcher.account import as_account, database_account, reaches
from launcher.binaries import Binaries, binaries
from launcher.postmaster import Postmaster
from launcher.progress import Stop

ROLE = DATABASE = "cityhall"
SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 103  # sun_path: 104 bytes on macOS and BSD, 108 on Linux, with the closing zero
SERVICE_DATA = Path("/var/lib/cityhall")
START_SECONDS = 300  # crash recovery after a long import takes its time

HBA = "local all all peer map=cityhall\n"

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",  # the queries are short; compiling them costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "'postgresql-%a.log'",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
}
# What a citizen was told is received must be on the disk.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
# For the tests' own throw-away server: loses nothing to kill -9 (with synchronous_commit off it would), everything to a
# loss of power.
THROWAWAY = {"fsync": "off", "synchronous_commit": "on", "full_page_writes": "off", "max_wal_size": "1GB"}


class Server:
    """The PostgreSQL of one ``var`` folder.

    ``var/postgres`` holds data, socket and log. Where the account that must run the server cannot enter ``var`` (root's
    home is often closed), it is a link to a folder under /var/lib/cityhall.
    """

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.var = var.resolve()
        self.durable = durable
        self.link = self.var / "postgres"

    # --- Places ------------------------------------------------------------------------------------------------------

    @property
    def place(self) -> Path:
        """The real folder of data, socket and log."""
        return self.link.resolve()

    @property
    def data(self) -> Path:
        return self.place / "data"

    @cached_property
    def account(self) -> pwd.struct_passwd | None:
        return database_account(self.var, self.place)

    @property
    def socket_dir(self) -> Path:
        """The folder of the socket: ``place``, or a short one where that path is too long for a Unix socket."""
        if len(os.fsencode(self.place / SOCKET)) <= SOCKET_PATH_LIMIT:
            return self.place
        digest = hashlib.sha256(os.fsencode(self.place)).hexdigest()[:12]
        uid = self.account.pw_uid if self.account else os.geteuid()
        return Path(f"/tmp/cityhall-{uid}-{digest}")

    @cached_property
    def programs(self) -> Binaries:
        """The programs, readable for the account of the server."""
        version = self.data / "PG_VERSION"
        found = binaries(version.read_text().strip() if version.exists() else None)
        if not reaches(self.account, found.home):
            SERVICE_DATA.mkdir(mode=0o755, parents=True, exist_ok=True)
            found = found.copied_to(SERVICE_DATA)
        return found

    def url(self, role: str = ROLE, database: str = DATABASE) -> str:
        """The libpq address of the database, as DATABASE_URL wants it."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir))}"

    # --- State -------------------------------------------------------------------------------------------------------

    @property
    def postmaster(self) -> Postmaster | None:
        """The server process that serves this data folder at the moment, or None."""
        found = Postmaster.read(self.data)
        return found if found and found.alive() else None

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    # --- Verbs -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the server and wait until it takes connections, through crash recovery if need be.

        Makes the data folder where there is none. Does nothing while the server runs. The caller holds the lock of
        ``tenancy``: two of these must not run at once. Raises Stop with the end of the server's log.
        """
        self._make_place()
        if not self.exists():
            self._create()
        if self.postmaster:
            return
        if stale := Postmaster.read(self.data):
            stale.clear_away(self.socket_dir / f"{SOCKET}.lock")
        self._write_settings()
        log = self.place / "start.log"
        self._write(log, "")
        command = ["start", "-w", "-t", str(START_SECONDS), "-s", "-D", str(self.data), "-l", str(log)]
        if self._run("pg_ctl", *command).returncode != 0:
            raise Stop(f"PostgreSQL did not start. The end of its log ({self.place}):\n{self._last_words(log)}")

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, what was committed stays. Nothing if it does not run."""
        if not self.postmaster:
            return
        if self._run("pg_ctl", "stop", "-w", "-t", "60", "-s", "-m", "fast", "-D", str(self.data)).returncode != 0:
            self._run("pg_ctl", "stop", "-w", "-t", "60", "-s", "-m", "immediate", "-D", str(self.data))
        if self.socket_dir != self.place:
            with suppress(OSError):
                self.socket_dir.rmdir()

    # --- Making ------------------------------------------------------------------------------------------------------

    def _make_place(self) -> None:
        if not self.link.exists():
            if self.link.is_symlink():
                raise Stop(f"{self.link} leads to a folder that is gone: {self.link.readlink()}")
            if reaches(self.account, self.var):
                self._make_private(self.link)
            else:
                SERVICE_DATA.mkdir(mode=0o755, parents=True, exist_ok=True)
                elsewhere = SERVICE_DATA / f"postgres-{secrets.token_hex(4)}"
                self._make_private(elsewhere)
                self.link.symlink_to(elsewhere)
        if self.socket_dir != self.place:
            self._make_private(self.socket_dir)

    def _make_private(self, folder: Path) -> None:
        """A folder of mode 0700 that belongs to the server's account; in /tmp it must not be somebody else's."""
        folder.mkdir(mode=0o700, exist_ok=True)
        uid, gid = (self.account.pw_uid, self.account.pw_gid) if self.account else (os.geteuid(), os.getegid())
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid not in (uid, os.geteuid()):
            raise Stop(f"{folder} belongs to somebody else; remove it or choose another CITYHALL_VAR.")
        if self.account:
            os.chown(folder, uid, gid)
        folder.chmod(0o700)

    def _create(self) -> None:
        """initdb, roles and database, made aside and moved into place when complete."""
        draft = self.place / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        options = ["--encoding=UTF8", "--locale=C", "--auth=reject", "--no-instructions", "--username=postgres"]
        # Sorts by code point on every system alike, knows upper and lower case of all of Unicode.
        if int(self.programs.major) >= 17:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            options.append("--no-sync")
        made = self._run("initdb", "-D", str(draft), *options)
        if made.returncode != 0:
            raise Stop(f"PostgreSQL could not make its data folder:\n{made.stdout}{made.stderr}")
        ours = {pwd.getpwuid(os.geteuid()).pw_name, "root"} | ({self.account.pw_name} if self.account else set())
        lines = [f"cityhall {who} {role}\n" for who in sorted(ours) for role in (ROLE, "postgres")]
        self._write(draft / "pg_hba.conf", HBA)
        self._write(draft / "pg_ident.conf", "".join(lines))
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists = 'cityhall.conf'  # written anew at each start by the launcher\n")
        statements = f"CREATE ROLE {ROLE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n"
        alone = self._run("postgres", "--single", "-D", str(draft), "postgres", stdin=statements)
        if alone.returncode != 0 or "ERROR" in alone.stderr:
            raise Stop(f"PostgreSQL could not make its database:\n{alone.stderr}")
        draft.rename(self.data)

    def _write_settings(self) -> None:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20  # MiB
        settings = {
            **SETTINGS,
            **(DURABLE if self.durable else THROWAWAY),
            "unix_socket_directories": "'" + str(self.socket_dir).replace("'", "''") + "'",
            "shared_buffers": f"{min(max(memory // 8, 64), 1024)}MB",
            "effective_cache_size": f"{max(memory // 2, 128)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": f"{min(max(memory // 16, 64), 512)}MB",
        }
        self._write(self.data / "cityhall.conf", "".join(f"{name} = {value}\n" for name, value in settings.items()))

    # --- Small things ------------------------------------------------------------------------------------------------

    def _run(self, program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of the programs under the server's account, without this process's PG* variables.

        The output goes through a file: a server that pg_ctl leaves behind would keep a pipe open for ever.
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"}
        (output := self.var / f".{program}.{os.getpid()}.{time.monotonic_ns()}").touch(mode=0o600)
        try:
            with output.open("w+") as out:
                done = subprocess.run(
                    [self.programs.program(program), *arguments],
                    input=stdin,
                    stdout=out,
                    stderr=out,
                    text=True,
                    cwd="/",
                    env=environment,
                    start_new_session=True,  # a Ctrl-C in the terminal is ours to answer
                    check=False,
                    **as_account(self.account),
                )
                out.seek(0)
                text = out.read()
        finally:
            output.unlink()
        return subprocess.CompletedProcess(done.args, done.returncode, "", text)

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o600)
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def _last_words(self, start_log: Path) -> str:
        logs = [start_log, *sorted((self.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)[-1:]]
        return "\n".join(line for log in logs for line in log.read_text(errors="replace").splitlines()[-15:])
