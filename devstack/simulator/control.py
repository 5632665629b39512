"""The control API under `/simulator`: what tests and front ends do to the simulator.

    GET    /simulator/health
    GET    /simulator/transactions                    newest orders first
    GET    /simulator/transactions/<order_id>         everything known about one
    POST   /simulator/transactions/<order_id>/events  {"event": "pay", …}
    GET, PUT, DELETE /simulator/transactions/<order_id>/mischief
    PUT, DELETE      /simulator/answers/<order_id or transaction_id>
    GET, PUT         /simulator/outage
    GET, PUT         /simulator/settings
    POST   /simulator/notify/<order_id>               the last notification once more
    POST   /simulator/test-notification               the dashboard's test button
    POST   /simulator/reset

JSON in and out, no key: it listens on loopback only. Errors are `{"error": "…"}` with 400
(not understood), 404 (unknown) or 409 (not possible in this state). README.md has examples.
"""

import dataclasses
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from devstack.simulator import clock, lifecycle, methods, representations
from devstack.simulator.context import parts
from devstack.simulator.errors import NotPossibleError, NotUnderstoodError
from devstack.simulator.gateway import RefundOrder
from devstack.simulator.models import Notification, Session, Transaction
from devstack.simulator.outages import Outage

blueprint = Blueprint("control", __name__, url_prefix="/simulator")

LISTED = 100
_EVENTS = ("choose", "expire_page", "refund", *lifecycle.EVENTS)
_EVENT_KEYS = frozenset(
    {"event", "payment_type", "bank", "store", "transaction_id", "force", "amount", "refund_key"}
    | {"reason"}
)


@blueprint.errorhandler(NotUnderstoodError)
def _bad(error: Exception) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


@blueprint.errorhandler(LookupError)
def _unknown(error: Exception) -> tuple[Response, int]:
    return jsonify(error=f"unknown: {error.args[0] if error.args else ''}"), 404


@blueprint.errorhandler(NotPossibleError)
def _not_possible(error: NotPossibleError) -> tuple[Response, int]:
    return jsonify(error=error.message), 409


@blueprint.get("/health")
def health() -> Response:
    """Alive, and how many notifications are still on their way."""
    return jsonify(status="ok", waiting_notifications=parts().store.count_waiting())


@blueprint.get("/transactions")
def list_transactions() -> Response:
    """The newest 100 orders, each as its own page shows it but without notifications."""
    store = parts().store
    orders = [_order(order_id) for order_id in store.newest_order_ids(LISTED)]
    return jsonify(transactions=orders)


@blueprint.get("/transactions/<order_id>")
def show_transaction(order_id: str) -> Response:
    """Session, attempts, mischief, and every notification with the shop's answers."""
    return jsonify(_whole(order_id))


@blueprint.post("/transactions/<order_id>/events")
def make_happen(order_id: str) -> Response:
    """Do what a customer, a bank or the shop would do, and answer with everything known."""
    wanted = _object()
    unknown = set(wanted) - _EVENT_KEYS
    event = wanted.get("event")
    if unknown:
        known = ", ".join(_EVENT_KEYS)
        raise NotUnderstoodError(f"unknown: {', '.join(sorted(unknown))}; known: {known}")
    if event not in _EVENTS:
        raise NotUnderstoodError(f"event must be one of {', '.join(_EVENTS)}")
    with parts().store.change():  # so that the clock cannot step between choosing and paying
        session = parts().store.newest_session(order_id)
        if session is None:
            raise LookupError(order_id)
        _apply(event, session, wanted)
    return jsonify(_whole(order_id))


@blueprint.get("/transactions/<order_id>/mischief")
def show_mischief(order_id: str) -> Response:
    return jsonify(parts().mischief.written(order_id))


@blueprint.put("/transactions/<order_id>/mischief")
def put_mischief(order_id: str) -> Response:
    """Switch mischief on, also before the order exists; what is not named is off."""
    parts().mischief.put(order_id, _object())
    return jsonify(parts().mischief.written(order_id))


@blueprint.delete("/transactions/<order_id>/mischief")
def drop_mischief(order_id: str) -> tuple[str, int]:
    parts().mischief.drop(order_id)
    return "", 204


@blueprint.put("/answers/<id_>")
def put_answers(id_: str) -> Response:
    """Script the Core API's answers for this id; see `answers`."""
    script = _object()
    parts().answers.put(id_, script)
    return jsonify(script)


@blueprint.delete("/answers/<id_>")
def drop_answers(id_: str) -> tuple[str, int]:
    parts().answers.drop(id_)
    return "", 204


@blueprint.get("/outage")
def show_outage() -> Response:
    return jsonify(dataclasses.asdict(parts().outages.now))


@blueprint.put("/outage")
def put_outage() -> Response:
    """Break the Snap API, the Core API or both, until another outage is put: `{"mode": "none"}`."""
    parts().outages.set(Outage.read(_object()))
    return show_outage()


@blueprint.get("/settings")
def show_settings() -> Response:
    return jsonify(parts().options.as_dict())


