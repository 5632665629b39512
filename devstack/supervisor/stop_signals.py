"""When to stop: signals to us, and those that `make` received and does not pass on."""

import os
import signal
import time
from types import FrameType

from devstack import process_table

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MAKE_NAMES = ("make", "gmake")
_LOOK_AT_MAKE_SECONDS = 0.5
_SAME_WISH_SECONDS = 1.0


class StopRequested(Exception):
    """Somebody asked for the end."""


class StopSignals:
    """Collects the wishes to stop. A second one, a while after the first, is an urgent one.

    `wished_at` is the `time.monotonic()` of the first, None before it.
    """

    def __init__(self) -> None:
        """Takes over this process's signals; to be made in its main thread."""
        self.is_urgent = False
        self.wished_at: float | None = None
        self._make = MakeWatch()
        for number in _SIGNALS:
            is_nohup = number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN
            if not is_nohup:
                signal.signal(number, self._on_signal)

    def check(self) -> None:
        """Raises StopRequested once a stop is wished."""
        if self.wished_at is None and self._make.wants_stop():
            self.wished_at = time.monotonic()
        if self.wished_at is not None:
            raise StopRequested

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.wished_at is None:
            self.wished_at = now
        elif now - self.wished_at > _SAME_WISH_SECONDS:
            # Sooner, it is the same Ctrl-C, once from the terminal and once through make.
            self.is_urgent = True


class MakeWatch:
    """Sees that the `make` that started us was interrupted, or has died.

    GNU make passes SIGTERM on to its children, but not a SIGINT or SIGHUP that only it received:
    its handler restores the signal's default action and then waits for us. That change shows in
    `/proc`. Other starters are none of our business.
    """

    def __init__(self) -> None:
        self._makes = _makes_above(os.getppid())
        self._caught = {
            (row.pid, number)
            for row in self._makes
            for number in _SIGNALS
            if process_table.catches(row.pid, number)
        }
        self._next_look = 0.0

    def wants_stop(self) -> bool:
        """Cheap enough to be asked many times a second."""
        if time.monotonic() < self._next_look:
            return False
        self._next_look = time.monotonic() + _LOOK_AT_MAKE_SECONDS
        is_dead = any(not _is_alive(row) for row in self._makes)
        return is_dead or not all(process_table.catches(*pair) for pair in self._caught)


def _makes_above(pid: int) -> list[process_table.Row]:
    """The unbroken line of makes that leads to us, the nearest first."""
    row = process_table.read(pid)
    if row is None or row.name not in _MAKE_NAMES:
        return []
    return [row, *_makes_above(row.parent)]


def _is_alive(row: process_table.Row) -> bool:
    now = process_table.read(row.pid)
    return now is not None and now.started == row.started and now.is_alive
