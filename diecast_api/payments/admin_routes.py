"""The staff's door to what closes payments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma

from diecast_api import actors
from diecast_api.accounts.permissions import Permission
from diecast_api.errors import GatewayRefused, GatewayUnavailable, Invalid, NotFound
from diecast_api.orders import queries as orders
from diecast_api.orders.errors import OrderNotCancelable
from diecast_api.orders.models import CancelReason
from diecast_api.orders.schemas import AdminOrderOut
from diecast_api.payments.service.cancel import cancel_order
from diecast_api.web.auth import current_user, staff
from diecast_api.web.blueprint import Blueprint
from diecast_api.web.schemas import Text

blueprint = Blueprint(
    "admin-payments", __name__, url_prefix="/admin", description="Payments, for staff."
)


class CancelOrder(ma.Schema):
    """Why staff cancel, for the order's history."""

    note = Text(1000, load_default=None, allow_none=True)


@blueprint.post("/orders/<uuid:order_id>/cancel")
@staff(Permission.ORDERS_WRITE)
@blueprint.arguments(CancelOrder)
@blueprint.response(200, AdminOrderOut)
@blueprint.problems(Invalid, NotFound, OrderNotCancelable, GatewayRefused, GatewayUnavailable)
@blueprint.doc(operationId="adminCancelOrder")
def cancel(body: dict[str, Any], order_id: UUID) -> Any:
    """Cancel a customer's order that waits for its payment"""
    cancel_order(
        order_id,
        owner_id=None,
        reason=CancelReason.ADMIN,
        actor=actors.staff(current_user().id),
        note=body["note"],
    )
    return orders.whole_order(order_id)
