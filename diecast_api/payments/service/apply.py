"""Apply what Midtrans says of a transaction, under the order's lock, any number of times."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
import structlog

from diecast_api.actors import MIDTRANS
from diecast_api.extensions import db
from diecast_api.orders import service as orders
from diecast_api.orders.models import CancelReason, Order, OrderStatus, PaymentFacts
from diecast_api.orders.moves import PAID_STATUSES, SHIPPED_STATUSES
from diecast_api.orm import utc_now
from diecast_api.payments.decisions import (
    ALLOWED,
    FLAGGED,
    IGNORE,
    UNDER_WAY,
    Circumstances,
    Decision,
    OrderMove,
    Standing,
    decide,
)
from diecast_api.payments.gateway import has_customer_fee
from diecast_api.payments.models import Payment, PaymentStatus
from diecast_api.payments.transactions import MONEY_EVENTS, Event, Transaction
from diecast_api.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

_MONEY_CAME = FLAGGED | {
    PaymentStatus.PAID,
    PaymentStatus.PARTIALLY_REFUNDED,
    PaymentStatus.REFUNDED,
}
_BEGINNINGS = frozenset({Event.PENDING, Event.AUTHORIZE, Event.CHALLENGE})
_ENDINGS = frozenset({Event.CARD_EXPIRE, Event.EXPIRE, Event.CANCEL})
_ENDED = frozenset({PaymentStatus.DENIED, PaymentStatus.FAILED, PaymentStatus.EXPIRED})
_CANCEL_REASON = {
    OrderMove.CANCEL_AS_EXPIRED: CancelReason.EXPIRED,
    OrderMove.CANCEL_AS_PAYMENT_CANCELED: CancelReason.PAYMENT_CANCELED,
    OrderMove.CANCEL_AS_REVERSED: CancelReason.PAYMENT_REVERSED,
}


def apply(payment_id: UUID, transaction: Transaction) -> str:
    """Let a verified transaction have its effects on its payment and order.

    The state machines and the order's lock make it safe in any order, twice, and at once. Returns
    in a word or two what was done, for the inbox.
    """
    with unit_of_work():
        attempt = db.session.get_one(Payment, payment_id)
        order = orders.lock_order(attempt.order_id)
        payments = payments_of(order.id)
        payment = _payment_for(transaction, attempt, payments)
        if payment is None:
            return "ignored"
        decision = _decision(order, payment, payments, transaction)
        changed = _change_payment(payment, transaction, decision)
        if decision.order is not None and changed:
            _move_order(order, payment, decision.order, transaction)
        if decision.alert is not None:
            _alert(order, payment, decision.alert)
        show_spokesman(order, payments if payment in payments else [*payments, payment])
        return payment.status.lower() if changed else (decision.alert or "ignored")


def payments_of(order_id: UUID) -> list[Payment]:
    """All payments of an order that is locked, by attempt, read afresh."""
    return list(
        db.session.scalars(
            sa.select(Payment)
            .where(Payment.order_id == order_id)
            .order_by(Payment.attempt)
            .execution_options(populate_existing=True)
        )
    )


def active_attempt(payments: list[Payment]) -> Payment | None:
    """The attempt that counts: the last one that was made."""
    attempts = [payment for payment in payments if payment.surplus_of is None]
    return attempts[-1] if attempts else None


def show_spokesman(order: Order, payments: list[Payment]) -> None:
    """Have the order show the payment that speaks for it.

    That is the one that settled it; on an order that is closed, one that brought money; else the
    active attempt.
    """
    settling = [payment for payment in payments if payment.settles_order]
    with_money = [payment for payment in payments if payment.received_amount is not None]
    is_closed = order.status in (OrderStatus.CANCELED, OrderStatus.REFUNDED)
    active = active_attempt(payments)
    spokesman = next(iter([*settling, *(with_money if is_closed else [])]), active)
    if spokesman is not None:
        facts = PaymentFacts(spokesman.status, spokesman.method, spokesman.paid_at)
        orders.show_payment(order, facts)


def _payment_for(
    transaction: Transaction, attempt: Payment, payments: list[Payment]
) -> Payment | None:
    """The row of a transaction: its own, or its attempt's while that holds nobody's money.

    Money of a second transaction on one page gets a row of its own; anything else of it is None.
    """
    for payment in payments:
        is_same_page = payment.midtrans_order_id == attempt.midtrans_order_id
        if is_same_page and payment.transaction_id == transaction.transaction_id:
            return payment
    if attempt.received_amount is None:
        return attempt
    if transaction.event not in MONEY_EVENTS:
        return None
    surplus = Payment(
        order_id=attempt.order_id,
        attempt=payments[-1].attempt + 1,
        surplus_of=attempt.id,
        midtrans_order_id=attempt.midtrans_order_id,
        status=PaymentStatus.PENDING,
        amount=attempt.amount,
        refunded_amount=0,
        settles_order=False,
        expires_at=attempt.expires_at,
    )
    db.session.add(surplus)
    return surplus


def _decision(
    order: Order,
    payment: Payment,
    payments: list[Payment],
    transaction: Transaction,
) -> Decision:
    event = transaction.event
    standing = _standing(order, payment, transaction)
    is_same = payment.transaction_id == transaction.transaction_id
    if event is Event.SUCCESS and is_same and payment.received_amount is not None:
        return IGNORE  # this money is in the books already
    if event in _BEGINNINGS and is_same and payment.status in _ENDED:
        return IGNORE  # a stale word on a transaction that was refused or ran out
    if event in _ENDINGS and _goes_on(payment, is_same=is_same):
        return IGNORE
    if event is Event.REFUND and payment.status in FLAGGED:
        return Decision(PaymentStatus.REFUNDED)  # this money never spoke for the order
    is_new_money = event in MONEY_EVENTS and payment.received_amount is None
    if is_new_money and not transaction.charges(
        payment.amount, with_customer_fee=has_customer_fee()
    ):
        return Decision(PaymentStatus.AMOUNT_MISMATCH, alert="amount_mismatch")
    active = active_attempt(payments)
    page = payment.surplus_of or payment.id
    circumstances = Circumstances(
        is_active_attempt=active is not None and active.id == page,
        is_shipped=order.status in SHIPPED_STATUSES,
        was_captured_only=payment.transaction_status == "capture",
    )
    if is_new_money and event is Event.PARTIAL_REFUND and standing is not Standing.PENDING:
        # A refund in part proves a payment that nobody told us of: late, or one too many.
        decision = decide(Event.SUCCESS, standing, circumstances)
        is_revival = decision.payment is PaymentStatus.PAID
        return (
            replace(decision, payment=PaymentStatus.PARTIALLY_REFUNDED) if is_revival else decision
        )
    return decide(event, standing, circumstances)


def _goes_on(payment: Payment, *, is_same: bool) -> bool:
    """Whether an attempt goes on although one of its transactions ran out or was canceled.

    Either that was not the one the buyer is busy with, or we are closing it ourselves at this
    moment, and whoever does that says what becomes of the order.
    """
    is_closing = payment.calling_until is not None and payment.calling_until > utc_now()
    is_other = payment.transaction_id is not None and not is_same
    return is_closing or (is_other and payment.status in UNDER_WAY)


def _standing(order: Order, payment: Payment, transaction: Transaction) -> Standing:
    status = OrderStatus(order.status)
    if status in PAID_STATUSES:
        is_its_payment = payment.settles_order and payment.transaction_id in (
            None,
            transaction.transaction_id,
        )
        return Standing.PAID_BY_THIS if is_its_payment else Standing.PAID_BY_OTHER
    if status is OrderStatus.CANCELED:
        is_expired = order.cancel_reason == CancelReason.EXPIRED
        return Standing.EXPIRED if is_expired else Standing.CLOSED
    return Standing.REFUNDED if status is OrderStatus.REFUNDED else Standing.PENDING


def _change_payment(payment: Payment, transaction: Transaction, decision: Decision) -> bool:
    """Write what the decision says into the payment. Returns whether its status was set."""
    to = decision.payment
    is_allowed = to == payment.status or to in ALLOWED[PaymentStatus(payment.status)]
    if to is not None and is_allowed:
        _set_status(payment, to, transaction)
    elif payment.transaction_id == transaction.transaction_id and decision.alert is None:
        payment.transaction_status = _settled_later(payment, transaction)
    if payment.transaction_id == transaction.transaction_id:
        _note_refunds(payment, transaction)
    return to is not None and is_allowed


def _set_status(payment: Payment, to: PaymentStatus, transaction: Transaction) -> None:
    payment.status = to
    payment.transaction_id = transaction.transaction_id
    payment.transaction_status = transaction.status
    payment.method = transaction.payment_type or payment.method
    if to in _MONEY_CAME:
        payment.received_amount = payment.received_amount or int(transaction.gross_amount)
        payment.paid_at = payment.paid_at or transaction.settled_at or utc_now()
    elif to in (PaymentStatus.REVERSED, PaymentStatus.CANCELED):
        payment.received_amount = None


def _settled_later(payment: Payment, transaction: Transaction) -> str | None:
    """A captured card is settled the next day; from then on it cannot be voided any more."""
    is_settlement = transaction.event is Event.SUCCESS and transaction.status == "settlement"
    return "settlement" if is_settlement else payment.transaction_status


def _note_refunds(payment: Payment, transaction: Transaction) -> None:
    """Midtrans's sums are cumulative; they never shrink, and never exceed what came."""
    most = max(payment.amount, payment.received_amount or 0)
    payment.refunded_amount = min(most, max(payment.refunded_amount, int(transaction.refunded)))


def _move_order(order: Order, payment: Payment, move: OrderMove, transaction: Transaction) -> None:
    note = f"{transaction.payment_type or 'payment'}: {transaction.status}"
    if move is OrderMove.PAY:
        payment.settles_order = True
        orders.mark_paid(order, actor=MIDTRANS, note=note)
    elif move is OrderMove.REVIVE:
        payment.settles_order = orders.revive(order, actor=MIDTRANS, note=note)
        if not payment.settles_order:
            payment.status = PaymentStatus.REFUND_DUE
            _alert(order, payment, "late_money_without_stock")
    elif move in _CANCEL_REASON:
        orders.cancel(order, _CANCEL_REASON[move], actor=MIDTRANS, note=note)
    else:
        never_seen_as_paid = move is OrderMove.REFUND_AND_RELEASE
        payment.settles_order = True
        orders.mark_refunded(order, actor=MIDTRANS, note=note, releases_stock=never_seen_as_paid)


def _alert(order: Order, payment: Payment, reason: str) -> None:
    """Have a person look: in the log, and on the payment until somebody has settled it."""
    payment.attention = reason
    log.error(
        "payment_needs_a_person",
        reason=reason,
        order_number=order.number,
        midtrans_order_id=payment.midtrans_order_id,
    )
