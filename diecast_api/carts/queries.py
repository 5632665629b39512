"""Reading a cart, at today's prices and stock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from diecast_api.carts.holder import Holder
from diecast_api.carts.models import Cart, CartItem
from diecast_api.catalog import queries as catalog
from diecast_api.catalog.queries import CURRENCY, ListedProduct
from diecast_api.extensions import db

_NO_CART: dict[str, Any] = {"id": None, "version": 0, "updated_at": None}


def cart_of(holder: Holder) -> dict[str, Any]:
    """The cart as the contract shows it, an empty one where there is none; two statements.

    `subtotal` and `item_count` count every line, also one that has an issue. A guest's cart carries
    its `token`.
    """
    rows = _rows(holder)
    products = catalog.list_items(row.product_id for row in rows if row.product_id is not None)
    lines = [_line(row, products[row.product_id]) for row in rows if row.product_id is not None]
    head = (
        {"id": rows[0].id, "version": rows[0].version, "updated_at": rows[0].updated_at}
        if rows
        else _NO_CART
    )
    token = {"token": holder.token} if rows and holder.token else {}
    return {
        **head,
        **token,
        "items": lines,
        "item_count": sum(line["quantity"] for line in lines),
        "subtotal": sum(line["line_total"] for line in lines),
        "currency": CURRENCY,
        "issues": [
            {**issue, "product_id": line["product"]["id"]}
            for line in lines
            for issue in line["issues"]
        ],
    }


def _rows(holder: Holder) -> Sequence[Any]:
    """The cart with its lines, oldest first; an empty cart is one row without a product."""
    return db.session.execute(
        sa.select(
            Cart.id,
            Cart.version,
            Cart.updated_at,
            CartItem.product_id,
            CartItem.quantity,
            CartItem.unit_price,
        )
        .outerjoin(CartItem, CartItem.cart_id == Cart.id)
        .where(holder.holds())
        .order_by(CartItem.added_at, CartItem.product_id)
    ).all()


def _line(row: Any, product: ListedProduct) -> dict[str, Any]:
    return {
        "product": product.document(),
        "quantity": row.quantity,
        "unit_price": product.price,
        "line_total": product.price * row.quantity,
        "issues": _issues(row, product),
    }


def _issues(row: Any, product: ListedProduct) -> list[dict[str, Any]]:
    """What the buyer must know of a line. Price and stock do not matter of what is not on sale."""
    if not product.is_on_sale:
        return [{"code": "unavailable"}]
    issues: list[dict[str, Any]] = []
    if product.price != row.unit_price:
        issues.append({"code": "price_changed", "old_price": row.unit_price})
    if product.stock < row.quantity:
        issues.append({"code": "insufficient_stock", "available": product.stock})
    return issues
