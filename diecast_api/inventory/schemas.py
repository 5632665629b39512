"""Corrections of stock and the ledger, over HTTP."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from diecast_api.inventory.models import CorrectionReason, MovementType
from diecast_api.inventory.service import MAX_QUANTITY
from diecast_api.web.pagination import PageArguments
from diecast_api.web.schemas import Count, Text, Timestamp, list_schema


class CorrectStock(ma.Schema):
    """A correction: either a difference or the number that was counted."""

    delta = Count(-MAX_QUANTITY, MAX_QUANTITY)
    set_to = Count(0, MAX_QUANTITY)
    reason = fields.String(required=True, validate=validate.OneOf(list(CorrectionReason)))
    note = Text(500, blank=True, load_default=None, allow_none=True)

    @ma.validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if ("delta" in data) == ("set_to" in data):
            raise ma.ValidationError("Give either delta or set_to.", "delta")
        if data.get("delta") == 0:
            raise ma.ValidationError("Must not be 0.", "delta")


class MovementOut(ma.Schema):
    """A movement of stock and the balance it left."""

    id = fields.UUID(required=True)
    type = fields.String(required=True, validate=validate.OneOf(list(MovementType)))
    delta = fields.Integer(required=True)
    balance = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    order_id = fields.UUID(required=True, allow_none=True)
    actor = fields.String(required=True)
    at = Timestamp(required=True)


class LowStockArguments(PageArguments):
    """At most how many are left of what is listed."""

    threshold = fields.Integer(load_default=5, validate=validate.Range(0, MAX_QUANTITY))


MovementListOut = list_schema(MovementOut, "MovementListOut")
