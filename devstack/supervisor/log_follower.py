"""Shows a program's log while it is written."""

from collections.abc import Callable
from pathlib import Path


class LogFollower:
    """Passes on each line of a log once, when it is complete."""

    def __init__(self, log: Path, show: Callable[[str], None]) -> None:
        self._log = log
        self._show = show
        self._read = 0

    def show_new_lines(self) -> None:
        """Harmless while there is no log yet."""
        try:
            with self._log.open("rb") as file:
                file.seek(self._read)
                new = file.read()
        except FileNotFoundError:
            return
        complete = new[: new.rfind(b"\n") + 1]
        self._read += len(complete)
        for line in complete.decode("utf-8", "replace").splitlines():
            self._show(line)
