"""Changing carts. Every change locks the cart's row first, so that changes of one cart queue up.

A cart takes no stock: what it holds is looked at against today's stock, and again by the order.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from diecast_api.carts.errors import CartFull
from diecast_api.carts.holder import Holder
from diecast_api.carts.models import Cart, CartItem
from diecast_api.catalog import queries as catalog
from diecast_api.catalog.queries import ListedProduct
from diecast_api.errors import NotFound
from diecast_api.extensions import db
from diecast_api.inventory.errors import OutOfStock
from diecast_api.orm import new_id, utc_now
from diecast_api.unit_of_work import unit_of_work

MAX_LINES = 100
GUEST_CARTS_KEPT_FOR = timedelta(days=90)


def add_item(holder: Holder, product_id: UUID, quantity: int) -> Holder:
    """Add to what is there of a product; returns whose cart it was put into.

    A guest whose token is unknown or spent, or who has none, gets a new cart with a new token.

    Raises:
        NotFound: there is no such product on sale.
        OutOfStock: with what is in the cart already it would be more than there is.
        CartFull: the product would be one too many.
    """
    with unit_of_work():
        product = _product_on_sale(product_id)
        cart, holder = locked_or_new_cart(holder)
        lines = lines_of(cart)
        if product_id not in lines and len(lines) >= MAX_LINES:
            raise CartFull(limit=MAX_LINES)
        _put(cart, product, lines.get(product_id, 0) + quantity)
    return holder


def set_quantity(holder: Holder, product_id: UUID, quantity: int) -> None:
    """Have this many of a product that is in the cart; 0 removes it.

    Raises:
        NotFound: it is not in the cart.
        OutOfStock: it is more than there is; of what is no longer on sale there is none.
    """
    if quantity == 0:
        remove_item(holder, product_id)
        return
    with unit_of_work():
        cart = _locked_cart_with(holder, product_id)
        _put(cart, catalog.list_items([product_id])[product_id], quantity)


def remove_item(holder: Holder, product_id: UUID) -> None:
    """Take a product out of the cart.

    Raises:
        NotFound: it is not in the cart.
    """
    with unit_of_work() as transaction:
        cart = _locked_cart_with(holder, product_id)
        transaction.execute(
            sa.delete(CartItem).where(
                CartItem.cart_id == cart.id, CartItem.product_id == product_id
            )
        )
        cart.version += 1


def clear(holder: Holder) -> None:
    """Take everything out of the cart, where there is one; a guest keeps the token."""
    with unit_of_work() as transaction:
        cart = locked_cart(holder)
        if cart is not None:
            transaction.execute(sa.delete(CartItem).where(CartItem.cart_id == cart.id))
            cart.version += 1


def lines_for_order(user_id: UUID) -> list[tuple[UUID, int]]:
    """What is in a user's cart, as pairs of product and quantity, the oldest line first.

    Joins the order's unit of work and holds the cart's lock until its end: of two orders from one
    cart the second finds what the first left, which is nothing.
    """
    with unit_of_work():
        cart = locked_cart(Holder(user_id))
        return [] if cart is None else list(lines_of(cart).items())


def empty(user_id: UUID) -> None:
    """Empty a user's cart after it was ordered; joins the order's unit of work."""
    clear(Holder(user_id))


def purge() -> int:
    """Forget guests' carts that nobody has touched for long. Returns how many."""
    with unit_of_work() as transaction:
        forgotten = transaction.scalars(
            sa.delete(Cart)
            .where(Cart.user_id.is_(None), Cart.updated_at < utc_now() - GUEST_CARTS_KEPT_FOR)
            .returning(Cart.id)
        ).all()
    return len(forgotten)


def locked_cart(holder: Holder) -> Cart | None:
    """A holder's cart, read afresh and locked until the unit of work ends."""
    return db.session.scalar(
        sa.select(Cart)
        .where(holder.holds())
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def locked_or_new_cart(holder: Holder) -> tuple[Cart, Holder]:
    """A holder's cart, locked, made where there is none, and who holds it.

    Two first additions of one user meet at the unique index: the second waits, then locks what the
    first made.
    """
    while (cart := locked_cart(holder)) is None:
        if holder.user_id is None:
            holder = Holder.new_guest()
        db.session.execute(
            insert(Cart)
            .values(id=new_id(), user_id=holder.user_id, token_hash=holder.token_hash, version=0)
            .on_conflict_do_nothing()
        )
    return cart, holder


def lines_of(cart: Cart) -> dict[UUID, int]:
    """Product and quantity of every line, the oldest line first."""
    rows = db.session.execute(
        sa.select(CartItem.product_id, CartItem.quantity)
        .where(CartItem.cart_id == cart.id)
        .order_by(CartItem.added_at, CartItem.product_id)
    )
    return {row.product_id: row.quantity for row in rows}


def _locked_cart_with(holder: Holder, product_id: UUID) -> Cart:
    cart = locked_cart(holder)
    if cart is None or db.session.get(CartItem, (cart.id, product_id)) is None:
        raise NotFound
    return cart


def _product_on_sale(product_id: UUID) -> ListedProduct:
    product = catalog.list_items([product_id]).get(product_id)
    if product is None or not product.is_on_sale:
        raise NotFound
    return product


def _put(cart: Cart, product: ListedProduct, quantity: int) -> None:
    """Have a line of this quantity, seen at today's price."""
    available = product.stock if product.is_on_sale else 0
    if quantity > available:
        raise OutOfStock(
            items=[{"product_id": product.id, "requested": quantity, "available": available}]
        )
    line = insert(CartItem).values(
        cart_id=cart.id, product_id=product.id, quantity=quantity, unit_price=product.price
    )
    db.session.execute(
        line.on_conflict_do_update(
            index_elements=[CartItem.cart_id, CartItem.product_id],
            set_={"quantity": line.excluded.quantity, "unit_price": line.excluded.unit_price},
        )
    )
    cart.version += 1
