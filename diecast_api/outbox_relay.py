"""Sends what the outbox holds to the worker's queues."""

from sqlalchemy import delete, select

from diecast_api import task_names
from diecast_api.extensions import celery
from diecast_api.logs import REQUEST_ID_HEADER
from diecast_api.outbox import OutboxMessage
from diecast_api.unit_of_work import unit_of_work

BATCH = 100


def relay() -> int:
    """Send what waits, oldest first, and forget it. Returns how many were sent.

    Safe on many workers at once: a row is locked by one of them and skipped by the others. This is
    the one place that speaks to the network under a lock, for the lock is what keeps two relays
    apart. A crash between sending and the commit sends again, which the tasks bear.
    """
    sent = 0
    while True:
        batch = _relay_batch()
        sent += batch
        if batch < BATCH:
            return sent


def _relay_batch() -> int:
    with unit_of_work() as session:
        messages = session.scalars(
            select(OutboxMessage)
            .order_by(OutboxMessage.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for message in messages:
            celery.send_task(
                message.task_name,
                kwargs=message.arguments,
                queue=task_names.QUEUE_OF[message.task_name],
                headers={REQUEST_ID_HEADER: message.request_id},
                retry=False,
                ignore_result=True,
            )
        session.execute(
            delete(OutboxMessage).where(OutboxMessage.id.in_([message.id for message in messages]))
        )
    return len(messages)
