"""The folder in which one `make run` at a time keeps everything."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.errors import DevstackError
from devstack.files import keep_secrets

_SECRETS = ("jwt", "midtrans_server", "midtrans_client")


class DataFolder:
    """Names of what lies in the folder. Servers keep their data in folders named after them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "logs"
        self.ports = path / "ports.json"
        self.accounts = path / "accounts.json"
        self.processes = path / "processes.json"
        self.ready = path / "ready.json"
        self.demo_done = path / "demo.json"
        self.prepared = path / "prepared.json"
        self.simulator = path / "simulator"
        self.beat_schedule = path / "beat" / "schedule"
        self.metrics = path / "metrics"
        self._lock = path / "lock"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and keep other runs out of it; DevstackError when one is in."""
        try:
            # Open to pass through, closed to look around: PostgreSQL's user must reach its own.
            self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
            lock = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DevstackError(
                f"the data folder {self.path} cannot be used ({error.strerror}); "
                "choose another one by DIECAST_DATA_DIR"
            ) from error
        with os.fdopen(lock, "r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DevstackError(
                    f"another `make run` (process {file.read().strip() or 'unknown'}) "
                    f"uses {self.path}; choose another folder by DIECAST_DATA_DIR"
                ) from None
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
            yield

    def tidy(self) -> None:
        """Forget what belonged to the last run only, and put its logs aside as `*.log.1`."""
        self.ready.unlink(missing_ok=True)
        for passing in (self.beat_schedule.parent, self.metrics):
            shutil.rmtree(passing, ignore_errors=True)
        for folder in (self.logs, self.simulator, self.beat_schedule.parent, self.metrics):
            folder.mkdir(mode=0o700, exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    def secrets(self) -> dict[str, str]:
        """The shop's own secrets, the same at every start."""
        return keep_secrets(self.path / "secrets.json", _SECRETS)
