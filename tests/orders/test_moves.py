"""The state machine of orders, every status against every other."""

from __future__ import annotations

import itertools

import pytest

from diecast_api.actors import SYSTEM
from diecast_api.orders import moves
from diecast_api.orders.errors import InvalidTransition
from diecast_api.orders.models import CancelReason, Order, OrderStatus

ALLOWED = {
    "PENDING": {"PAID", "CANCELED", "REFUNDED"},
    "PAID": {"PROCESSING", "CANCELED", "REFUNDED"},
    "PROCESSING": {"SHIPPED", "CANCELED", "REFUNDED"},
    "SHIPPED": {"COMPLETED", "REFUNDED"},
    "COMPLETED": {"REFUNDED"},
    "CANCELED": {"PAID"},
    "REFUNDED": set(),
}


def _order(status: OrderStatus, reason: CancelReason = CancelReason.EXPIRED) -> Order:
    canceled = status is OrderStatus.CANCELED
    return Order(status=status.value, cancel_reason=reason.value if canceled else None)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("start", "end"), list(itertools.product(OrderStatus, repeat=2)))
def test_only_the_moves_of_the_table(start: OrderStatus, end: OrderStatus) -> None:
    order = _order(start)
    reason = CancelReason.ADMIN if end is OrderStatus.CANCELED else None
    if end in ALLOWED[start]:
        moves.move(order, end, actor=SYSTEM, cancel_reason=reason)
        assert order.status == end
        assert (order.cancel_reason is not None) == (end is OrderStatus.CANCELED)
    else:
        with pytest.raises(InvalidTransition):
            moves.move(order, end, actor=SYSTEM, cancel_reason=reason)
        assert order.status == start


@pytest.mark.parametrize("reason", [r for r in CancelReason if r is not CancelReason.EXPIRED])
def test_only_an_expired_order_is_revived(reason: CancelReason) -> None:
    order = _order(OrderStatus.CANCELED, reason)
    with pytest.raises(InvalidTransition):
        moves.move(order, OrderStatus.PAID, actor=SYSTEM)
