"""Several people doing something at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def at_once(*acts: Callable[[], T]) -> list[T]:
    """Do all of this at the same moment, each in a thread; the results, in the order given."""
    gate = Barrier(len(acts))

    def act(what: Callable[[], T]) -> T:
        gate.wait(timeout=30)
        return what()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))
