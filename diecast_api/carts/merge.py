"""Taking a guest's cart over into the user's, at sign-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from diecast_api.carts.holder import Holder
from diecast_api.carts.models import Cart, CartItem
from diecast_api.carts.service import MAX_LINES, lines_of, locked_cart, locked_or_new_cart
from diecast_api.catalog import queries as catalog
from diecast_api.extensions import db
from diecast_api.unit_of_work import unit_of_work


def merge_guest_cart(user_id: UUID, token: str) -> None:
    """Move a guest's lines into the user's cart, and spend the token.

    Quantities add up as far as stock goes. What is not on sale, of which nothing is left, or for
    which the cart has no room is dropped: neither a full cart nor a token that is not one of ours
    ever keeps a person from signing in. A line keeps the price that the guest was shown, so that a
    change of it is still told.

    The guest's cart is always locked before the user's, so that two sign-ins cannot dead-lock.
    """
    with unit_of_work() as transaction:
        guest_cart = locked_cart(Holder(token=token))
        if guest_cart is None:
            return
        guest_lines = transaction.scalars(
            sa.select(CartItem)
            .where(CartItem.cart_id == guest_cart.id)
            .order_by(CartItem.added_at, CartItem.product_id)
        ).all()
        if guest_lines:
            user_cart, _ = locked_or_new_cart(Holder(user_id))
            _put_all(user_cart, _merged(guest_lines, lines_of(user_cart)))
        transaction.execute(sa.delete(Cart).where(Cart.id == guest_cart.id))


def _merged(guest_lines: Sequence[CartItem], present: Mapping[UUID, int]) -> list[dict[str, Any]]:
    """The lines that the user's cart gets or that grow in it, as rows without their cart."""
    products = catalog.list_items(line.product_id for line in guest_lines)
    room = MAX_LINES - len(present)
    rows = []
    for line in guest_lines:
        product = products[line.product_id]
        is_new = line.product_id not in present
        wanted = line.quantity + present.get(line.product_id, 0)
        quantity = min(wanted, product.stock) if product.is_on_sale else 0
        if quantity == 0 or (is_new and room == 0):
            continue
        room -= is_new
        rows.append(
            {
                "product_id": line.product_id,
                "quantity": quantity,
                "unit_price": line.unit_price,
                "added_at": line.added_at,
            }
        )
    return rows


def _put_all(cart: Cart, rows: list[dict[str, Any]]) -> None:
    """Write lines in the order of their products, in which orders lock products too."""
    if not rows:
        return
    in_order = sorted(rows, key=lambda row: row["product_id"])
    lines = insert(CartItem).values([{"cart_id": cart.id, **row} for row in in_order])
    db.session.execute(
        lines.on_conflict_do_update(
            index_elements=[CartItem.cart_id, CartItem.product_id],
            set_={"quantity": lines.excluded.quantity, "unit_price": lines.excluded.unit_price},
        )
    )
    cart.version += 1
