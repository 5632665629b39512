"""Several people doing something at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

import sqlalchemy as sa

from diecast_api.extensions import db
from tests.support.live import wait_until

T = TypeVar("T")

_WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def at_once(*acts: Callable[[], T]) -> list[T]:
    """Do all of this at the same moment, each in a thread; the results, in the order given."""
    gate = Barrier(len(acts))

    def act(what: Callable[[], T]) -> T:
        gate.wait(timeout=30)
        return what()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def at_once_behind(lock: sa.Select[tuple[object]], *acts: Callable[[], T]) -> list[T]:
    """Have all of this wait for rows that `lock` selects, then let go; the results, in order.

    Nothing is left to chance: whoever reads before they lock has read before anybody has written.
    """
    with ThreadPoolExecutor(len(acts)) as pool:
        with holding(lock):
            results = [pool.submit(act) for act in acts]
            wait_for_waiting(len(acts))
        return [result.result() for result in results]


@contextmanager
def holding(lock: sa.Select[tuple[object]]) -> Iterator[None]:
    """Hold the rows that `lock` selects, from a connection of its own."""
    with db.engine.begin() as connection:
        assert connection.execute(lock.with_for_update()).all(), "there is nothing to hold"
        yield


def wait_for_waiting(count: int) -> None:
    """Wait until so many connections wait for a lock."""

    def waiting() -> bool:
        with db.engine.connect() as connection:
            return connection.scalar(_WAITING) == count

    wait_until(waiting, f"{count} connections wait for a lock")
