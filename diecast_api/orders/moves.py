"""The state machine of orders: the one table of allowed moves, and the one place that moves."""

from __future__ import annotations

from diecast_api.actors import Actor
from diecast_api.extensions import db
from diecast_api.logs import bound_request_id
from diecast_api.orders.errors import InvalidTransition
from diecast_api.orders.models import CancelReason, Order, OrderHistoryEntry, OrderStatus

_S = OrderStatus

ALLOWED: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.PENDING: frozenset({_S.PAID, _S.CANCELED, _S.REFUNDED}),
    _S.PAID: frozenset({_S.PROCESSING, _S.CANCELED, _S.REFUNDED}),
    _S.PROCESSING: frozenset({_S.SHIPPED, _S.CANCELED, _S.REFUNDED}),
    _S.SHIPPED: frozenset({_S.COMPLETED, _S.REFUNDED}),
    _S.COMPLETED: frozenset({_S.REFUNDED}),
    # Only late money moves it, and only where it was canceled as expired.
    _S.CANCELED: frozenset({_S.PAID}),
    _S.REFUNDED: frozenset(),
}

# What staff may set by hand. Canceling and refunding are actions with consequences of their own.
BY_STAFF: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.PAID: frozenset({_S.PROCESSING}),
    _S.PROCESSING: frozenset({_S.SHIPPED}),
    _S.SHIPPED: frozenset({_S.COMPLETED}),
}

PAID_STATUSES = frozenset({_S.PAID, _S.PROCESSING, _S.SHIPPED, _S.COMPLETED})
SHIPPED_STATUSES = frozenset({_S.SHIPPED, _S.COMPLETED})


def move(
    order: Order,
    to: OrderStatus,
    *,
    actor: Actor,
    note: str | None = None,
    cancel_reason: CancelReason | None = None,
) -> None:
    """Move an order whose row is locked, and write its history.

    Raises:
        InvalidTransition: the table does not allow it; nothing was changed.
    """
    status = OrderStatus(order.status)
    revives = status is _S.CANCELED and to is _S.PAID
    if to not in ALLOWED[status] or (revives and order.cancel_reason != CancelReason.EXPIRED):
        raise InvalidTransition(
            order_status=status, requested=to, allowed=sorted(BY_STAFF.get(status, frozenset()))
        )
    order.status = to.value
    order.cancel_reason = cancel_reason.value if cancel_reason else None
    record(order, actor=actor, note=note)


def record(order: Order, *, actor: Actor, note: str | None) -> None:
    """Write the order's present status into its history."""
    db.session.add(
        OrderHistoryEntry(
            order_id=order.id,
            status=order.status,
            actor=actor.kind,
            actor_id=actor.user_id,
            note=note,
            request_id=bound_request_id(),
        )
    )
