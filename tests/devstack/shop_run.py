"""Drives a real `make run` from outside, as a person or a script would."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from devstack import process_table
from devstack.ports import free_port
from devstack.processes import PROJECT, on_leash
from devstack.supervisor.settings import PORT_NAMES

MAKE_RUN = ("make", "--no-print-directory", "run")
START_SECONDS = 120
STOP_SECONDS = 10  # what `make run` promises

# What the surrounding `make test` and the tests' own services would whisper into a new run.
_NOT_INHERITED = ("MAKE", "MFLAGS", "DATABASE_URL", "REDIS_URL", "MINIO_", "MIDTRANS_", "JWT_")


def free_ports() -> dict[str, str]:
    """A free port for every part, by the names of the environment."""
    ports: set[int] = set()
    while len(ports) < len(PORT_NAMES):
        ports.add(free_port(avoid=ports))
    return dict(zip(PORT_NAMES.values(), map(str, ports), strict=True))


class ShopRun:
    """One run with its data in `data`: of an empty shop on free ports, if not told otherwise."""

    def __init__(
        self,
        data: Path,
        *,
        output: Path,
        project: Path = PROJECT,
        command: Sequence[str] = MAKE_RUN,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """What it prints goes to the file `output`. It ends when the tests are killed, too."""
        self.data = data
        self.started: set[process_table.Row] = set()
        self._output = output
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_INHERITED)}
        with output.open("w") as printed:
            self.process = subprocess.Popen(
                on_leash([shutil.which(command[0]) or command[0], *command[1:]]),
                cwd=project,
                env=inherited
                | free_ports()
                | {"DIECAST_DATA_DIR": str(data), "DEMO_SHOP": "off"}
                | dict(environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def ready(self) -> dict[str, Any]:
        """What `ready.json` says."""
        content: dict[str, Any] = json.loads((self.data / "ready.json").read_text())
        return content

    @property
    def pids(self) -> dict[str, int]:
        pids: dict[str, int] = self.ready["pids"]
        return pids

    def wait_ready(self, seconds: float = START_SECONDS) -> "ShopRun":
        self.wait_for(self._is_ready, seconds)
        self.notice_processes()
        return self

    def wait_for(self, condition: Callable[[], object], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def wait_end(self, seconds: float = STOP_SECONDS) -> int:
        """Its exit status; the test fails when it takes longer."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s:\n{self.output}") from None

    def notice_processes(self) -> None:
        """Remember what runs now, for `survivors` to look for later."""
        table = process_table.rows()
        self.started |= set(process_table.below({self.process.pid}, table))
        self.started |= {row for row in table if self._is_ours(row.pid)}

    def survivors(self) -> list[process_table.Row]:
        """Processes of this run that still live."""
        alive = {row for row in process_table.rows() if row.is_alive}
        remembered = {(row.pid, row.started) for row in self.started}
        return [
            row for row in alive if (row.pid, row.started) in remembered or self._is_ours(row.pid)
        ]

    def assert_nothing_left(self) -> None:
        assert self.survivors() == []
        assert not (self.data / "ready.json").exists()

    def kill_everything(self) -> None:
        """SIGKILL, all at once, to make and all below it."""
        for row in self.survivors():
            process_table.kill(row.pid)
        self.process.wait(STOP_SECONDS)
        deadline = time.monotonic() + STOP_SECONDS
        while self.survivors():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        """Whether `ready.json` is there, and not that of an earlier run."""
        try:
            supervisor = self.pids["run"]
        except FileNotFoundError:
            return False
        below = process_table.below({self.process.pid}, process_table.rows())
        return supervisor in {row.pid for row in below}

    def _is_ours(self, pid: int) -> bool:
        """Whether a process has our data folder in its environment or its command line."""
        token = str(self.data).encode()
        for name in ("environ", "cmdline"):
            with contextlib.suppress(OSError):
                if token in Path(f"/proc/{pid}/{name}").read_bytes() and pid != os.getpid():
                    return True
        return False


def end(run: ShopRun) -> None:
    """Stop a run if it still runs, by force if need be."""
    if run.process.poll() is None:
        run.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.process.wait(STOP_SECONDS)
    run.kill_everything()
