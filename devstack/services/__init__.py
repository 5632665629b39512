"""PostgreSQL, Redis and an S3 server from wheels: real servers, on loopback, without root rights.

    with Services.throwaway() as services:
        os.environ.update(services.environment())

Used by `make run`, which keeps their data, and by the tests, which throw it away.
"""

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from devstack.files import keep_secrets
from devstack.ports import free_port
from devstack.processes import Process, run_to_end
from devstack.services.object_store import ObjectStore
from devstack.services.postgres import Postgres
from devstack.services.service import Service
from devstack.services.valkey import Valkey

KINDS: dict[str, type[Service]] = {kind.name: kind for kind in (Postgres, Valkey, ObjectStore)}
BUCKET = "diecast"
_STOP_SECONDS = 5.0


class Services:
    """The embedded servers of one data folder, started and stopped together.

    `services["redis"].stop(5)` and `.start()` take one away and bring it back.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ports: Mapping[str, int],
        wanted: Collection[str] = tuple(KINDS),
        is_durable: bool = True,
    ) -> None:
        """Those `wanted`, with data, logs and secrets below `folder`, one port for each."""
        self.folder = folder
        # Open to pass through, closed to look around: PostgreSQL's user must reach its own data.
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        secrets = keep_secrets(folder / "secrets.json", KINDS)
        self._services = {
            name: KINDS[name](
                folder / name,
                port=ports[name],
                log=folder / "logs" / f"{name}.log",
                secret=secrets[name],
                is_durable=is_durable,
            )
            for name in wanted
        }

    @classmethod
    @contextmanager
    def throwaway(cls) -> Iterator["Services"]:
        """All three, running on free ports with empty data, in a folder removed at the end."""
        with tempfile.TemporaryDirectory(prefix="diecast-", ignore_cleanup_errors=True) as folder:
            Path(folder).chmod(0o711)
            ports: dict[str, int] = {}
            for name in KINDS:
                ports[name] = free_port(avoid=ports.values())
            services = cls(Path(folder), ports=ports, is_durable=False)
            try:
                services.start()
                yield services
            finally:
                services.stop()

    def __getitem__(self, name: str) -> Service:
        return self._services[name]

    def __iter__(self) -> Iterator[Service]:
        return iter(self._services.values())

    def start(self) -> None:
        """Start all of them at once and wait until they answer."""
        self.prepare(run_to_end)
        for service in self:
            service.start()
        for service in self:
            service.wait_ready()

    def prepare(self, run: Callable[[Sequence[Process]], None]) -> None:
        """Make those data folders that do not exist yet; `run` runs the programs that do it."""
        steps = [(service, service.preparation()) for service in self]
        needed = [(service, process) for service, process in steps if process is not None]
        run([process for _, process in needed])
        for service, _ in needed:
            service.finish_preparation()

    def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """Ask all of them to end, and force those that have not after `seconds`."""
        deadline = time.monotonic() + seconds
        started = [service.process for service in self if service.process is not None]
        for process in started:
            process.request_stop()
        for process in started:
            process.stop(deadline - time.monotonic())

    def environment(self) -> dict[str, str]:
        """The shop's configuration for these services, by the names it has in the environment."""
        merged = {"MINIO_BUCKET": BUCKET} if ObjectStore.name in self._services else {}
        for service in self:
            merged |= service.environment()
        return merged
