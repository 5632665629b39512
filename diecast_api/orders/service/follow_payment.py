"""What a payment tells its order. The order's row is locked by whoever calls these."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from diecast_api.actors import Actor
from diecast_api.errors import NotFound
from diecast_api.extensions import db
from diecast_api.inventory import service as inventory
from diecast_api.inventory.errors import OutOfStock
from diecast_api.orders import moves
from diecast_api.orders.models import CancelReason, Order, OrderItem, OrderStatus, PaymentFacts
from diecast_api.unit_of_work import locked, unit_of_work


def lock_order(order_id: UUID, *, owner_id: UUID | None = None) -> Order:
    """Read an order afresh and hold its lock until the unit of work ends.

    Raises:
        NotFound: there is no such order, or it belongs to somebody else than `owner_id`.
    """
    order = locked(Order, order_id)
    if order is None or (owner_id is not None and order.user_id != owner_id):
        raise NotFound
    return order


def lines_of(order_id: UUID) -> Sequence[OrderItem]:
    """The lines of an order, in their order."""
    return db.session.scalars(
        sa.select(OrderItem).where(OrderItem.order_id == order_id).order_by(OrderItem.position)
    ).all()


def mark_paid(order: Order, *, actor: Actor, note: str | None) -> None:
    """The money is here: a PENDING order becomes PAID."""
    moves.move(order, OrderStatus.PAID, actor=actor, note=note)


def revive(order: Order, *, actor: Actor, note: str | None) -> bool:
    """Late money for an expired order: PAID again if its stock can be taken again.

    Returns whether it could; if not, nothing was changed.
    """
    try:
        inventory.take(_quantities(order), order_id=order.id, actor=actor)
    except OutOfStock:
        return False
    moves.move(order, OrderStatus.PAID, actor=actor, note=note)
    return True


def cancel(order: Order, reason: CancelReason, *, actor: Actor, note: str | None = None) -> None:
    """Close an order and give its stock back. The move under the lock makes it happen once."""
    with unit_of_work():
        moves.move(order, OrderStatus.CANCELED, actor=actor, note=note, cancel_reason=reason)
        if reason is CancelReason.ADMIN:
            order.version += 1  # it counts what staff changed, and nobody else
        inventory.release(_quantities(order), order_id=order.id, actor=actor)


def mark_refunded(order: Order, *, actor: Actor, note: str | None, releases_stock: bool) -> None:
    """The whole sum went back. Stock is released only where the order was never seen as paid."""
    moves.move(order, OrderStatus.REFUNDED, actor=actor, note=note)
    if releases_stock:
        inventory.release(_quantities(order), order_id=order.id, actor=actor)


def show_payment(order: Order, facts: PaymentFacts) -> None:
    """Have the order show the payment that speaks for it."""
    order.payment_status = facts.status
    order.payment_method = facts.method
    order.paid_at = facts.paid_at


def _quantities(order: Order) -> dict[UUID, int]:
    return {line.product_id: line.quantity for line in lines_of(order.id)}
