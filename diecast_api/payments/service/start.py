"""Start paying: an attempt, and Snap's page for it.

The attempt is committed before Snap is called. Until the answer is in, `calling_until` keeps a
second click from calling too, for a second page would make the first one stop working.

An attempt that takes another's place is committed before the other is closed at Midtrans, so that
the notification of that closing finds it superseded and lets the order be.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from uuid import UUID

from diecast_api.clients.midtrans import MidtransRejected, SnapPage
from diecast_api.errors import GatewayRefused, GatewayUnavailable
from diecast_api.extensions import db
from diecast_api.orders import service as orders
from diecast_api.orders.models import Order, OrderStatus
from diecast_api.orm import new_id, utc_now
from diecast_api.payments.decisions import OPEN_STATUSES, UNDER_WAY
from diecast_api.payments.errors import OrderNotPayable
from diecast_api.payments.gateway import midtrans
from diecast_api.payments.models import Payment, PaymentStatus
from diecast_api.payments.service.apply import active_attempt, payments_of, show_spokesman
from diecast_api.payments.service.cancel import cancel_attempt
from diecast_api.payments.service.close import Closing, close_attempt, void
from diecast_api.payments.snap import Buyer, page_parameters
from diecast_api.unit_of_work import locked, unit_of_work

CALL_LEASE = timedelta(seconds=70)
WAIT_SECONDS = 0.1
_DUPLICATE_ORDER_ID = ("has already been taken", "sudah digunakan")
MAX_TAKEN_IDS = 5
_STILL_PAYABLE = UNDER_WAY | {PaymentStatus.DENIED}


@dataclass(frozen=True, slots=True)
class StartedPayment:
    """A page on which an order can be paid, and whether this call made it."""

    payment: Payment
    is_new: bool


class _Step(Enum):
    REUSE = auto()
    WAIT = auto()
    CLOSE = auto()
    CALL = auto()


def start_payment(
    order_id: UUID,
    *,
    buyer: Buyer,
    restart: bool,
    remember: Callable[[StartedPayment], None],
) -> StartedPayment:
    """Give the buyer a page to pay on: the live attempt's, or a new attempt's.

    `remember` is called in the unit of work of the last effect. With `restart` the attempt that is
    active now is closed at Midtrans first, even if it could still be paid.

    Raises:
        NotFound: there is no such order, or it is not the buyer's.
        OrderNotPayable: it is not PENDING, its time is over, or it turns out to be paid.
        GatewayRefused, GatewayUnavailable: Midtrans refused or is away; a retry is safe.
    """
    unwanted = _active_id(order_id, buyer) if restart else None
    give_up_at = time.monotonic() + CALL_LEASE.total_seconds()
    taken_ids = 0
    while time.monotonic() < give_up_at and taken_ids < MAX_TAKEN_IDS:
        with unit_of_work():
            step, attempt = _next_step(_payable_order(order_id, buyer), unwanted)
            if step is _Step.REUSE:
                started = StartedPayment(attempt, is_new=False)
                remember(started)
                return started
        if step is _Step.WAIT:
            time.sleep(WAIT_SECONDS)
        elif step is _Step.CLOSE:
            _close_superseded(attempt)
        elif page := _created_page(attempt, buyer):
            return _keep_page(attempt, page, remember)
        else:
            taken_ids += 1
    raise GatewayUnavailable


def _active_id(order_id: UUID, buyer: Buyer) -> UUID | None:
    """The attempt whose page the buyer does not want any more."""
    with unit_of_work():
        _payable_order(order_id, buyer)
        attempt = active_attempt(payments_of(order_id))
    return attempt.id if attempt and attempt.snap_token else None


def _payable_order(order_id: UUID, buyer: Buyer) -> Order:
    order = orders.lock_order(order_id, owner_id=buyer.user_id)
    if order.status != OrderStatus.PENDING or order.expires_at <= utc_now():
        raise OrderNotPayable(order_status=order.status)
    return order


def _next_step(order: Order, unwanted: UUID | None) -> tuple[_Step, Payment]:
    """What to do next with the attempts of a locked order; makes the next attempt where due."""
    now = utc_now()
    payments = payments_of(order.id)
    attempt = active_attempt(payments)
    if attempt is not None:
        if attempt.calling_until is not None and attempt.calling_until > now:
            return _Step.WAIT, attempt
        has_page = attempt.snap_token is not None
        is_live = attempt.status in _STILL_PAYABLE and has_page and attempt.expires_at > now
        if is_live and attempt.id != unwanted:
            return _Step.REUSE, attempt
        # Without a page: the answer of an earlier call was lost, or closing it failed half-way.
        # Snap takes the same order id again as long as no method was chosen (Midtrans docs, Snap
        # advanced feature), and nobody is on that page.
        is_usable = attempt.status == PaymentStatus.PENDING and not has_page
    if attempt is None or not is_usable:
        attempt = _next_attempt(order, max((row.attempt for row in payments), default=0) + 1)
    for older in payments:
        if older is not attempt and older.surplus_of is None and older.status in OPEN_STATUSES:
            return _Step.CLOSE, older
    attempt.calling_until = now + CALL_LEASE
    return _Step.CALL, attempt


def _next_attempt(order: Order, number: int) -> Payment:
    attempt = Payment(
        id=new_id(),
        order_id=order.id,
        attempt=number,
        midtrans_order_id=f"{order.number}-{number}",
        status=PaymentStatus.PENDING.value,
        amount=order.total,
        refunded_amount=0,
        settles_order=False,
        expires_at=order.expires_at,
    )
    db.session.add(attempt)
    db.session.flush()
    show_spokesman(order, payments_of(order.id))
    return attempt


def _close_superseded(attempt: Payment) -> None:
    """Close an older attempt at Midtrans; where it has become money, no other is needed."""
    if close_attempt(attempt.id, void) is Closing.CLOSED:
        cancel_attempt(attempt.id)
        return
    with unit_of_work():
        order = orders.lock_order(attempt.order_id)
        active = active_attempt(payments_of(order.id))
    if order.status != OrderStatus.PENDING and active is not None and active.snap_token is None:
        cancel_attempt(active.id)


def _created_page(attempt: Payment, buyer: Buyer) -> SnapPage | None:
    """Call Snap for an attempt; None where its order id is taken and the next one must be tried."""
    with unit_of_work():
        order = db.session.get_one(Order, attempt.order_id)
        lines = orders.lines_of(order.id)
    parameters = page_parameters(order, lines, attempt.midtrans_order_id, buyer, now=utc_now())
    try:
        return midtrans().create_page(parameters)
    except MidtransRejected as refusal:
        _end_call(attempt, PaymentStatus.FAILED)
        if any(words in refusal.reasons for words in _DUPLICATE_ORDER_ID):
            return None
        raise
    except (GatewayRefused, GatewayUnavailable):
        _end_call(attempt, PaymentStatus.PENDING)
        raise


def _end_call(attempt: Payment, status: PaymentStatus) -> None:
    with unit_of_work():
        order = orders.lock_order(attempt.order_id)
        ended = locked(Payment, attempt.id)
        if ended is not None and ended.status == PaymentStatus.PENDING:
            ended.status = status
            ended.calling_until = None
        show_spokesman(order, payments_of(order.id))


def _keep_page(
    attempt: Payment, page: SnapPage, remember: Callable[[StartedPayment], None]
) -> StartedPayment:
    """Store a page that was made. Should the order be closed meanwhile, the page is closed too."""
    with unit_of_work():
        order = orders.lock_order(attempt.order_id)
        kept = db.session.get_one(Payment, attempt.id, populate_existing=True)
        kept.snap_token = page.token
        kept.redirect_url = page.redirect_url
        kept.calling_until = None
        started = StartedPayment(kept, is_new=True)
        is_payable = order.status == OrderStatus.PENDING and order.expires_at > utc_now()
        if is_payable:
            remember(started)
    if not is_payable:
        midtrans().cancel_page(page.token)
        raise OrderNotPayable(order_status=order.status)
    return started
