"""What staff do with a paid order."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from diecast_api.actors import Actor
from diecast_api.errors import PreconditionFailed
from diecast_api.orders import moves
from diecast_api.orders.errors import InvalidTransition
from diecast_api.orders.models import Order, OrderStatus
from diecast_api.orders.service.follow_payment import lock_order
from diecast_api.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """What is to change; None leaves things as they are."""

    status: OrderStatus | None = None
    courier: str | None = None
    tracking_number: str | None = None
    note: str | None = None


def fulfil(
    order_id: UUID, change: Fulfilment, *, actor: Actor, expected_version: int | None
) -> Order:
    """Move an order along, and say how it travels.

    Raises:
        NotFound: there is no such order.
        PreconditionFailed: it is not at the expected version.
        InvalidTransition: staff may not move it there now; `allowed` lists where they may.
    """
    with unit_of_work():
        order = lock_order(order_id)
        if expected_version is not None and order.version != expected_version:
            raise PreconditionFailed(version=order.version)
        if change.status is not None:
            _move(order, change.status, actor, change.note)
        elif change.note is not None:
            moves.record(order, actor=actor, note=change.note)
        if change.courier is not None:
            order.courier = change.courier
        if change.tracking_number is not None:
            order.tracking_number = change.tracking_number
        order.version += 1
    return order


def _move(order: Order, to: OrderStatus, actor: Actor, note: str | None) -> None:
    status = OrderStatus(order.status)
    allowed = moves.BY_STAFF.get(status, frozenset())
    if to not in allowed:
        raise InvalidTransition(order_status=status, requested=to, allowed=sorted(allowed))
    moves.move(order, to, actor=actor, note=note)
