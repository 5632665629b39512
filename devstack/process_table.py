"""Linux's table of processes (`/proc`). Elsewhere it is not there: nothing is ever found."""

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
IS_SUPPORTED = sys.platform == "linux"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One process. `started` counts clock ticks since boot and tells a reused `pid` apart."""

    pid: int
    name: str
    state: str
    parent: int
    session: int
    started: int

    @property
    def is_alive(self) -> bool:
        """Whether it can still do anything; the dead wait here for their parents to notice."""
        return self.state not in ("Z", "X")


def read(pid: int) -> Row | None:
    """The process of that number, None when there is none."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")  # a name may hold anything, even ")"
    fields = rest.split()
    return Row(
        pid=pid,
        name=name,
        state=fields[0],
        parent=int(fields[1]),
        session=int(fields[3]),
        started=int(fields[19]),
    )


def rows() -> list[Row]:
    """Every process of the machine that we can see."""
    if not IS_SUPPORTED:
        return []
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    return [row for pid in pids if (row := read(pid)) is not None]


def below(pids: set[int], table: list[Row]) -> list[Row]:
    """The children of `pids`, their children and so on."""
    children: dict[int, list[Row]] = {}
    for row in table:
        children.setdefault(row.parent, []).append(row)
    found: list[Row] = []
    waiting = list(pids)
    while waiting:
        young = children.get(waiting.pop(), [])
        found += young
        waiting += [row.pid for row in young]
    return found


def boot_id() -> str:
    """Another value after every start of the machine; empty where the system has none."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler of its own for a signal."""
    try:
        status = (_PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (number - 1) & 1)


def kill(pid: int) -> None:
    """End a process at once; harmless when it has ended."""
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
