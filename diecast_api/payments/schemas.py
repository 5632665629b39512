"""Payments as they come in and go out."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from diecast_api.payments.models import PaymentStatus
from diecast_api.web.schemas import Currency, Flag, Timestamp


class CreatePayment(ma.Schema):
    """Which order is to be paid. `restart` closes the live attempt and begins anew."""

    order_id = fields.UUID(required=True)
    restart = Flag(load_default=False)


class PaymentPageOut(ma.Schema):
    """Where to pay: `snap_token` for snap.js, `redirect_url` for a browser."""

    snap_token = fields.String(required=True)
    redirect_url = fields.Url(required=True)
    order_id = fields.UUID(required=True)
    expires_at = Timestamp(required=True)


class PaymentOut(ma.Schema):
    """An attempt to pay."""

    id = fields.UUID(required=True)
    order_id = fields.UUID(required=True)
    midtrans_order_id = fields.String(required=True)
    transaction_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(list(PaymentStatus)))
    method = fields.String(required=True, allow_none=True)
    amount = fields.Integer(required=True)
    refunded_amount = fields.Integer(required=True)
    currency = Currency()
    expires_at = Timestamp(required=True)
    paid_at = Timestamp(required=True, allow_none=True)
    created_at = Timestamp(required=True)


class PaymentsOut(ma.Schema):
    """Every attempt of an order, the first one first."""

    items = fields.List(fields.Nested(PaymentOut), required=True)
