"""Idempotency keys in PostgreSQL: the same key with the same body has one effect and one answer.

Two ways of holding a key while its call runs:

- `once` for work that is one transaction. The key, the effect and the answer are committed
  together; an advisory lock tells a second caller that the first still runs.
- `Lease` for work that calls somebody over the network between its transactions. The key is
  committed first, with a lease that outlives the call; the answer is stored in the transaction of
  the last effect. After a crash the lease runs out and the key may be used again.

A call that fails frees its key, so that a mended retry may use it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import SmallInteger, UniqueConstraint, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSON, insert
from sqlalchemy.orm import Mapped, mapped_column

from diecast_api.errors import IdempotencyInProgress, IdempotencyKeyReused
from diecast_api.extensions import db
from diecast_api.json import canonical, dumps
from diecast_api.orm import Base, Identified, utc_now
from diecast_api.unit_of_work import unit_of_work

KEPT_FOR = timedelta(hours=48)
LEASE = timedelta(seconds=90)


class IdempotencyRecord(Identified, Base):
    """A key, what was asked with it, and what was answered (null while the call runs).

    The answer is kept as JSON, not JSONB, which would put its keys into another order.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("user_id", "operation", "key"),)

    user_id: Mapped[UUID]
    operation: Mapped[str]
    key: Mapped[str]
    fingerprint: Mapped[str]
    status: Mapped[int | None] = mapped_column(SmallInteger)
    answer: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    running_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


@dataclass(frozen=True, slots=True)
class Request:
    """A call that is to happen once: who, which operation, under which key, with which body."""

    user_id: UUID
    operation: str
    key: str
    body: Any

    @property
    def fingerprint(self) -> str:
        """Equal for bodies that are equal as JSON values."""
        return hashlib.sha256(canonical(self.body)).hexdigest()

    @property
    def lock_number(self) -> int:
        """The advisory lock of this key: 63 bits of its hash."""
        name = f"{self.user_id}/{self.operation}/{self.key}".encode()
        return int.from_bytes(hashlib.sha256(name).digest()[:8], "big") >> 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What was, or would be, answered: a status and a JSON document."""

    status: int
    document: Any
    is_replay: bool = False


def once(request: Request, work: Callable[[], Answer]) -> Answer:
    """Do the work of one transaction once for this key.

    Raises:
        IdempotencyKeyReused: the key was used with another body.
        IdempotencyInProgress: the first call with this key is still running.
    """
    with unit_of_work():
        stored = _claim(request, running_until=None)
        if stored is not None:
            return stored
        answer = work()
        _store(request, answer)
    return answer


class Lease:
    """A key that is held while work goes through several transactions."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.replay: Answer | None = None

    def store(self, answer: Answer) -> None:
        """Keep the answer, in the unit of work of the effect that it reports."""
        _store(self._request, answer)


@contextmanager
def lease(request: Request) -> Iterator[Lease]:
    """Hold a key during work that is more than one transaction.

    Where `replay` is set the work was done before, and this is its answer. Raises as `once` does.
    """
    held = Lease(request)
    with unit_of_work():
        held.replay = _claim(request, running_until=utc_now() + LEASE)
    try:
        yield held
    except BaseException:
        with unit_of_work():
            _free(request)
        raise


def purge() -> int:
    """Forget keys that are older than they are kept. Returns how many."""
    with unit_of_work() as session:
        result = session.execute(
            delete(IdempotencyRecord)
            .where(IdempotencyRecord.created_at < utc_now() - KEPT_FOR)
            .returning(IdempotencyRecord.id)
        )
        return len(result.all())


def _claim(request: Request, *, running_until: datetime | None) -> Answer | None:
    """Insert the key, or find out what became of its first call. None: it is ours now."""
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(request.lock_number))):
        raise IdempotencyInProgress
    new = db.session.scalar(
        insert(IdempotencyRecord)
        .values(
            user_id=request.user_id,
            operation=request.operation,
            key=request.key,
            fingerprint=request.fingerprint,
            running_until=running_until,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyRecord.id)
    )
    if new is not None:
        return None
    record = db.session.scalars(_of(request)).one()
    if record.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused
    if record.status is not None:
        return Answer(record.status, record.answer, is_replay=True)
    if record.running_until is not None and record.running_until > utc_now():
        raise IdempotencyInProgress
    record.running_until = running_until
    return None


def _store(request: Request, answer: Answer) -> None:
    db.session.execute(
        update(IdempotencyRecord)
        .where(*_is(request))
        .values(
            status=answer.status,
            answer=orjson.loads(dumps(answer.document)),
            running_until=None,
        )
        .execution_options(synchronize_session=False)
    )


def _free(request: Request) -> None:
    db.session.execute(
        delete(IdempotencyRecord)
        .where(*_is(request), IdempotencyRecord.status.is_(None))
        .execution_options(synchronize_session=False)
    )


def _of(request: Request) -> Any:
    return select(IdempotencyRecord).where(*_is(request)).execution_options(populate_existing=True)


def _is(request: Request) -> tuple[Any, ...]:
    return (
        IdempotencyRecord.user_id == request.user_id,
        IdempotencyRecord.operation == request.operation,
        IdempotencyRecord.key == request.key,
    )
