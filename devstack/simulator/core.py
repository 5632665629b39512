"""The Core API: status, cancel, expire, approve, deny, refund, capture (Midtrans docs, Core API).

Its oddity: most errors travel under HTTP 200 with the error in the body's `status_code`.
"""

import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from devstack.simulator import representations
from devstack.simulator.context import is_authorized, parts
from devstack.simulator.errors import NotPossibleError, RefundRefusedError
from devstack.simulator.gateway import RefundOrder
from devstack.simulator.models import Transaction

blueprint = Blueprint("core", __name__, url_prefix="/v2")

_REFUND_KEY = re.compile(r"[A-Za-z0-9_-]{1,255}")
# The body code of a call that went well; expire answers with 407.
_SUCCESS_MESSAGES = {
    "cancel": "Success, transaction is canceled",
    "expire": "Success, transaction has expired",
    "approve": "Success, transaction is approved",
    "deny": "Success, transaction is denied",
    "capture": "Success, Credit Card capture transaction is successful",
    "refund": "Success, refund request is approved",
}


@blueprint.before_request
def _check_key() -> Response | None:
    given = request.authorization
    if given is not None and is_authorized(given.username, given.password):
        return None
    message = "Transaction cannot be authorized with the current client/server key."
    answer = jsonify(representations.problem("401", message))
    answer.status_code = 401
    return answer


@blueprint.get("/<id_>/status")
def status(id_: str) -> Response:
    """The newest transaction of an order id, or the one with this transaction id."""
    if (scripted := parts().answers.reply(id_, "status")) is not None:
        return scripted
    transaction = parts().gateway.find_for_api(id_)
    if transaction is None:
        return jsonify(representations.not_found())
    return jsonify(parts().gateway.status_body(transaction))


@blueprint.post("/<id_>/cancel")
def cancel(id_: str) -> Response:
    """Void what is pending, authorized or captured; body 412 for anything else."""
    return _change(id_, "cancel", "cancel")


@blueprint.post("/<id_>/expire")
def expire(id_: str) -> Response:
    """Close a pending transaction: body 407 when it went well, else 412."""
    return _change(id_, "expire", "expire")


@blueprint.post("/<id_>/approve")
def approve(id_: str) -> Response:
    """Accept a challenged card payment."""
    return _change(id_, "approve", "approve")


@blueprint.post("/<id_>/deny")
def deny(id_: str) -> Response:
    """Refuse a challenged card payment."""
    return _change(id_, "deny", "reject")


@blueprint.post("/capture")
def capture() -> Response:
    """Take the money of an authorized card: body `{transaction_id}`."""
    body = _json()
    if body is None:
        return _malformed()
    return _change(str(body.get("transaction_id", "")), "capture", "capture")


@blueprint.post("/<id_>/refund", defaults={"is_direct": False})
@blueprint.post("/<id_>/refund/online/direct", defaults={"is_direct": True})
def refund(id_: str, is_direct: bool) -> Response:
    """Give back `amount` (all that is left when absent) under `refund_key`."""
    if (scripted := parts().answers.reply(id_, "refund")) is not None:
        return scripted
    body = _json()
    if body is None:
        return _malformed()
    if problems := _refund_problems(body):
        problem: dict[str, Any] = representations.problem("400", "Validation error")
        return jsonify(problem | {"validation_messages": problems})
    transaction = parts().gateway.find_for_api(id_)
    if transaction is None:
        return jsonify(representations.not_found())
    order = RefundOrder(
        key=body.get("refund_key"),
        amount=body.get("amount"),
        reason=body.get("reason", ""),
        is_direct=is_direct,
    )
    try:
        transaction, made = parts().gateway.refund(transaction.transaction_id, order)
    except RefundRefusedError as refusal:
        return jsonify(representations.problem(refusal.code, refusal.message))
    answer = _success(transaction, "refund", "200")
    answer |= {
        "refund_chargeback_id": made.number,
        "refund_amount": representations.money(made.amount),
        "refund_key": made.key,
    }
    return jsonify(answer)


def unknown_path() -> Response:
    """An id with a slash in it lands nowhere: a real 404, and in another shape."""
    answer = jsonify(
        timestamp=datetime.now(UTC).isoformat(timespec="milliseconds"),
        status=404,
        error="Not Found",
        path=request.path,
    )
    answer.status_code = 404
    return answer


def _change(id_: str, action: str, event: str) -> Response:
    if (scripted := parts().answers.reply(id_, action)) is not None:
        return scripted
    transaction = parts().gateway.find_for_api(id_)
    if transaction is None:
        return jsonify(representations.not_found())
    if action == "expire" and transaction.state != "pending":
        return jsonify(representations.problem("412", "Transaction status cannot be updated."))
    try:
        changed = parts().gateway.apply(event, transaction.transaction_id)
    except NotPossibleError as refusal:
        return jsonify(representations.problem("412", refusal.message))
    return jsonify(_success(changed, action, "407" if action == "expire" else "200"))


def _success(transaction: Transaction, action: str, status_code: str) -> dict[str, Any]:
    body = parts().gateway.status_body(transaction)
    for unwanted in ("signature_key", "expiry_time", "refunds"):
        body.pop(unwanted, None)
    return body | {"status_code": status_code, "status_message": _SUCCESS_MESSAGES[action]}


def _json() -> dict[str, Any] | None:
    """The request's object; an empty body is an empty object; None when it is no object."""
    if not request.get_data():
        return {}
    body = request.get_json(silent=True, force=True)
    return body if isinstance(body, dict) else None


def _malformed() -> Response:
    message = "The request cannot be processed due to malformed syntax in the request body."
    return jsonify(representations.problem("413", message))


def _refund_problems(body: dict[str, Any]) -> list[str]:
    problems = []
    key, amount, reason = body.get("refund_key"), body.get("amount"), body.get("reason", "")
    if key is not None and not (isinstance(key, str) and _REFUND_KEY.fullmatch(key)):
        problems.append("refund_key format is invalid")
    if amount is not None and type(amount) is not int:
        problems.append("amount must be an integer")
    if not isinstance(reason, str) or len(reason) > 255:
        problems.append("reason too long")
    return problems
