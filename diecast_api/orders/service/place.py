"""Turn a basket into an order."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from diecast_api import actors
from diecast_api.carts import service as carts
from diecast_api.catalog import queries as catalog
from diecast_api.catalog.queries import ListedProduct
from diecast_api.errors import NotFound
from diecast_api.extensions import db
from diecast_api.inventory import service as inventory
from diecast_api.inventory.errors import OutOfStock
from diecast_api.orders import moves
from diecast_api.orders.errors import CartEmpty
from diecast_api.orders.models import Order, OrderItem, OrderStatus
from diecast_api.orm import new_id, utc_now
from diecast_api.unit_of_work import unit_of_work

BUSINESS_ZONE = ZoneInfo("Asia/Jakarta")
# Without the letters and digits that people confuse when they read a number aloud.
NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
NUMBER_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Basket:
    """What is ordered and where it goes. `lines` is None for "what is in my cart".

    `lines` are pairs of product id and quantity; a product that is named twice is ordered once,
    with the sum.
    """

    lines: Sequence[tuple[UUID, int]] | None
    shipping_address: Mapping[str, Any]
    notes: str | None


def place_order(customer_id: UUID, basket: Basket, payment_window: timedelta) -> Order:
    """Turn a basket into an order that waits for its payment until the window is over.

    Stock is taken last, so that its lock is held for as short as can be.

    Raises:
        CartEmpty: there is nothing to order.
        NotFound: a product that was named is not on sale.
        OutOfStock: there is too little of something; nothing was taken, the cart is as it was.
    """
    with unit_of_work():
        quantities = _quantities(customer_id, basket)
        products = catalog.list_items(list(quantities))
        _refuse_what_is_not_on_sale(quantities, products, is_from_cart=basket.lines is None)
        order = _new_order(customer_id, basket, quantities, products, payment_window)
        _add_lines(order, quantities, products)
        moves.record(order, actor=actors.customer(customer_id), note=None)
        if basket.lines is None:
            carts.empty(customer_id)
        db.session.flush()
        inventory.take(quantities, order_id=order.id, actor=actors.customer(customer_id))
    return order


def _quantities(customer_id: UUID, basket: Basket) -> dict[UUID, int]:
    lines = carts.lines_for_order(customer_id) if basket.lines is None else basket.lines
    quantities: dict[UUID, int] = {}
    for product_id, quantity in lines:
        quantities[product_id] = quantities.get(product_id, 0) + quantity
    if not quantities:
        raise CartEmpty
    return quantities


def _refuse_what_is_not_on_sale(
    quantities: Mapping[UUID, int],
    products: Mapping[UUID, ListedProduct],
    *,
    is_from_cart: bool,
) -> None:
    gone = [
        product_id
        for product_id in quantities
        if product_id not in products or not products[product_id].is_on_sale
    ]
    if not gone:
        return
    if not is_from_cart:
        raise NotFound(product_ids=gone)
    raise OutOfStock(
        items=[
            {"product_id": product_id, "requested": quantities[product_id], "available": 0}
            for product_id in gone
        ]
    )


def _new_order(
    customer_id: UUID,
    basket: Basket,
    quantities: Mapping[UUID, int],
    products: Mapping[UUID, ListedProduct],
    payment_window: timedelta,
) -> Order:
    now = utc_now()
    subtotal = sum(products[product_id].price * n for product_id, n in quantities.items())
    values = {
        "user_id": customer_id,
        "status": OrderStatus.PENDING.value,
        "subtotal": subtotal,
        "shipping_cost": 0,
        "discount": 0,
        "total": subtotal,
        "shipping_address": dict(basket.shipping_address),
        "notes": basket.notes,
        "created_at": now,
        "updated_at": now,
        "expires_at": now + payment_window,
    }
    while True:
        order: Order | None = db.session.scalar(
            insert(Order)
            .values(id=new_id(), number=_number(now), **values)
            .on_conflict_do_nothing(index_elements=[Order.number])
            .returning(Order)
        )
        if order is not None:
            return order


def _number(now: datetime) -> str:
    day = now.astimezone(BUSINESS_ZONE).strftime("%Y%m%d")
    return f"DC-{day}-" + "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH))


def _add_lines(
    order: Order, quantities: Mapping[UUID, int], products: Mapping[UUID, ListedProduct]
) -> None:
    rows = [
        {
            "id": new_id(),
            "order_id": order.id,
            "product_id": product_id,
            "position": position,
            "sku": products[product_id].sku,
            "name": products[product_id].name,
            "unit_price": products[product_id].price,
            "quantity": quantity,
            "line_total": products[product_id].price * quantity,
            "thumbnail_key": products[product_id].thumbnail_key,
        }
        for position, (product_id, quantity) in enumerate(quantities.items())
    ]
    db.session.execute(sa.insert(OrderItem), rows)