@blueprint.put("/settings")
def put_settings() -> Response:
    """Change some settings until the process ends."""
    parts().options.change(_object())
    return show_settings()


@blueprint.post("/notify/<order_id>")
def notify(order_id: str) -> Response:
    """Send the last notification of an order again, rightly signed unless mischief forges it."""
    if not parts().courier.repeat_last(order_id):
        raise LookupError(order_id)
    return jsonify(_whole(order_id))


@blueprint.post("/test-notification")
def send_test_notification() -> Response:
    """What the dashboard's test button does; answers with the made-up order id."""
    return jsonify(order_id=parts().courier.send_dashboard_test())


@blueprint.post("/reset")
def reset() -> tuple[str, int]:
    """Forget every order, notification, mischief and script, and end an outage; settings stay."""
    parts().store.reset()
    parts().outages.set(Outage())
    return "", 204


# What a person does


def _apply(event: str, session: Session, wanted: dict[str, Any]) -> None:
    gateway = parts().gateway
    if event == "choose":
        _choose(session, wanted)
    elif event == "expire_page":
        gateway.expire_page(session)
    elif event == "refund":
        _refund(_aimed_at(session, wanted), wanted)
    else:
        transaction = _aimed_at(session, wanted)
        if event == "deny" and transaction.state == "challenge":
            event = "reject"
        gateway.apply(event, transaction.transaction_id, is_forced=_is_forced(wanted))


def _choose(session: Session, wanted: dict[str, Any]) -> Transaction:
    bank = wanted.get("bank") or wanted.get("store")
    method = methods.named(wanted.get("payment_type", "bank_transfer"), bank)
    if method is None:
        raise NotUnderstoodError(
            f"no such method: {wanted.get('payment_type')} {bank or ''}".rstrip()
        )
    return parts().gateway.choose(session, method, is_forced=_is_forced(wanted))


def _aimed_at(session: Session, wanted: dict[str, Any]) -> Transaction:
    """The named transaction, else the newest; where a method can be chosen, that is done first."""
    if "transaction_id" in wanted:
        transaction = parts().store.transaction(wanted["transaction_id"])
        if transaction is None or transaction.order_id != session.order_id:
            raise LookupError(wanted["transaction_id"])
        return transaction
    newest = parts().gateway.find(session.order_id)
    can_choose = parts().gateway.obstacle_to_choosing(session) is None
    if newest is None or (can_choose and not _is_forced(wanted)):
        return _choose(session, wanted)
    return newest


def _is_forced(wanted: dict[str, Any]) -> bool:
    return wanted.get("force") is True


def _refund(transaction: Transaction, wanted: dict[str, Any]) -> None:
    amount = wanted.get("amount")
    if amount is not None and type(amount) is not int:
        raise NotUnderstoodError("amount must be an integer")
    order = RefundOrder(
        key=wanted.get("refund_key"), amount=amount, reason=wanted.get("reason", "")
    )
    parts().gateway.refund(transaction.transaction_id, order)


# How things are shown


def _whole(order_id: str) -> dict[str, Any]:
    notifications = parts().store.notifications_of(order_id)
    return _order(order_id) | {
        "mischief": parts().mischief.written(order_id),
        "notifications": [_notification(notification) for notification in notifications],
    }


def _order(order_id: str) -> dict[str, Any]:
    session = parts().store.newest_session(order_id)
    if session is None:
        raise LookupError(order_id)
    attempts = parts().store.transactions_of(order_id)
    return {
        "order_id": order_id,
        "gross_amount": session.gross_amount,
        "token": session.token,
        "page": url_for("page.show", token=session.token, _external=True),
        "state": attempts[-1].state if attempts else _session_state(session),
        "created_at": clock.iso(session.created_at),
        "page_expires_at": clock.iso(session.page_expires_at),
        "attempts": [_attempt(attempt) for attempt in attempts],
    }


def _session_state(session: Session) -> str:
    if session.canceled_at is not None:
        return "page canceled"
    return "page expired" if session.page_expires_at <= clock.now() else "page open"


def _attempt(transaction: Transaction) -> dict[str, Any]:
    state = lifecycle.STATES[transaction.state]
    return {
        "transaction_id": transaction.transaction_id,
        "state": transaction.state,
        "transaction_status": state.transaction_status,
        "payment_type": transaction.payment_type,
        "method": transaction.method,
        "details": transaction.details,
        "created_at": clock.iso(transaction.created_at),
        "expires_at": clock.iso(transaction.expires_at),
        "refunded_amount": transaction.refunded_amount,
        "refunds": representations.refund_rows(transaction),
    }


def _notification(notification: Notification) -> dict[str, Any]:
    return {
        "transaction_id": notification.transaction_id,
        "transaction_status": notification.body["transaction_status"],
        "url": notification.url,
        "state": notification.state,
        "next_attempt_at": notification.due_at and clock.iso(notification.due_at),
        "answers": [answer | {"at": clock.iso(answer["at"])} for answer in notification.answers],
        "body": notification.body,
    }


def _object() -> dict[str, Any]:
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise NotUnderstoodError("the body must be a JSON object")
    return body
