"""The customer's door to orders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from diecast_api import idempotency
from diecast_api.errors import IdempotencyInProgress, IdempotencyKeyReused, Invalid, NotFound
from diecast_api.idempotency import Answer
from diecast_api.inventory.errors import OutOfStock
from diecast_api.orders import queries, service
from diecast_api.orders.errors import CartEmpty
from diecast_api.orders.schemas import OrderListArguments, OrderListOut, OrderOut, PlaceOrder
from diecast_api.orders.service import Basket
from diecast_api.web.auth import current_user, signed_in
from diecast_api.web.blueprint import Blueprint
from diecast_api.web.idempotency import IdempotencyHeader, answered, keyed_request
from diecast_api.web.settings import current_settings

blueprint = Blueprint("orders", __name__, url_prefix="/orders", description="Orders of a customer.")


@blueprint.post("")
@signed_in
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.arguments(PlaceOrder)
@blueprint.response(201, OrderOut)
@blueprint.problems(
    Invalid, NotFound, OutOfStock, CartEmpty, IdempotencyKeyReused, IdempotencyInProgress
)
@blueprint.doc(operationId="placeOrder")
def place(headers: dict[str, Any], body: dict[str, Any]) -> Response:
    """Place an order

    Takes the stock of every line, all or nothing, at today's prices. Without `items` the cart is
    ordered and emptied. The order waits for its payment until `expires_at`.
    """
    customer = current_user()
    basket = Basket(
        lines=[(line["product_id"], line["quantity"]) for line in body["items"]]
        if "items" in body
        else None,
        shipping_address=body["shipping_address"],
        notes=body["notes"],
    )

    def placed() -> Answer:
        order = service.place_order(customer.id, basket, current_settings().payment_window)
        return Answer(201, OrderOut().dump(queries.order_of(customer.id, order.id)))

    key = headers["idempotency_key"]
    if key is None:
        return answered(placed())
    return answered(idempotency.once(keyed_request(customer.id, "orders", key), placed))


@blueprint.get("")
@signed_in
@blueprint.arguments(OrderListArguments, location="query")
@blueprint.response(200, OrderListOut)
@blueprint.problems(Invalid)
@blueprint.doc(operationId="listOrders")
def list_orders(arguments: dict[str, Any]) -> dict[str, Any]:
    """List one's orders, newest first"""
    return queries.orders_of(current_user().id, arguments).document(lambda row: row.Order)


@blueprint.get("/<uuid:order_id>")
@signed_in
@blueprint.response(200, OrderOut)
@blueprint.problems(NotFound)
@blueprint.doc(operationId="getOrder")
def show(order_id: UUID) -> Any:
    """Show an order"""
    return queries.order_of(current_user().id, order_id)
