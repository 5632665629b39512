"""Orders as they come in and go out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from diecast_api.clients.storage import current_storage
from diecast_api.inventory.service import MAX_QUANTITY
from diecast_api.orders.models import CancelReason, OrderStatus
from diecast_api.web.pagination import PageArguments
from diecast_api.web.schemas import (
    Count,
    Currency,
    Line,
    Phone,
    Text,
    Timestamp,
    Whole,
    list_schema,
)

MAX_LINES = 100


class ShippingAddress(ma.Schema):
    """Where an order goes, in Indonesia."""

    full_name = Line(120, required=True)
    phone = Phone(required=True, metadata={"example": "081234567890"})
    address = Text(500, required=True)
    city = Line(100, required=True)
    province = Line(100, required=True)
    postal_code = fields.String(
        required=True,
        validate=Whole(r"[0-9]{5}", error="Five digits."),
        metadata={"example": "40115"},
    )
    notes = Text(500, blank=True, load_default=None, allow_none=True)


class BasketLine(ma.Schema):
    """A product and how many of it."""

    product_id = fields.UUID(required=True)
    quantity = Count(1, MAX_QUANTITY, required=True)


class PlaceOrder(ma.Schema):
    """An order of `items`, or, without them, of what is in the cart."""

    items = fields.List(fields.Nested(BasketLine), validate=validate.Length(1, MAX_LINES))
    shipping_address = fields.Nested(ShippingAddress, required=True)
    notes = Text(1000, blank=True, load_default=None, allow_none=True)


class OrderItemOut(ma.Schema):
    """A line, with what the product was called and cost when it was ordered."""

    product_id = fields.UUID(required=True)
    sku = fields.String(required=True)
    name = fields.String(required=True)
    unit_price = fields.Integer(required=True)
    quantity = fields.Integer(required=True)
    line_total = fields.Integer(required=True)
    thumbnail_url = fields.Method("thumbnail", required=True, metadata={"type": ["string", "null"]})

    def thumbnail(self, line: Any) -> str | None:
        """The public address of the picture that the order was placed with."""
        return current_storage().public_url(line.thumbnail_key) if line.thumbnail_key else None


class OrderPaymentOut(ma.Schema):
    """The payment that speaks for the order; null until there is an attempt to pay."""

    status = fields.String(required=True)
    method = fields.String(required=True, allow_none=True)
    paid_at = Timestamp(required=True, allow_none=True)


class TrackingOut(ma.Schema):
    """How the order travels; null until something is known."""

    courier = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)


class HistoryEntryOut(ma.Schema):
    """What the order became, when and through whom."""

    status = fields.String(required=True)
    at = Timestamp(required=True)
    actor = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)


class OrderOut(ma.Schema):
    """An order."""

    id = fields.UUID(required=True)
    number = fields.String(required=True, metadata={"example": "DC-20261123-7F3K9Q"})
    status = fields.String(required=True, validate=validate.OneOf(list(OrderStatus)))
    items = fields.List(fields.Nested(OrderItemOut), required=True)
    subtotal = fields.Integer(required=True)
    shipping_cost = fields.Integer(required=True)
    discount = fields.Integer(required=True)
    total = fields.Integer(required=True)
    currency = Currency()
    shipping_address = fields.Nested(ShippingAddress, required=True)
    notes = fields.String(required=True, allow_none=True)
    payment = fields.Nested(OrderPaymentOut, required=True, allow_none=True)
    cancel_reason = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([*CancelReason, None])
    )
    tracking = fields.Nested(TrackingOut, required=True, allow_none=True)
    expires_at = Timestamp(required=True)
    history = fields.List(fields.Nested(HistoryEntryOut), required=True)
    version = fields.Integer(required=True)
    created_at = Timestamp(required=True)
    updated_at = Timestamp(required=True)


class CustomerOut(ma.Schema):
    """Whose order it is."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    full_name = fields.String(required=True)


class AdminOrderOut(OrderOut):
    """An order as staff see it."""

    customer = fields.Nested(CustomerOut, required=True)


class OrderListArguments(PageArguments):
    """Which of one's orders to list; `status` may be repeated."""

    status = fields.List(fields.String(validate=validate.OneOf(list(OrderStatus))))


class AdminOrderListArguments(OrderListArguments):
    """Which orders to list. `from` and `to` are days in Asia/Jakarta, both included."""

    q = Text(100, metadata={"description": "Number, e-mail address or name."})
    from_day = fields.Date(data_key="from")
    to_day = fields.Date(data_key="to")


class FulfilOrder(ma.Schema):
    """A step of an order on its way; what is left out stays as it is."""

    status = fields.String(validate=validate.OneOf(list(OrderStatus)))
    courier = Text(60)
    tracking_number = Text(100)
    note = Text(1000)

    @ma.validates_schema
    def something_to_do(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError("Nothing to change.")


OrderListOut = list_schema(OrderOut, "OrderListOut")
AdminOrderListOut = list_schema(AdminOrderOut, "AdminOrderListOut")
