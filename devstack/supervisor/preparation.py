"""Tables and bucket, and whether this very code has made them already.

Each command of the shop takes some seconds to load; a second start need not wait for commands
that would change nothing.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import psycopg2

from devstack.files import read_json, write_json
from devstack.processes import PROJECT, Process
from devstack.services.object_store import ObjectStore
from devstack.supervisor.parts import Parts
from devstack.supervisor.settings import RunSettings

_PATIENCE_SECONDS = 3


class Preparation:
    """What must be run before the shop can open. `memory` is a file in the data folder."""

    def __init__(self, memory: Path, settings: RunSettings, parts: Parts) -> None:
        self._memory = memory
        self._parts = parts
        self._has_own_store = ObjectStore.name in settings.services
        self._database_url = parts.configured("DATABASE_URL")
        self._code = _fingerprint()

    def steps(self) -> list[Process]:
        """The programs to be run, none when the last run's work still stands."""
        done = read_json(self._memory)
        is_same_code = done.get("code") == self._code
        steps = []
        if not (is_same_code and done.get("tables") == _table_versions(self._database_url)):
            steps.append(self._parts.migrations())
        if not (is_same_code and self._has_own_store):
            steps.append(self._parts.bucket())
        return steps

    def remember(self) -> None:
        """To be called when the steps have succeeded."""
        write_json(
            self._memory, {"code": self._code, "tables": _table_versions(self._database_url)}
        )


def _fingerprint() -> str:
    """Changes with every change of the shop's code, its migrations or its requirements."""
    digest = sha256()
    for path in sorted(_sources()):
        digest.update(f"{path.relative_to(PROJECT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterable[Path]:
    for folder in ("diecast_api", "migrations"):
        yield from (PROJECT / folder).rglob("*.py")
    yield PROJECT / "requirements.txt"


def _table_versions(database_url: str) -> list[str] | None:
    """Alembic's mark in the database, None when there is none or nobody answers."""
    address = database_url.replace("+psycopg2", "", 1)
    try:
        connection = psycopg2.connect(address, connect_timeout=_PATIENCE_SECONDS)
    except psycopg2.Error:
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT version_num FROM alembic_version ORDER BY version_num")
            return [version for (version,) in cursor.fetchall()]
    except psycopg2.Error:
        return None
    finally:
        connection.close()
