"""What Snap is told of an order: pure, within Midtrans's limits (Midtrans docs, JSON objects)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from diecast_api.payments.transactions import GMT_7

MAX_NAME = 50
MAX_TEXT = 255
MAX_CITY = 100
# A page whose lines would make the request longer shows their sum (Midtrans docs, Snap).
MAX_REQUEST_LENGTH = 16_000
COUNTRY = "IDN"
_FORBIDDEN_IN_NAMES = re.compile(r"[|\r\n\t]")


class Line(Protocol):
    """A line of an order."""

    product_id: UUID
    name: str
    unit_price: int
    quantity: int


class PayableOrder(Protocol):
    """What must be known of an order."""

    number: str
    total: int
    shipping_cost: int
    discount: int
    shipping_address: dict[str, Any]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who pays, and where their browser goes afterwards."""

    user_id: UUID
    full_name: str
    email: str
    finish_url: str


def page_parameters(
    order: PayableOrder,
    lines: Iterable[Line],
    midtrans_order_id: str,
    buyer: Buyer,
    *,
    now: datetime,
) -> dict[str, Any]:
    """The body of Snap's create call.

    The order's deadline, rounded up to a whole minute, is the expiry of the page and of every
    method on it. Without `start_time` the clock would start only when a method is chosen.
    """
    address = order.shipping_address
    goods = [
        _item(str(line.product_id), line.name, line.unit_price, line.quantity) for line in lines
    ]
    parameters = {
        "transaction_details": {"order_id": midtrans_order_id, "gross_amount": order.total},
        "item_details": _items(order, goods),
        "customer_details": {
            "first_name": _cut(buyer.full_name, MAX_TEXT),
            "email": buyer.email,
            "phone": address["phone"],
            "shipping_address": {
                "first_name": _cut(address["full_name"], MAX_TEXT),
                "phone": address["phone"],
                "address": _cut(address["address"], MAX_TEXT),
                "city": _cut(address["city"], MAX_CITY),
                "postal_code": address["postal_code"],
                "country_code": COUNTRY,
            },
        },
        "credit_card": {"secure": True},
        "expiry": {
            "start_time": now.astimezone(GMT_7).strftime("%Y-%m-%d %H:%M:%S %z"),
            "unit": "minutes",
            "duration": max(1, math.ceil((order.expires_at - now) / timedelta(minutes=1))),
        },
        "callbacks": {"finish": buyer.finish_url},
    }
    # Measured as midtransclient writes it, which is longer than UTF-8: `\u00e9` for an é.
    if len(json.dumps(parameters)) > MAX_REQUEST_LENGTH:
        subtotal = order.total - order.shipping_cost + order.discount
        in_one = _item("order", f"Order {order.number}", subtotal, 1)
        parameters["item_details"] = _items(order, [in_one])
    return parameters


def _items(order: PayableOrder, goods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The goods, shipping and discount. Their sum is the amount, or Midtrans refuses."""
    items = list(goods)
    if order.shipping_cost:
        items.append(_item("shipping", "Shipping", order.shipping_cost, 1))
    if order.discount:
        items.append(_item("discount", "Discount", -order.discount, 1))
    return items


def _item(identifier: str, name: str, price: int, quantity: int) -> dict[str, Any]:
    cleaned = _FORBIDDEN_IN_NAMES.sub(" ", name)
    return {
        "id": identifier,
        "name": _cut(cleaned, MAX_NAME),
        "price": price,
        "quantity": quantity,
    }


def _cut(text: str, length: int) -> str:
    return text[:length]
