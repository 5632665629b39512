"""What an event of a transaction does to its payment and its order: the one table, and no effects.

Rows are events, columns how the order stands to the transaction. What is not in the table is
ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from diecast_api.payments.models import PaymentStatus
from diecast_api.payments.transactions import Event

_P = PaymentStatus


class Standing(StrEnum):
    """How an order stands to a transaction. Paid means PAID, PROCESSING, SHIPPED or COMPLETED."""

    PENDING = "pending"
    PAID_BY_THIS = "paid_by_this"
    PAID_BY_OTHER = "paid_by_other"
    EXPIRED = "expired"
    CLOSED = "closed"
    REFUNDED = "refunded"


class OrderMove(StrEnum):
    """What is to happen to the order."""

    PAY = "pay"
    REVIVE = "revive"
    CANCEL_AS_EXPIRED = "cancel_as_expired"
    CANCEL_AS_PAYMENT_CANCELED = "cancel_as_payment_canceled"
    CANCEL_AS_REVERSED = "cancel_as_reversed"
    REFUND = "refund"
    REFUND_AND_RELEASE = "refund_and_release"


@dataclass(frozen=True, slots=True)
class Decision:
    """The payment's new status (None: as it was), the order's move, and why a person must look."""

    payment: PaymentStatus | None = None
    order: OrderMove | None = None
    alert: str | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the table alone does not know."""

    is_active_attempt: bool
    is_shipped: bool
    was_captured_only: bool


IGNORE = Decision()
_REVERSED = Decision(_P.REVERSED, OrderMove.CANCEL_AS_REVERSED)
_GOODS_ARE_GONE = "reversed_after_shipping"
_S = Standing

TABLE: dict[Event, dict[Standing, Decision]] = {
    Event.SUCCESS: {
        _S.PENDING: Decision(_P.PAID, OrderMove.PAY),
        _S.PAID_BY_OTHER: Decision(_P.DUPLICATE_PAYMENT, alert="paid_twice"),
        _S.EXPIRED: Decision(_P.PAID, OrderMove.REVIVE),
        _S.CLOSED: Decision(_P.REFUND_DUE, alert="paid_after_cancel"),
        _S.REFUNDED: Decision(_P.REFUND_DUE, alert="paid_after_refund"),
    },
    Event.CHALLENGE: {_S.PENDING: Decision(_P.CHALLENGED)},
    Event.AUTHORIZE: {_S.PENDING: Decision(_P.AUTHORIZED)},
    Event.PENDING: {_S.PENDING: Decision(_P.PENDING)},
    # Snap lets the buyer try again on the same page, so a refusal ends nothing.
    Event.DENY: {_S.PENDING: Decision(_P.DENIED), _S.PAID_BY_THIS: _REVERSED},
    Event.FAILURE: {_S.PENDING: Decision(_P.FAILED), _S.PAID_BY_THIS: _REVERSED},
    # A card's 3-D Secure page that was left alone; the order's own deadline is another matter.
    Event.CARD_EXPIRE: {_S.PENDING: Decision(_P.EXPIRED)},
    Event.EXPIRE: {_S.PENDING: Decision(_P.EXPIRED, OrderMove.CANCEL_AS_EXPIRED)},
    Event.CANCEL: {
        _S.PENDING: Decision(_P.CANCELED, OrderMove.CANCEL_AS_PAYMENT_CANCELED),
        _S.PAID_BY_THIS: Decision(_P.CANCELED, OrderMove.CANCEL_AS_PAYMENT_CANCELED),
    },
    Event.PARTIAL_REFUND: {
        _S.PENDING: Decision(_P.PARTIALLY_REFUNDED, OrderMove.PAY),
        _S.PAID_BY_THIS: Decision(_P.PARTIALLY_REFUNDED),
    },
    Event.REFUND: {
        _S.PENDING: Decision(_P.REFUNDED, OrderMove.REFUND_AND_RELEASE),
        _S.PAID_BY_THIS: Decision(_P.REFUNDED, OrderMove.REFUND),
        _S.PAID_BY_OTHER: Decision(_P.REFUNDED),
        _S.EXPIRED: Decision(_P.REFUNDED),
        _S.CLOSED: Decision(_P.REFUNDED),
        _S.REFUNDED: Decision(_P.REFUNDED),
    },
    Event.PARTIAL_CHARGEBACK: {
        _S.PAID_BY_THIS: Decision(_P.PARTIAL_CHARGEBACK, alert="partial_chargeback"),
    },
    Event.CHARGEBACK: {
        _S.PAID_BY_THIS: Decision(_P.CHARGEBACK, OrderMove.REFUND, alert="chargeback"),
    },
}

