"""The door for Midtrans's notifications.

Decided answers: 400 for what is malformed, 403 for a bad or missing signature, 404 for an order we
do not know, 200 for everything that is kept, and 503, never 500, for trouble of our own: Midtrans
tries a 503 four times, a 500 only once (Midtrans docs, HTTP notification).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

import structlog
from flask import Response, jsonify, request

from diecast_api.errors import NotFound, Unavailable
from diecast_api.payments.errors import MalformedNotification, WrongSignature
from diecast_api.payments.service import inbox
from diecast_api.payments.transactions import is_url_segment
from diecast_api.web.auth import public
from diecast_api.web.blueprint import Blueprint, parse_json, reads_its_own_input
from diecast_api.web.problems import answer_to
from diecast_api.web.settings import current_settings

DASHBOARD_TEST_PREFIX = "payment_notif_test_"
REQUIRED = ("order_id", "transaction_status", "transaction_id", "status_code", "gross_amount")
TEXTS = (
    *REQUIRED,
    "currency",
    "fraud_status",
    "merchant_id",
    "payment_type",
    "settlement_time",
    "signature_key",
    "status_message",
    "transaction_time",
)
MAX_STATUS_LENGTH = 64
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks", description="For Midtrans.")
log = structlog.get_logger(__name__)


@blueprint.post("/midtrans")
@public
@reads_its_own_input
@blueprint.response(200)
@blueprint.problems(MalformedNotification, WrongSignature, NotFound, Unavailable)
@blueprint.doc(
    operationId="receiveMidtransNotification",
    requestBody={"content": {"application/json": {"schema": {"type": "object"}}}, "required": True},
)
def receive() -> Response:
    """Receive a notification of Midtrans

    Keeps it and answers; its effects come after GET status has borne it out.
    """
    body = request.get_data()
    payload = parse_json(body)
    if not _is_dashboard_test(payload):
        notification = _readable(payload, body)
        _check_signature(notification)
        inbox.receive(notification)
    return jsonify({"status": "ok"})


@blueprint.errorhandler(Exception)
def never_500(error: Exception) -> Response:
    """Whatever goes wrong here and is not the sender's doing is to be tried again."""
    answer = answer_to(error)
    return answer if answer.status_code < 500 else answer_to(Unavailable())


def _is_dashboard_test(payload: Any) -> bool:
    """Whether somebody pressed the test button of Midtrans's dashboard; it is of no order."""
    order_id = payload.get("order_id") if isinstance(payload, dict) else None
    return isinstance(order_id, str) and order_id.startswith(DASHBOARD_TEST_PREFIX)


def _readable(payload: Any, body: bytes) -> dict[str, Any]:
    """The notification, once everything we rely on is there and of the right kind."""
    if not isinstance(payload, dict) or b"\\u0000" in body:
        raise MalformedNotification
    if any(not payload.get(name) for name in REQUIRED):
        raise MalformedNotification
    if any(not isinstance(payload.get(name) or "", str) for name in TEXTS):
        raise MalformedNotification
    ids_are_safe = is_url_segment(payload["order_id"]) and is_url_segment(payload["transaction_id"])
    if not ids_are_safe or not _AMOUNT.fullmatch(payload["gross_amount"]):
        raise MalformedNotification
    if len(payload["transaction_status"]) > MAX_STATUS_LENGTH:
        raise MalformedNotification
    return payload


def _check_signature(payload: dict[str, Any]) -> None:
    """SHA-512 over the texts exactly as received (Midtrans docs, HTTP notification)."""
    signed = payload["order_id"] + payload["status_code"] + payload["gross_amount"]
    key = current_settings().midtrans_server_key
    expected = hashlib.sha512((signed + key).encode()).hexdigest()
    given = payload.get("signature_key") or ""
    if not hmac.compare_digest(expected.encode(), given.encode()):
        log.warning("notification_signature_wrong", midtrans_order_id=payload["order_id"])
        raise WrongSignature
