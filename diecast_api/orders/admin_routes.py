"""The staff's door to orders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from diecast_api import actors
from diecast_api.accounts.permissions import Permission
from diecast_api.errors import Invalid, NotFound, PreconditionFailed
from diecast_api.orders import queries, service
from diecast_api.orders.errors import InvalidTransition
from diecast_api.orders.models import OrderStatus
from diecast_api.orders.schemas import (
    AdminOrderListArguments,
    AdminOrderListOut,
    AdminOrderOut,
    FulfilOrder,
)
from diecast_api.orders.service import Fulfilment
from diecast_api.web.auth import current_user, staff
from diecast_api.web.blueprint import Blueprint
from diecast_api.web.caching import IfMatchHeader

blueprint = Blueprint(
    "admin-orders", __name__, url_prefix="/admin/orders", description="Orders, for staff."
)


@blueprint.get("")
@staff(Permission.ORDERS_READ)
@blueprint.arguments(AdminOrderListArguments, location="query")
@blueprint.response(200, AdminOrderListOut)
@blueprint.problems(Invalid)
@blueprint.doc(operationId="adminListOrders")
def list_orders(arguments: dict[str, Any]) -> dict[str, Any]:
    """List everybody's orders, newest first"""
    return queries.all_orders(arguments).document(lambda row: row.Order)


@blueprint.get("/<uuid:order_id>")
@staff(Permission.ORDERS_READ)
@blueprint.response(200, AdminOrderOut)
@blueprint.problems(NotFound)
@blueprint.doc(operationId="adminGetOrder")
def show(order_id: UUID) -> Any:
    """Show an order with its customer"""
    return queries.whole_order(order_id)


@blueprint.patch("/<uuid:order_id>")
@staff(Permission.ORDERS_WRITE)
@blueprint.arguments(IfMatchHeader, location="headers")
@blueprint.arguments(FulfilOrder)
@blueprint.response(200, AdminOrderOut)
@blueprint.problems(Invalid, NotFound, InvalidTransition, PreconditionFailed)
@blueprint.doc(operationId="adminUpdateOrder")
def fulfil(headers: dict[str, Any], body: dict[str, Any], order_id: UUID) -> Any:
    """Move an order along, or say how it travels

    PAID → PROCESSING → SHIPPED → COMPLETED, one step at a time; any other move answers 409 with
    the `allowed` ones.
    """
    status = body.pop("status", None)
    change = Fulfilment(status=OrderStatus(status) if status else None, **body)
    actor = actors.staff(current_user().id)
    service.fulfil(order_id, change, actor=actor, expected_version=headers["if_match"])
    return queries.whole_order(order_id)
