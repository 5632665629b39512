"""Processes whose own parent has ended. On Linux they become ours, so that none can slip away."""

import contextlib
import ctypes
import os
import time
from collections.abc import Collection

from devstack import process_table

_PR_SET_CHILD_SUBREAPER = 36
_KILL_SECONDS = 1.5
_POLL_SECONDS = 0.02


def adopt_from_now_on() -> None:
    """Become the parent of every orphan below us, instead of process 1."""
    if process_table.IS_SUPPORTED:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def bury(own: Collection[int]) -> None:
    """Collect the orphans that have ended, but none of our `own` children: somebody waits there."""
    if not process_table.IS_SUPPORTED:
        return
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in own:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)


def kill_all() -> None:
    """End every process below us, at once, and those that they start meanwhile."""
    deadline = time.monotonic() + _KILL_SECONDS
    while time.monotonic() < deadline:
        below = process_table.below({os.getpid()}, process_table.rows())
        for row in below:
            process_table.kill(row.pid)
        bury(own=())
        if not below:
            return
        time.sleep(_POLL_SECONDS)
