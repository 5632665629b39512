"""Carts over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from diecast_api.catalog.schemas import ProductListItemOut
from diecast_api.web.schemas import Count, Currency, Timestamp

MAX_QUANTITY = 1_000_000
ISSUE_CODES = ("price_changed", "insufficient_stock", "unavailable")


class AddItem(ma.Schema):
    """So many more of a product."""

    product_id = fields.UUID(required=True)
    quantity = Count(1, MAX_QUANTITY, required=True)


class SetQuantity(ma.Schema):
    """So many of a product, 0 for none."""

    quantity = Count(0, MAX_QUANTITY, required=True)


class ItemIssueOut(ma.Schema):
    """What the buyer must know of a line, with the data that belongs to the code."""

    code = fields.String(required=True, validate=validate.OneOf(ISSUE_CODES))
    old_price = fields.Integer(
        metadata={"description": "`price_changed`: the price last shown, in whole rupiah."}
    )
    available = fields.Integer(
        metadata={"description": "`insufficient_stock`: how many there are."}
    )


class CartIssueOut(ItemIssueOut):
    """An issue of a line, and whose line it is."""

    product_id = fields.UUID(required=True)


class CartItemOut(ma.Schema):
    """A line of a cart, at today's price."""

    product = fields.Nested(ProductListItemOut, required=True)
    quantity = fields.Integer(required=True)
    unit_price = fields.Integer(required=True)
    line_total = fields.Integer(required=True)
    issues = fields.List(fields.Nested(ItemIssueOut), required=True)


class CartOut(ma.Schema):
    """A cart. One that does not exist yet is empty, with null as `id` and 0 as `version`."""

    id = fields.UUID(required=True, allow_none=True)
    token = fields.String(metadata={"description": "A guest's key to the cart; nobody else's."})
    items = fields.List(fields.Nested(CartItemOut), required=True)
    item_count = fields.Integer(
        required=True, metadata={"description": "The sum of the quantities."}
    )
    subtotal = fields.Integer(required=True, metadata={"description": "The sum of the lines."})
    currency = Currency()
    issues = fields.List(fields.Nested(CartIssueOut), required=True)
    version = fields.Integer(
        required=True, metadata={"description": "Grows with each change of the cart."}
    )
    updated_at = Timestamp(required=True, allow_none=True)
