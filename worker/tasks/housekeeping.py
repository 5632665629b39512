"""What keeps the tables small and the outbox moving."""

from diecast_api import idempotency, outbox_relay, task_names
from diecast_api.accounts import sessions
from diecast_api.carts import service as carts
from diecast_api.extensions import celery


@celery.task(name=task_names.RELAY_OUTBOX)
def relay_outbox() -> None:
    """Send what the outbox holds; rows are locked by one relay and skipped by the others."""
    outbox_relay.relay()


@celery.task(name=task_names.PURGE_EXPIRED_ROWS)
def purge_expired_rows() -> None:
    """Forget keys, sessions and guests' carts past their time; a state that is the same twice."""
    idempotency.purge()
    sessions.purge()
    carts.purge()