_ATTEMPT_ENDINGS = frozenset({Event.EXPIRE, Event.CARD_EXPIRE, Event.CANCEL})


def decide(event: Event, standing: Standing, circumstances: Circumstances) -> Decision:
    """What an event does, given how the order stands to its transaction."""
    if event in _ATTEMPT_ENDINGS and standing is _S.PENDING and not circumstances.is_active_attempt:
        return IGNORE
    if (
        event is Event.CANCEL
        and standing is _S.PAID_BY_THIS
        and not circumstances.was_captured_only
    ):
        return Decision(alert="cancel_after_settlement")
    decision = TABLE.get(event, {}).get(standing, IGNORE)
    if decision is IGNORE and event in (Event.CHARGEBACK, Event.PARTIAL_CHARGEBACK):
        return Decision(alert=event.value)
    takes_back = decision.order in (
        OrderMove.CANCEL_AS_REVERSED,
        OrderMove.CANCEL_AS_PAYMENT_CANCELED,
    )
    if takes_back and standing is _S.PAID_BY_THIS and circumstances.is_shipped:
        return replace(decision, order=None, alert=_GOODS_ARE_GONE)
    return decision


UNDER_WAY = frozenset({_P.PENDING, _P.AUTHORIZED, _P.CHALLENGED})
# What a buyer might still pay: also a page on which they were refused or ran out of time.
OPEN_STATUSES = UNDER_WAY | {_P.DENIED, _P.FAILED, _P.EXPIRED}
# Money that a person must give back. Its refund ends it, and is no matter of the order.
FLAGGED = frozenset({_P.AMOUNT_MISMATCH, _P.DUPLICATE_PAYMENT, _P.REFUND_DUE})

# Money that came in is never forgotten: once it is there a payment only moves along what becomes
# of that money. What ended without money may still turn into money.
_MONEY_COMES = FLAGGED | {_P.PAID, _P.PARTIALLY_REFUNDED, _P.REFUNDED}
_TRIES_AGAIN = OPEN_STATUSES | {_P.CANCELED}
_MONEY_GOES = frozenset(
    {
        _P.PARTIALLY_REFUNDED,
        _P.REFUNDED,
        _P.REVERSED,
        _P.CANCELED,
        _P.CHARGEBACK,
        _P.PARTIAL_CHARGEBACK,
    }
)

ALLOWED: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    _P.PENDING: _TRIES_AGAIN | _MONEY_COMES,
    _P.AUTHORIZED: (_TRIES_AGAIN - {_P.PENDING}) | _MONEY_COMES,
    _P.CHALLENGED: (_TRIES_AGAIN - {_P.PENDING}) | _MONEY_COMES,
    _P.DENIED: _TRIES_AGAIN | _MONEY_COMES,
    _P.FAILED: _TRIES_AGAIN | _MONEY_COMES,
    _P.EXPIRED: _TRIES_AGAIN | _MONEY_COMES,
    _P.CANCELED: _MONEY_COMES,
    _P.PAID: _MONEY_GOES,
    _P.PARTIALLY_REFUNDED: _MONEY_GOES,
    _P.PARTIAL_CHARGEBACK: frozenset({_P.CHARGEBACK, _P.REFUNDED, _P.REVERSED}),
    _P.AMOUNT_MISMATCH: frozenset({_P.REFUNDED}),
    _P.DUPLICATE_PAYMENT: frozenset({_P.REFUNDED}),
    _P.REFUND_DUE: frozenset({_P.REFUNDED}),
    _P.REVERSED: _MONEY_COMES,
    _P.REFUNDED: frozenset(),
    _P.CHARGEBACK: frozenset(),
}
