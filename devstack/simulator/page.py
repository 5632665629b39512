"""The payment page that `redirect_url` opens, and an index of all orders for developers.

Server-rendered and driven by plain forms, so it works without JavaScript.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from flask import url_for as link_to
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from devstack.simulator import clock, lifecycle, methods, qr
from devstack.simulator.context import parts
from devstack.simulator.errors import NotPossibleError
from devstack.simulator.models import Session, Transaction

blueprint = Blueprint("page", __name__)

LISTED = 200
EVENTS = ("pay", "deny", "challenge", "expire", "approve", "reject")
MOBILE = ("Android", "iPhone", "Mobile")


@blueprint.app_template_filter("rupiah")
def rupiah(amount: int) -> str:
    """`Rp 1.250.000`, and `-Rp 50.000` for a discount."""
    return f"{'-' if amount < 0 else ''}Rp {abs(amount):,}".replace(",", ".")


@blueprint.app_template_filter("grouped")
def grouped(number: str) -> str:
    """A long number in groups of four, for reading aloud and copying."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


@blueprint.app_template_filter("moment")
def moment(seconds: float) -> str:
    """`3 Feb 2026, 10:15 WIB`."""
    written = datetime.fromtimestamp(seconds, clock.WIB)
    return f"{written.day} {written:%b %Y, %H:%M} WIB"


@blueprint.get("/")
def index() -> str:
    """Every order with its state and its page."""
    store = parts().store
    sessions = [store.newest_session(order_id) for order_id in store.newest_order_ids(LISTED)]
    rows = [_row(session) for session in sessions if session is not None]
    return render_template("index.html", rows=rows)


@blueprint.get("/snap/v2/vtweb/<token>")
def show(token: str) -> Response:
    """The page in whatever state its order is."""
    session = _session(token)
    last = _last(session)
    page = make_response(
        render_template(
            "pay.html",
            session=session,
            view=_view(session, last),
            last=last,
            groups=_groups(session),
            deadline=_deadline(session, last),
            finish_url=_finish_url(session, last),
            qr=Markup(qr.drawn(last.transaction_id)) if last else "",
            is_card=last is not None and lifecycle.is_card(last),
            methods=methods.METHODS,
        )
    )
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.post("/snap/v2/vtweb/<token>/choose")
def choose(token: str) -> AnyResponse:
    """The customer picks a method. GoPay is recorded as QRIS unless he holds a phone."""
    session = _session(token)
    keys = {method.key for group in _groups(session).values() for method in group}
    key = request.form.get("method", "")
    if key not in keys:
        abort(400, "This payment method is not offered.")
    if key == "gopay" and not any(word in request.user_agent.string for word in MOBILE):
        key = "other_qris"
    return _try(token, lambda: parts().gateway.choose(session, methods.METHODS[key]))


@blueprint.post("/snap/v2/vtweb/<token>/events")
def happen(token: str) -> AnyResponse:
    """What the bank does next, by the tester's choice; or nothing, until the page expires."""
    session = _session(token)
    event, last = request.form.get("event", ""), _last(session)
    if event == "expire_page":
        return _try(token, lambda: parts().gateway.expire_page(session))
    if event not in EVENTS or last is None:
        abort(400, "Nothing like that can happen here.")
    return _try(token, lambda: parts().gateway.apply(event, last.transaction_id))


@blueprint.get("/snap/v2/vtweb/<token>/state")
def state(token: str) -> Response:
    """`{"view": …}`, by which an open page notices that it is out of date."""
    session = _session(token)
    return jsonify(view=_view(session, _last(session)))


def refused(error: HTTPException) -> Response:
    """The page of a token that never existed, or of a form that was tampered with."""
    page = make_response(render_template("refused.html", error=error))
    page.status_code = error.code or 400
    return page


def _try(token: str, action: Callable[[], object]) -> AnyResponse:
    """Act and show the page again; where the act came too late, it shows how things are."""
    with contextlib.suppress(NotPossibleError):
        action()
    return redirect(link_to("page.show", token=token), code=303)


def _session(token: str) -> Session:
    session = parts().store.session(token)
    if session is None:
        abort(404)
    return session


def _last(session: Session) -> Transaction | None:
    return next(reversed(parts().gateway.attempts(session)), None)


def _row(session: Session) -> dict[str, object]:
    last = _last(session)
    view = _view(session, last)
    return {"session": session, "view": view, "state": last.state if last else view}


def _view(session: Session, last: Transaction | None) -> str:
    """One of choose, pending, challenge, paid, refund, expired, canceled and replaced."""
    if session.is_replaced and last is None:
        return "replaced"
    if session.canceled_at is not None:
        return "canceled"
    if last is None or parts().gateway.obstacle_to_choosing(session) is None:
        return "expired" if session.page_expires_at <= clock.now() else "choose"
    if last.state in ("pending", "challenge", "refund"):
        return last.state
    if last.state in lifecycle.PAID or last.state == "authorize":
        return "paid"
    return "canceled" if last.state in ("cancel", "chargeback") else "expired"


def _groups(session: Session) -> dict[str, list[methods.Method]]:
    """The offered methods that can take this amount, under their headings."""
    groups: dict[str, list[methods.Method]] = {}
    for method in methods.offered(session.request.get("enabled_payments")):
        if method.accepts(session.gross_amount):
            groups.setdefault(method.group, []).append(method)
    return groups


def _deadline(session: Session, last: Transaction | None) -> float:
    return last.expires_at if last and last.state == "pending" else session.page_expires_at


def _finish_url(session: Session, last: Transaction | None) -> str | None:
    """The shop's finish address with Snap's three parameters; None when the shop gave none."""
    callbacks = session.request.get("callbacks") or {}
    url = callbacks.get("finish") or parts().options.now.finish_url
    if not url or urlsplit(url).scheme not in ("http", "https"):
        return None
    state = last.state if last else "pending"
    if last is None and session.page_expires_at <= clock.now():
        state = "expire"
    told = lifecycle.STATES[state]
    parameters = {
        "order_id": session.order_id,
        "status_code": told.status_code,
        "transaction_status": told.transaction_status,
    }
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(parameters)}"
