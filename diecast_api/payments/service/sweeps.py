"""What heals by itself: orders past their deadline, and payments whose notification was lost.

Both sweeps ask Midtrans before they change anything, and change it under the order's lock, so any
number of them may run at once, and any of them may die at any point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

import sqlalchemy as sa
import structlog

from diecast_api.actors import SYSTEM
from diecast_api.errors import GatewayRefused, GatewayUnavailable
from diecast_api.extensions import db
from diecast_api.orders import service as orders
from diecast_api.orders.errors import OrderNotCancelable
from diecast_api.orders.models import CancelReason, Order, OrderStatus
from diecast_api.orm import utc_now
from diecast_api.payments.models import Payment, PaymentStatus
from diecast_api.payments.service.apply import apply, payments_of, show_spokesman
from diecast_api.payments.service.cancel import close_order, open_payments
from diecast_api.payments.service.close import close_attempt, expire, void
from diecast_api.payments.service.sync import ask
from diecast_api.unit_of_work import unit_of_work

BATCH = 100
FAILURES_BEFORE_GIVING_UP = 3

log = structlog.get_logger(__name__)


def expire_due_orders() -> int:
    """Close unpaid orders that are past their deadline. Returns how many were looked at.

    Taken in random order, so that one whose payment cannot be closed does not hold up the others.
    """
    with unit_of_work() as session:
        due = session.scalars(
            sa.select(Order.id)
            .where(Order.status == OrderStatus.PENDING, Order.expires_at <= utc_now())
            .order_by(sa.func.random())
            .limit(BATCH)
        ).all()
    return _each(due, expire_order)


def expire_order(order_id: UUID) -> None:
    """Close an unpaid order at Midtrans and cancel it, or find that it was paid.

    Raises:
        GatewayRefused, GatewayUnavailable: Midtrans cannot be asked; the next sweep tries again.
    """
    try:
        payments = open_payments(order_id)
    except OrderNotCancelable:
        return
    for payment in payments:
        closing = close_attempt(payment.id, expire)
        if closing.transaction is not None and not closing.is_closed:
            apply(payment.id, closing.transaction)
            if closing.transaction.is_open:
                return
    with unit_of_work():
        order = orders.lock_order(order_id)
        is_due = order.status == OrderStatus.PENDING and order.expires_at <= utc_now()
        if is_due and not _has_new_attempt(order_id, payments):
            close_order(order, CancelReason.EXPIRED, PaymentStatus.EXPIRED, actor=SYSTEM)


def reconcile() -> int:
    """Ask about payments that are not final, the longest unasked first. Returns how many."""
    with unit_of_work() as session:
        unfinished = session.scalars(
            sa.select(Payment.id)
            .where(
                Payment.status.in_(
                    [
                        PaymentStatus.PENDING,
                        PaymentStatus.AUTHORIZED,
                        PaymentStatus.CHALLENGED,
                        PaymentStatus.DENIED,
                    ]
                )
            )
            .order_by(Payment.checked_at.asc().nulls_first())
            .limit(BATCH)
        ).all()
    return _each(unfinished, reconcile_payment)


def reconcile_payment(payment_id: UUID) -> None:
    """Ask Midtrans about a payment and apply the answer.

    One that is still open although its order needs no money any more is closed at Midtrans, before
    somebody pays twice.

    Raises:
        GatewayRefused, GatewayUnavailable: Midtrans cannot be asked; the next sweep tries again.
    """
    with unit_of_work():
        payment = db.session.get_one(Payment, payment_id)
        payment.checked_at = utc_now()
        status = db.session.scalar(sa.select(Order.status).where(Order.id == payment.order_id))
    if status == OrderStatus.PENDING:
        ask(payment)
        return
    closing = close_attempt(payment_id, void)
    if not closing.is_closed and closing.transaction is not None:
        apply(payment_id, closing.transaction)
        return
    with unit_of_work():
        order = orders.lock_order(payment.order_id)
        payments = payments_of(order.id)
        left_over = next(row for row in payments if row.id == payment_id)
        if left_over.received_amount is None:
            left_over.status = PaymentStatus.CANCELED
        show_spokesman(order, payments)


def _has_new_attempt(order_id: UUID, closed: list[Payment]) -> bool:
    known = {payment.id for payment in closed}
    return any(
        payment.status == PaymentStatus.PENDING and payment.id not in known
        for payment in payments_of(order_id)
    )


def _each(ids: Iterable[UUID], work: Callable[[UUID], None]) -> int:
    """Do the work for each id; stop early where Midtrans seems to be away for all of them."""
    done = failures = 0
    for row_id in ids:
        try:
            work(row_id)
        except (GatewayRefused, GatewayUnavailable) as error:
            log.warning("sweep_postponed", id=str(row_id), error=type(error).__name__)
            failures += 1
            if failures == FAILURES_BEFORE_GIVING_UP:
                break
        else:
            failures = 0
            done += 1
    return done
