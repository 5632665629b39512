"""The door to the cart, for customers and for guests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from diecast_api.carts import queries, service
from diecast_api.carts.errors import CartFull
from diecast_api.carts.holder import Holder
from diecast_api.carts.schemas import AddItem, CartOut, SetQuantity
from diecast_api.errors import Invalid, NotFound, Unauthenticated
from diecast_api.inventory.errors import OutOfStock
from diecast_api.web.auth import caller_or_none, shopper
from diecast_api.web.blueprint import Blueprint

TOKEN_HEADER = "X-Cart-Token"  # noqa: S105 (a header's name)
HEADERS = {
    TOKEN_HEADER: {
        "description": "A guest's key to the cart, the same as `token` in the body.",
        "schema": {"type": "string"},
    }
}

Answer = tuple[dict[str, Any], dict[str, str]]

blueprint = Blueprint("cart", __name__, url_prefix="/cart", description="Carts.")


@blueprint.get("")
@shopper
@blueprint.response(200, CartOut, headers=HEADERS)
@blueprint.problems(Unauthenticated)
@blueprint.doc(operationId="getCart")
def show() -> Answer:
    """Show the cart

    At today's prices and stock; `issues` say what has changed for the worse. Empty where there is
    none.
    """
    return _answer(_holder())


@blueprint.delete("")
@shopper
@blueprint.response(200, CartOut, headers=HEADERS)
@blueprint.problems(Unauthenticated)
@blueprint.doc(operationId="clearCart")
def clear() -> Answer:
    """Empty the cart"""
    holder = _holder()
    service.clear(holder)
    return _answer(holder)


@blueprint.post("/items")
@shopper
@blueprint.arguments(AddItem)
@blueprint.response(201, CartOut, headers=HEADERS)
@blueprint.problems(Unauthenticated, Invalid, NotFound, OutOfStock, CartFull)
@blueprint.doc(operationId="addToCart")
def add_item(body: dict[str, Any]) -> Answer:
    """Add to what is in the cart

    A guest without a token, or with one that is unknown or spent, gets a new cart: its token is in
    the body and in the `X-Cart-Token` header, and is to be sent from then on.
    """
    return _answer(service.add_item(_holder(), **body))


@blueprint.patch("/items/<uuid:product_id>")
@shopper
@blueprint.arguments(SetQuantity)
@blueprint.response(200, CartOut, headers=HEADERS)
@blueprint.problems(Unauthenticated, Invalid, NotFound, OutOfStock)
@blueprint.doc(operationId="setCartQuantity")
def set_quantity(body: dict[str, Any], product_id: UUID) -> Answer:
    """Have this many of a product that is in the cart; 0 removes it"""
    holder = _holder()
    service.set_quantity(holder, product_id, body["quantity"])
    return _answer(holder)


@blueprint.delete("/items/<uuid:product_id>")
@shopper
@blueprint.response(200, CartOut, headers=HEADERS)
@blueprint.problems(Unauthenticated, NotFound)
@blueprint.doc(operationId="removeFromCart")
def remove_item(product_id: UUID) -> Answer:
    """Take a product out of the cart

    404 when it is not in the cart, so that a client that has lost track learns it.
    """
    holder = _holder()
    service.remove_item(holder, product_id)
    return _answer(holder)


def _holder() -> Holder:
    """Whoever is signed in; of a guest, the token that is sent."""
    caller = caller_or_none()
    if caller is not None:
        return Holder(user_id=caller.user.id)
    return Holder(token=request.headers.get(TOKEN_HEADER))


def _answer(holder: Holder) -> Answer:
    """The whole cart, with a guest's token in the header too."""
    cart = queries.cart_of(holder)
    return cart, {TOKEN_HEADER: cart["token"]} if "token" in cart else {}
