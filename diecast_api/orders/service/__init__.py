"""What can be done with orders, one module for each use case."""

from diecast_api.orders.service.follow_payment import (
    cancel,
    lines_of,
    lock_order,
    mark_paid,
    mark_refunded,
    revive,
    show_payment,
)
from diecast_api.orders.service.fulfil import Fulfilment, fulfil
from diecast_api.orders.service.place import Basket, place_order

__all__ = [
    "Basket",
    "Fulfilment",
    "cancel",
    "fulfil",
    "lines_of",
    "lock_order",
    "mark_paid",
    "mark_refunded",
    "place_order",
    "revive",
    "show_payment",
]
