"""What the three embedded servers have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from devstack.processes import Process, do_nothing

_READY_SECONDS = 60.0


class Service(ABC):
    """A server on loopback with its data in one folder.

    Its life: `preparation()` (run to its end, then `finish_preparation()`), `start()`,
    `wait_ready()`, `stop()`. The steps are apart so that several services can take them together.
    """

    name: str
    title: str

    def __init__(
        self, folder: Path, *, port: int, log: Path, secret: str, is_durable: bool = True
    ) -> None:
        """Not `is_durable`: the data are thrown away anyway, so do not wait for the disk."""
        self.folder = folder
        self.port = port
        self.log = log
        self.secret = secret
        self.is_durable = is_durable
        self.process: Process | None = None

    def preparation(self) -> Process | None:
        """The program that makes the data folder, not yet started; None when that was done."""
        return None

    def finish_preparation(self) -> None:  # noqa: B027 (nothing to do is a fair default)
        """Take over what the preparation has made."""

    def start(self) -> Process:
        """Start the server; it may not be ready yet."""
        self.process = self.server()
        self.process.start()
        return self.process

    def wait_ready(
        self, *, seconds: float = _READY_SECONDS, meanwhile: Callable[[], None] = do_nothing
    ) -> None:
        """Wait until it answers; DevstackError with the end of its log when it does not."""
        if self.process is None:
            raise RuntimeError(f"{self.name} was not started")
        self.process.wait_until(self.is_ready, seconds=seconds, meanwhile=meanwhile)

    def stop(self, seconds: float) -> None:
        """Stop the server, by force after `seconds`. Harmless when it does not run."""
        if self.process is not None:
            self.process.stop(seconds)

    @abstractmethod
    def server(self) -> Process:
        """The server's process, not yet started."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers requests."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The names of the shop's configuration that point at this server."""
