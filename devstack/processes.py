"""One child process of the stack: in a session of its own, on a leash, with a log file."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import DevstackError

PROJECT = Path(__file__).resolve().parent.parent
_LEASH = Path(__file__).with_name("leash.py")
_POLL_SECONDS = 0.02
_TAIL_LINES = 15
_KILL_SECONDS = 2.0
_STEP_SECONDS = 120.0


def do_nothing() -> None:
    """What waiting does between two looks, unless told otherwise."""


@dataclass(frozen=True, kw_only=True)
class User:
    """Whom a program runs as when the starter is root; see `devstack.leash` for `reads_all`."""

    uid: int
    gid: int
    reads_all: bool = False

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}" + (":reads-all" if self.reads_all else "")


def on_leash(
    command: Sequence[str],
    *,
    stop_signal: signal.Signals = signal.SIGTERM,
    user: User | None = None,
) -> list[str]:
    """What runs `command`, given by its whole path, on a leash: see `devstack.leash`."""
    leash = [sys.executable, "-I", "-S", str(_LEASH), str(int(stop_signal))]
    return [*leash, str(user) if user else "-", *command]


class Process:
    """A program that is started at most once and leaves nothing behind when it is stopped.

    It gets no terminal (so no Ctrl-C either). On Linux it is sent `stop_signal` when the *thread*
    that started it ends, so start it from a thread that lives as long, best the main one.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        standard_input: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: User | None = None,
    ) -> None:
        """`environment` is added to our own; `log` receives what the program prints."""
        self.name = name
        self.log = log
        self._command = [str(part) for part in command]
        self._environment = dict(environment or {})
        self._standard_input = standard_input
        self._stop_signal = stop_signal
        self._user = user
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def is_started(self) -> bool:
        return self._popen is not None

    @property
    def pid(self) -> int:
        return self._started().pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._started().poll()

    def start(self) -> None:
        """Raises OSError when there is no such program or the log cannot be written."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as log:
            self._popen = subprocess.Popen(
                on_leash(self._command, stop_signal=self._stop_signal, user=self._user),
                stdin=subprocess.DEVNULL if self._standard_input is None else subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=PROJECT,
                env={**os.environ, **self._environment},
                start_new_session=True,
            )
        if self._popen.stdin is not None and self._standard_input is not None:
            # It may have ended at once; whoever waits for it says so.
            with contextlib.suppress(BrokenPipeError), self._popen.stdin as pipe:
                pipe.write(self._standard_input.encode())

    def wait_until(
        self, is_ready: Callable[[], bool], *, seconds: float, meanwhile: Callable[[], None]
    ) -> None:
        """Wait until `is_ready`; DevstackError when the process ends first or takes too long.

        `meanwhile` is called between two looks and may raise to give up.
        """
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self.exit_code is not None:
                raise self.failure("ended before it was ready")
            if time.monotonic() > deadline:
                raise self.failure(f"was not ready after {seconds:.0f} s")
            meanwhile()
            time.sleep(_POLL_SECONDS)

    def wait_success(self, *, seconds: float, meanwhile: Callable[[], None]) -> None:
        """Wait for the end of a program that does one thing; DevstackError unless it succeeds."""
        deadline = time.monotonic() + seconds
        while self.exit_code is None:
            if time.monotonic() > deadline:
                raise self.failure(f"was not done after {seconds:.0f} s")
            meanwhile()
            time.sleep(_POLL_SECONDS)
        if self.exit_code != 0:
            raise self.failure("failed")

    def failure(self, what: str) -> DevstackError:
        """The error that says `what` happened to this process and shows the end of its log."""
        code = self._popen.poll() if self._popen else None
        ending = "" if code is None else f" ({describe_exit(code)})"
        return DevstackError(f"{self.name} {what}{ending}; its log is {self.log}", tail(self.log))

    def request_stop(self) -> None:
        """Ask it to end; one that was suspended is woken to hear it."""
        if self._popen is not None and self.exit_code is None:
            self._popen.send_signal(self._stop_signal)
            self._signal_group(signal.SIGCONT)

    def wait_end(self, seconds: float) -> bool:
        """Whether it has ended within `seconds`."""
        if self._popen is None:
            return True
        try:
            self._popen.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it and every process of its group, at once. Harmless when it was not started."""
        if self._popen is not None:
            self._signal_group(signal.SIGKILL)
            self.wait_end(_KILL_SECONDS)

    def stop(self, seconds: float) -> None:
        """Ask it to end, give it `seconds`, then leave nothing of it."""
        self.request_stop()
        self.wait_end(seconds)
        self.kill()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._popen is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._popen

    def _signal_group(self, number: signal.Signals) -> None:
        # The group may be gone; macOS says "not permitted" of a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def run_to_end(
    steps: Sequence[Process],
    *,
    seconds: float = _STEP_SECONDS,
    meanwhile: Callable[[], None] = do_nothing,
) -> None:
    """Run programs that do one thing, side by side; DevstackError when one of them fails.

    `meanwhile` is called several times a second and may raise to give up. Whatever happens, none
    of them runs afterwards.
    """
    try:
        for step in steps:
            step.start()
        for step in steps:
            step.wait_success(seconds=seconds, meanwhile=meanwhile)
    finally:
        for step in steps:
            step.kill()


def describe_exit(code: int) -> str:
    """`exit code 3` or `killed by SIGKILL`."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def tail(path: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines of a text file, empty when there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
