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
from diecast_api.orders.models import CancelReason, Order, OrderStatus
from diecast_api.orm import utc_now
from diecast_api.payments.decisions import OPEN_STATUSES
from diecast_api.payments.models import Payment, PaymentStatus
from diecast_api.payments.service.cancel import cancel_attempt, close_order, open_payments
from diecast_api.payments.service.close import Closing, close_attempt, expire, void
from diecast_api.payments.service.sync import ask, note_asking
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

    One whose payment is held by a bank or the fraud check is left until that is decided.

    Raises:
        GatewayRefused, GatewayUnavailable: Midtrans cannot be asked; the next sweep tries again.
    """
    closed: set[UUID] = set()
    while True:
        with unit_of_work():
            order = orders.lock_order(order_id)
            if order.status != OrderStatus.PENDING or order.expires_at > utc_now():
                return
            unclosed = open_payments(order_id, without=closed)
            if not unclosed:
                close_order(order, CancelReason.EXPIRED, PaymentStatus.EXPIRED, actor=SYSTEM)
                return
        for payment in unclosed:
            if close_attempt(payment.id, expire) is Closing.HELD:
                return
            closed.add(payment.id)


def reconcile() -> int:
    """Ask about payments that are not final, the longest unasked first. Returns how many.

    A refusal is not final while its page lives, for the buyer may try again there.
    """
    with unit_of_work() as session:
        unfinished = session.scalars(
            sa.select(Payment.id)
            .where(
                Payment.status.in_(OPEN_STATUSES),
                sa.or_(
                    Payment.status.not_in([PaymentStatus.FAILED, PaymentStatus.EXPIRED]),
                    Payment.expires_at > utc_now(),
                ),
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
        status = db.session.scalar(sa.select(Order.status).where(Order.id == payment.order_id))
    if status == OrderStatus.PENDING:
        ask(payment)
        return
    note_asking(payment_id)
    if close_attempt(payment_id, void) is Closing.CLOSED:
        cancel_attempt(payment_id)


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
