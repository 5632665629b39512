"""What the person at the terminal sees."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from devstack.errors import DevstackError

_BOLD, _RED, _RESET = "\033[1m", "\033[31m", "\033[0m"
_CLEAR_LINE = "\r\033[K"


class Screen:
    """Prints plain text, coloured on a terminal only; silent once nobody listens any more."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        encoding = sys.stdout.encoding or "ascii"
        self._can_draw = _can_encode("╭─╮│╰╯", encoding)
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")

    def line(self, text: str) -> None:
        """Say something."""
        self._print(f"{_CLEAR_LINE if self._is_terminal else ''}{text}\n")

    def progress(self, text: str) -> None:
        """Say how far something is; on a terminal the next one, or a line, takes its place."""
        if self._is_terminal:
            self._print(f"{_CLEAR_LINE}  {text}")
        else:
            self._print(f"  {text}\n")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Say what is being done, and how long it took."""
        began = time.monotonic()
        self._print(f"{title} ... ")
        try:
            yield
        except BaseException:
            self._print("\n")
            raise
        self._print(f"{time.monotonic() - began:.1f} s\n")

    def error(self, error: DevstackError) -> None:
        """Say what went wrong, and show the details below."""
        self.line(self._styled(_RED, f"make run: {error}"))
        for line in error.details.splitlines():
            self.line(f"  | {line}")

    def panel(self, title: str, rows: list[tuple[str, str]]) -> None:
        """A box with `rows` of names and values."""
        width = max(len(name) for name, _ in rows)
        body = [f"{name:<{width}}  {value}" for name, value in rows]
        inner = max(len(line) for line in [title, *body])
        corners = tuple("╭╮╰╯─│" if self._can_draw else "++++-|")
        top_left, top_right, bottom_left, bottom_right, across, down = corners
        rule = across * (inner + 2)
        self.line(f"{top_left}{rule}{top_right}")
        self.line(f"{down} {self._styled(_BOLD, f'{title:<{inner}}')} {down}")
        for row in body:
            self.line(f"{down} {row:<{inner}} {down}")
        self.line(f"{bottom_left}{rule}{bottom_right}")

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if self._is_terminal else text

    def _print(self, text: str) -> None:
        try:
            print(text, end="", flush=True)
        except OSError:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (stays open)


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
