"""Cancel an order that waits for its payment: at Midtrans first, then here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from diecast_api.actors import Actor
from diecast_api.orders import service as orders
from diecast_api.orders.errors import OrderNotCancelable
from diecast_api.orders.models import CancelReason, Order, OrderStatus
from diecast_api.orm import utc_now
from diecast_api.payments.decisions import OPEN_STATUSES
from diecast_api.payments.models import Payment, PaymentStatus
from diecast_api.payments.service.apply import payments_of, show_spokesman
from diecast_api.payments.service.close import close_attempt, void
from diecast_api.unit_of_work import unit_of_work

CLOSE_LEASE = timedelta(seconds=70)


def cancel_order(
    order_id: UUID,
    *,
    owner_id: UUID | None,
    reason: CancelReason,
    actor: Actor,
    note: str | None = None,
) -> None:
    """Cancel a PENDING order. No call to Midtrans is made under its lock.

    While its attempts are being closed they are held: no page of theirs is handed out, and a
    notification of the closing itself does not cancel the order in Midtrans's name.

    Raises:
        NotFound: there is no such order, or it is not `owner_id`'s.
        OrderNotCancelable: it is past PENDING, or Midtrans says that it was paid just now.
        GatewayRefused, GatewayUnavailable: Midtrans cannot be asked; nothing was changed.
    """
    closed: set[UUID] = set()
    held: list[UUID] = []
    try:
        while True:
            with unit_of_work():
                order = orders.lock_order(order_id, owner_id=owner_id)
                if order.status != OrderStatus.PENDING:
                    raise OrderNotCancelable(order_status=order.status)
                unclosed = open_payments(order_id, without=closed)
                if not unclosed:
                    close_order(order, reason, PaymentStatus.CANCELED, actor=actor, note=note)
                    return
                held += _hold(unclosed)
            for payment in unclosed:
                close_attempt(payment.id, void)
                closed.add(payment.id)
    finally:
        _let_go(held)


def open_payments(order_id: UUID, *, without: Collection[UUID] = ()) -> list[Payment]:
    """The attempts of a locked order that a buyer might still pay, except those named."""
    return [
        payment
        for payment in payments_of(order_id)
        if payment.status in OPEN_STATUSES and payment.id not in without
    ]


def close_order(
    order: Order,
    reason: CancelReason,
    payment_status: PaymentStatus,
    *,
    actor: Actor,
    note: str | None = None,
) -> None:
    """Cancel a locked order whose attempts are closed at Midtrans, and give its stock back."""
    orders.cancel(order, reason, actor=actor, note=note)
    payments = payments_of(order.id)
    for payment in payments:
        if payment.status in OPEN_STATUSES:
            payment.status = payment_status
    show_spokesman(order, payments)


def cancel_attempt(payment_id: UUID) -> None:
    """Mark an attempt that is closed at Midtrans, or that has never had a page."""
    with unit_of_work() as session:
        order = orders.lock_order(session.get_one(Payment, payment_id).order_id)
        payments = payments_of(order.id)
        for payment in payments:
            if payment.id == payment_id and payment.status in OPEN_STATUSES:
                payment.status = PaymentStatus.CANCELED
        show_spokesman(order, payments)


def _hold(payments: list[Payment]) -> list[UUID]:
    """Hold what nobody is calling Midtrans about; returns which those are."""
    now = utc_now()
    free = [
        payment
        for payment in payments
        if payment.calling_until is None or payment.calling_until <= now
    ]
    for payment in free:
        payment.calling_until = now + CLOSE_LEASE
    return [payment.id for payment in free]


def _let_go(payment_ids: list[UUID]) -> None:
    with unit_of_work() as session:
        session.execute(
            sa.update(Payment).where(Payment.id.in_(payment_ids)).values(calling_until=None)
        )
