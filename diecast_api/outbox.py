"""Work that must happen after a change: a row in the same transaction, sent to Redis later.

`enqueue` writes the row, the unit of work kicks the relay once the row is durable, and the relay
(`outbox_relay`, also on beat, so that a lost kick costs seconds and a dead Redis costs nothing)
sends it. A message is sent at least once; every task is idempotent and says how.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import structlog
from kombu.exceptions import OperationalError
from sqlalchemy import BigInteger, Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from diecast_api import task_names
from diecast_api.extensions import celery, db
from diecast_api.logs import bound_request_id
from diecast_api.orm import Base, utc_now

HAS_MESSAGES = "outbox_has_messages"
SECONDS_BETWEEN_KICKS_WHEN_DOWN = 5.0

log = structlog.get_logger(__name__)
_skip_kicks_until = 0.0


class OutboxMessage(Base):
    """A task that is to be sent."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    task_name: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    request_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


def enqueue(task_name: str, **ids: str) -> None:
    """Have the worker run a task once this unit of work is committed. Ids only, as strings."""
    db.session.add(OutboxMessage(task_name=task_name, arguments=ids, request_id=bound_request_id()))
    db.session.info[HAS_MESSAGES] = True


def kick() -> None:
    """Ask the worker to relay now. Never fails, and never waits for a Redis that is away.

    While Redis is down only one request in a few seconds tries it; the others leave their rows to
    the relay on beat.
    """
    global _skip_kicks_until
    if time.monotonic() < _skip_kicks_until:
        return
    try:
        celery.send_task(
            task_names.RELAY_OUTBOX,
            queue=task_names.QUEUE_OF[task_names.RELAY_OUTBOX],
            retry=False,
            ignore_result=True,
        )
    except (OperationalError, OSError):
        _skip_kicks_until = time.monotonic() + SECONDS_BETWEEN_KICKS_WHEN_DOWN
        log.warning("outbox_kick_failed")
