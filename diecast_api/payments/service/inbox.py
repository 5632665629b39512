"""The inbox of notifications: kept first, verified by GET status later, worked on once."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from diecast_api import outbox, task_names
from diecast_api.errors import GatewayRefused, GatewayUnavailable, NotFound
from diecast_api.extensions import db
from diecast_api.json import canonical
from diecast_api.logs import bound_request_id
from diecast_api.orm import new_id, utc_now
from diecast_api.payments.gateway import find_transaction
from diecast_api.payments.models import Payment, PaymentNotification
from diecast_api.payments.service.apply import apply
from diecast_api.payments.transactions import Transaction, is_snap_api
from diecast_api.unit_of_work import unit_of_work

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
LEASE = timedelta(minutes=3)
SWEEP_BATCH = 200

OTHER_ORDER = "names_another_order"
NEVER_VERIFIED = "never_verified"
DISAGREES = "status_disagrees"

log = structlog.get_logger(__name__)


def receive(payload: dict[str, Any]) -> None:
    """Keep a notification whose signature was checked, and have the worker look at it.

    The same notification again only counts its deliveries, unless Midtrans's own status did not
    bear it out the first time: then it is asked about once more.

    Raises:
        NotFound: no attempt of ours has this order id.
    """
    with unit_of_work() as session:
        order_id = payload["order_id"]
        if not session.scalar(sa.select(sa.exists().where(Payment.midtrans_order_id == order_id))):
            raise NotFound
        kept = session.execute(
            insert(PaymentNotification)
            .values(
                id=new_id(),
                digest=hashlib.sha256(canonical(payload)).hexdigest(),
                midtrans_order_id=order_id,
                transaction_id=payload["transaction_id"],
                transaction_status=payload["transaction_status"],
                payload=payload,
                request_id=bound_request_id(),
            )
            .on_conflict_do_update(
                index_elements=[PaymentNotification.digest],
                set_={"deliveries": PaymentNotification.deliveries + 1},
            )
            .returning(
                PaymentNotification.id,
                PaymentNotification.outcome,
                PaymentNotification.deliveries,
            )
        ).one()
        if kept.deliveries == 1:
            _look_at(kept.id)
        elif kept.outcome == DISAGREES:
            reopen(kept.id)


def reopen(notification_id: UUID) -> None:
    """Have a notification verified and applied once more."""
    with unit_of_work() as session:
        session.execute(
            sa.update(PaymentNotification)
            .where(PaymentNotification.id == notification_id)
            .values(handled_at=None, outcome=None, attempts=0, next_attempt_at=utc_now())
        )
        _look_at(notification_id)


def handle(notification_id: UUID) -> None:
    """Verify a notification by GET status and apply what Midtrans says.

    Idempotent by the guard column `handled_at`, which is stamped in the transaction of the effects.
    Where GET status cannot be had the notification stays, and is tried again later.
    """
    notification = _claim(notification_id)
    if notification is None:
        return
    try:
        transaction = find_transaction(
            notification.transaction_id, is_snap_api=is_snap_api(notification.payload)
        )
    except (GatewayRefused, GatewayUnavailable):
        transaction = None
    with unit_of_work():
        if transaction is None:
            _try_again_later(notification)
        else:
            _stamp(notification, _apply(notification, transaction))


def sweep() -> int:
    """Hand the notifications whose time has come to the worker again. Returns how many."""
    with unit_of_work() as session:
        due = session.scalars(
            sa.select(PaymentNotification.id)
            .where(
                PaymentNotification.handled_at.is_(None),
                PaymentNotification.next_attempt_at <= utc_now(),
            )
            .order_by(PaymentNotification.next_attempt_at)
            .limit(SWEEP_BATCH)
        ).all()
        for notification_id in due:
            _look_at(notification_id)
    return len(due)


def _look_at(notification_id: UUID) -> None:
    outbox.enqueue(task_names.HANDLE_NOTIFICATION, notification_id=str(notification_id))


def _claim(notification_id: UUID) -> PaymentNotification | None:
    """Take a notification for as long as asking may last; None where there is nothing to do."""
    now = utc_now()
    with unit_of_work() as session:
        return session.scalar(
            sa.update(PaymentNotification)
            .where(
                PaymentNotification.id == notification_id,
                PaymentNotification.handled_at.is_(None),
                PaymentNotification.next_attempt_at <= now,
            )
            .values(attempts=PaymentNotification.attempts + 1, next_attempt_at=now + LEASE)
            .returning(PaymentNotification)
            .execution_options(populate_existing=True)
        )


def _apply(notification: PaymentNotification, transaction: Transaction) -> str:
    """Apply what GET status says to the attempt that the signed order id names.

    One that is of another order, by its own word or by our books, changes nothing.
    """
    order_id = notification.midtrans_order_id
    if (
        not transaction.is_of_order(order_id)
        or transaction.transaction_id != notification.transaction_id
        or _is_known_elsewhere(transaction, order_id)
    ):
        log.error("notification_names_another_order", midtrans_order_id=order_id)
        return OTHER_ORDER
    attempt_id = db.session.scalars(
        sa.select(Payment.id).where(
            Payment.midtrans_order_id == order_id, Payment.surplus_of.is_(None)
        )
    ).one()
    outcome = apply(attempt_id, transaction)
    agrees = transaction.status == notification.transaction_status.lower()
    return outcome if agrees else DISAGREES


def _is_known_elsewhere(transaction: Transaction, order_id: str) -> bool:
    """Whether another attempt has this transaction, where the answer itself names no order."""
    if transaction.order_id == order_id:
        return False
    is_elsewhere = sa.exists().where(
        Payment.transaction_id == transaction.transaction_id,
        Payment.midtrans_order_id != order_id,
    )
    return bool(db.session.scalar(sa.select(is_elsewhere)))


def _try_again_later(notification: PaymentNotification) -> None:
    if utc_now() - notification.received_at > GIVE_UP_AFTER:
        log.error("notification_never_verified", midtrans_order_id=notification.midtrans_order_id)
        _stamp(notification, NEVER_VERIFIED)
        return
    wait = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(notification.attempts - 1, 12))
    notification.next_attempt_at = utc_now() + wait


def _stamp(notification: PaymentNotification, outcome: str) -> None:
    notification.handled_at = utc_now()
    notification.outcome = outcome
