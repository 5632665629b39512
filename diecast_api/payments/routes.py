"""The customer's door to payments, and to canceling, which closes them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from diecast_api import actors, idempotency
from diecast_api.errors import (
    GatewayRefused,
    GatewayUnavailable,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
)
from diecast_api.extensions import limiter
from diecast_api.idempotency import Answer
from diecast_api.orders import queries as orders
from diecast_api.orders.errors import OrderNotCancelable
from diecast_api.orders.models import CancelReason
from diecast_api.orders.schemas import OrderOut
from diecast_api.payments import queries
from diecast_api.payments.errors import OrderNotPayable
from diecast_api.payments.schemas import CreatePayment, PaymentPageOut, PaymentsOut
from diecast_api.payments.service.cancel import cancel_order
from diecast_api.payments.service.start import StartedPayment, start_payment
from diecast_api.payments.service.sync import sync_order
from diecast_api.payments.snap import Buyer
from diecast_api.web.auth import current_user, signed_in
from diecast_api.web.blueprint import Blueprint
from diecast_api.web.idempotency import IdempotencyHeader, answered, keyed_request
from diecast_api.web.settings import current_settings

SYNC_LIMIT = "12 per minute"

blueprint = Blueprint("payments", __name__, description="Paying orders by Midtrans Snap.")


def _by_customer() -> str:
    return f"customer:{current_user().id}"


@blueprint.post("/payments/create")
@signed_in
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.arguments(CreatePayment)
@blueprint.response(201, PaymentPageOut)
@blueprint.alt_response(200, schema=PaymentPageOut, description="The page that is live already.")
@blueprint.problems(
    Invalid,
    NotFound,
    OrderNotPayable,
    IdempotencyKeyReused,
    IdempotencyInProgress,
    GatewayRefused,
    GatewayUnavailable,
)
@blueprint.doc(operationId="createPayment")
def create(headers: dict[str, Any], body: dict[str, Any]) -> Response:
    """Start paying an order

    Answers with a Snap page: a new one (201), or the one that can still be paid (200). `restart`
    closes that one at Midtrans first. After a 502 or 503 a retry is safe.
    """
    user = current_user()
    buyer = Buyer(user.id, user.full_name, user.email, _finish_url(body["order_id"]))
    key = headers["idempotency_key"]
    if key is None:
        return answered(_created(body, buyer, remember=lambda _: None))
    with idempotency.lease(keyed_request(user.id, "payments", key)) as lease:
        return answered(lease.replay or _created(body, buyer, remember=lease.store))


@blueprint.get("/orders/<uuid:order_id>/payments")
@signed_in
@blueprint.response(200, PaymentsOut)
@blueprint.problems(NotFound)
@blueprint.doc(operationId="listOrderPayments")
def list_payments(order_id: UUID) -> dict[str, Any]:
    """List every attempt to pay an order"""
    return {"items": queries.payments_of(current_user().id, order_id)}


@blueprint.post("/orders/<uuid:order_id>/cancel")
@signed_in
@blueprint.response(200, OrderOut)
@blueprint.problems(NotFound, OrderNotCancelable, GatewayRefused, GatewayUnavailable)
@blueprint.doc(operationId="cancelOrder")
def cancel(order_id: UUID) -> Any:
    """Cancel an order that waits for its payment

    A live attempt is closed at Midtrans first; then the order is CANCELED and its stock is back.
    Should Midtrans say that it was paid, the order becomes PAID and this answers 409.
    """
    user = current_user()
    cancel_order(
        order_id,
        owner_id=user.id,
        reason=CancelReason.CUSTOMER,
        actor=actors.customer(user.id),
    )
    return orders.order_of(user.id, order_id)


@blueprint.post("/payments/<uuid:order_id>/sync")
@signed_in
@limiter.limit(SYNC_LIMIT, key_func=_by_customer)
@blueprint.response(200, OrderOut)
@blueprint.problems(NotFound, GatewayRefused, GatewayUnavailable)
@blueprint.doc(operationId="syncPayment")
def sync(order_id: UUID) -> Any:
    """Ask Midtrans about an order now

    For the page the buyer lands on after Snap: what the browser brings back is never believed.
    """
    user = current_user()
    sync_order(order_id, owner_id=user.id)
    return orders.order_of(user.id, order_id)


def _created(body: dict[str, Any], buyer: Buyer, *, remember: Any) -> Answer:
    started = start_payment(
        body["order_id"],
        buyer=buyer,
        restart=body["restart"],
        remember=lambda started: remember(_answer(started)),
    )
    return _answer(started)


def _answer(started: StartedPayment) -> Answer:
    return Answer(201 if started.is_new else 200, PaymentPageOut().dump(started.payment))


def _finish_url(order_id: UUID) -> str:
    return f"{current_settings().frontend_url}/orders/{order_id}"
