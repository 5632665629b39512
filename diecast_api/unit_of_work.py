"""The only commit in the code base.

A public service function that changes something opens a unit of work; one that is called by
another joins the one that is open. Everything inside is committed together, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from diecast_api import outbox
from diecast_api.extensions import db
from diecast_api.orm import Base

_OPEN = "unit_of_work_open"

Row = TypeVar("Row", bound=Base)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Commit on leaving the outermost block, roll back on an error, then wake the outbox relay.

    The relay is woken here and not in SQLAlchemy's `after_commit`, which also fires when a
    savepoint is released, before anything is durable.
    """
    session = db.session()
    if session.info.get(_OPEN):
        yield session
        return
    session.info[_OPEN] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_OPEN, None)
        has_messages = session.info.pop(outbox.HAS_MESSAGES, False)
    if has_messages:
        outbox.kick()


def locked(model: type[Row], row_id: UUID) -> Row | None:
    """Read a row afresh and hold its lock until the unit of work ends.

    `FOR NO KEY UPDATE`: others may go on referring to the row by a foreign key meanwhile.
    """
    return db.session.get(
        model, row_id, with_for_update={"key_share": True}, populate_existing=True
    )


def refuse_open_transaction() -> None:
    """Guard of every call over the network: a slow partner must never hold our locks.

    Raises:
        RuntimeError: a transaction is open; that is a mistake in the code, not in the input.
    """
    if db.session().in_transaction():
        raise RuntimeError("a call over the network inside a database transaction")


def end_reading() -> None:
    """Give the connection back before a wait for somebody slow; what was read stays readable."""
    with unit_of_work():
        pass
