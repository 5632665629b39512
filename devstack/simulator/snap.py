"""Snap's two calls: create a transaction, cancel a session (Midtrans docs, Snap)."""

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from devstack.simulator import clock
from devstack.simulator.context import is_authorized, parts
from devstack.simulator.errors import NotPossibleError
from devstack.simulator.validation import problems_of

blueprint = Blueprint("snap", __name__, url_prefix="/snap/v1")

BODY_LIMIT = 16 * 1024
MOST_NOTIFICATION_URLS = 3
UNAUTHORIZED = (
    "Access denied due to unauthorized transaction, please check client or server key",
    "Visit https://snap-docs.midtrans.com/#request-headers for more details",
)


@blueprint.before_request
def _check_key() -> Response | None:
    given = request.authorization
    if given is not None and is_authorized(given.username, given.password):
        return None
    return _refused(401, *UNAUTHORIZED)


@blueprint.post("/transactions")
def create() -> Response:
    """201 `{token, redirect_url}`, or 400 `{error_messages}`."""
    if len(request.get_data()) > BODY_LIMIT:
        return _refused(413, "Request body is larger than 16 KB")
    body: Any = request.get_json(silent=True, force=True)
    if problems := problems_of(body):
        return _refused(400, *problems)
    urls = {
        "override": _urls("X-Override-Notification"),
        "append": _urls("X-Append-Notification"),
    }
    try:
        session = parts().gateway.open_session(body, urls)
    except NotPossibleError as refusal:
        return _refused(400, refusal.message)
    page = url_for("page.show", token=session.token)
    base_url = parts().options.now.public_url or request.host_url
    answer = jsonify(token=session.token, redirect_url=base_url.rstrip("/") + page)
    answer.status_code = 201
    return answer


@blueprint.post("/transactions/<token>/cancel")
def cancel(token: str) -> Response:
    """Close an unused page: `{canceled_at}`; no notification is sent."""
    try:
        session = parts().gateway.cancel_session(token)
    except LookupError:
        return _refused(404, "token not found")
    except NotPossibleError as refusal:
        return _refused(400, refusal.message)
    return jsonify(canceled_at=clock.iso(session.canceled_at or 0))


def _urls(header: str) -> list[str]:
    written = request.headers.get(header, "")
    urls = [url.strip() for url in written.split(",") if url.strip()]
    return urls[:MOST_NOTIFICATION_URLS]


def _refused(status: int, *messages: str) -> Response:
    answer = jsonify(error_messages=list(messages))
    answer.status_code = status
    return answer
