"""Payments. Every task is safe twice and at once, by the order's lock and its state machine."""

from uuid import UUID

from diecast_api import task_names
from diecast_api.extensions import celery
from diecast_api.payments.service import inbox, sweeps


@celery.task(name=task_names.HANDLE_NOTIFICATION)
def handle_notification(notification_id: str) -> None:
    """Verify and apply a notification; guarded by its `handled_at`."""
    inbox.handle(UUID(notification_id))


@celery.task(name=task_names.SWEEP_NOTIFICATIONS)
def sweep_notifications() -> None:
    """Take up the notifications whose time has come again."""
    inbox.sweep()


@celery.task(name=task_names.EXPIRE_ORDERS)
def expire_orders() -> None:
    """Close unpaid orders that are past their deadline."""
    sweeps.expire_due_orders()


@celery.task(name=task_names.RECONCILE_PAYMENTS)
def reconcile_payments() -> None:
    """Ask about payments that are not final."""
    sweeps.reconcile()
