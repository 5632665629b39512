"""The worker's work, done in the test's own process.

The outbox rows and the task functions are the real ones; only Redis between them is left out. The
tests under `tests/live` go through Redis and a real worker.
"""

from __future__ import annotations

import sqlalchemy as sa

import worker.tasks  # noqa: F401  (registers the tasks)
from diecast_api.extensions import celery, db
from diecast_api.outbox import OutboxMessage

MAX_ROUNDS = 50


def run_jobs() -> int:
    """Run what the outbox holds until it holds nothing; returns how many tasks ran."""
    ran = 0
    for _ in range(MAX_ROUNDS):
        with db.engine.begin() as connection:
            rows = connection.execute(
                sa.delete(OutboxMessage).returning(OutboxMessage.task_name, OutboxMessage.arguments)
            ).all()
        if not rows:
            return ran
        for task_name, arguments in rows:
            celery.tasks[task_name].apply(kwargs=arguments, throw=True)
            ran += 1
    raise AssertionError("the outbox does not drain")
