"""How far the loader is, for a person who waits."""

import sys
import threading
import time
from typing import TextIO

_SECONDS_BETWEEN_LINES = 1.0


class Progress:
    """Counts up to `total`; on a terminal one line is rewritten, elsewhere one is added a second.

    May be used by several threads.
    """

    def __init__(self, what: str, total: int, stream: TextIO = sys.stdout) -> None:
        self._what = what
        self._total = total
        self._stream = stream
        self._done = 0
        self._shown = 0.0
        self._lock = threading.Lock()

    def advance(self, by: int = 1) -> None:
        """Count some more as done."""
        with self._lock:
            self._done += by
            self._show()

    def _show(self) -> None:
        is_last = self._done >= self._total
        line = f"{self._what}: {self._done} of {self._total}"
        if self._stream.isatty():
            self._stream.write(f"\r{line}\x1b[K" + ("\n" if is_last else ""))
        elif is_last or time.monotonic() - self._shown >= _SECONDS_BETWEEN_LINES:
            self._shown = time.monotonic()
            self._stream.write(line + "\n")
        self._stream.flush()
