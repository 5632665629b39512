"""Cancel an order that waits for its payment: at Midtrans first, then here."""

from __future__ import annotations

from uuid import UUID

from diecast_api.actors import Actor
from diecast_api.orders import service as orders
from diecast_api.orders.errors import OrderNotCancelable
from diecast_api.orders.models import CancelReason, Order, OrderStatus
from diecast_api.payments.models import Payment, PaymentStatus
from diecast_api.payments.service.apply import apply, payments_of, show_spokesman
from diecast_api.payments.service.close import close_attempt, void
from diecast_api.unit_of_work import unit_of_work

# What a buyer might still pay. A refused attempt counts: Snap lets them try again on its page.
OPEN_STATUSES = frozenset(
    {
        PaymentStatus.PENDING,
        PaymentStatus.AUTHORIZED,
        PaymentStatus.CHALLENGED,
        PaymentStatus.DENIED,
        PaymentStatus.FAILED,
        PaymentStatus.EXPIRED,
    }
)


def cancel_order(
    order_id: UUID,
    *,
    owner_id: UUID | None,
    reason: CancelReason,
    actor: Actor,
    note: str | None = None,
) -> None:
    """Cancel a PENDING order. No call to Midtrans is made under its lock.

    Raises:
        NotFound: there is no such order, or it is not `owner_id`'s.
        OrderNotCancelable: it is past PENDING, or Midtrans says that it was paid just now.
        GatewayRefused, GatewayUnavailable: Midtrans cannot be asked; nothing was changed.
    """
    for payment in open_payments(order_id, owner_id=owner_id):
        closing = close_attempt(payment.id, void)
        if not closing.is_closed and closing.transaction is not None:
            apply(payment.id, closing.transaction)
    with unit_of_work():
        order = orders.lock_order(order_id, owner_id=owner_id)
        _require_pending(order)
        close_order(order, reason, PaymentStatus.CANCELED, actor=actor, note=note)


def open_payments(order_id: UUID, *, owner_id: UUID | None = None) -> list[Payment]:
    """The attempts of a PENDING order that a buyer might still pay.

    Raises as `cancel_order` does.
    """
    with unit_of_work():
        order = orders.lock_order(order_id, owner_id=owner_id)
        _require_pending(order)
        return [payment for payment in payments_of(order_id) if payment.status in OPEN_STATUSES]


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


def _require_pending(order: Order) -> None:
    if order.status != OrderStatus.PENDING:
        raise OrderNotCancelable(order_status=order.status)
