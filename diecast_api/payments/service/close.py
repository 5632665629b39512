"""Close an attempt at Midtrans, so that nobody can pay it any more.

Asked first, closed then, and asked again where it could not be closed: whatever the buyer does in
between shows in the next round. Nothing is closed on a guess; where Midtrans cannot be reached the
caller tries again later.
"""

from __future__ import annotations

from enum import Enum, auto
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

from diecast_api.clients.midtrans import Midtrans, MidtransRejected
from diecast_api.errors import GatewayUnavailable
from diecast_api.extensions import db
from diecast_api.payments.gateway import midtrans, transactions_of
from diecast_api.payments.models import Payment
from diecast_api.payments.service.apply import apply
from diecast_api.payments.transactions import MONEY_EVENTS, Event, Transaction
from diecast_api.unit_of_work import locked, unit_of_work

ROUNDS = 3
ON_PROGRESS = "on progress"
_USED_UP = frozenset({Event.EXPIRE, Event.CANCEL, Event.PARTIAL_CHARGEBACK, Event.CHARGEBACK})
_NO_PAGE = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)


class Closing(Enum):
    """What became of an attempt that was to be closed."""

    CLOSED = auto()
    """Nobody can pay it now."""
    HELD = auto()
    """A bank or the fraud check has yet to decide: what is reserved stays reserved."""
    MONEY = auto()
    """It had become money, which has had its effects."""


class Verb(Protocol):
    """How a transaction is closed at Midtrans."""

    def __call__(self, gateway: Midtrans, identifier: str, *, is_snap_api: bool) -> None:
        """Close a transaction id or order id; raises as `Midtrans` does."""


def void(gateway: Midtrans, identifier: str, *, is_snap_api: bool) -> None:
    """Close as the shop's or the buyer's wish: takes back an authorisation or a capture too."""
    gateway.cancel(identifier, is_snap_api=is_snap_api)


def expire(gateway: Midtrans, identifier: str, *, is_snap_api: bool) -> None:
    """Close because the time is over: takes back only what is pending."""
    gateway.expire(identifier, is_snap_api=is_snap_api)


def close_attempt(payment_id: UUID, verb: Verb) -> Closing:
    """Close an attempt, or apply what it has become.

    Raises:
        GatewayRefused, GatewayUnavailable: it is not known to be closed; try later.
    """
    with unit_of_work():
        payment = db.session.get_one(Payment, payment_id)
    for _ in range(ROUNDS):
        seen = transactions_of(payment)
        has_money = any(transaction.event in MONEY_EVENTS for transaction in seen)
        is_held = verb is expire and any(_is_held(transaction) for transaction in seen)
        if has_money or is_held:
            for transaction in seen:
                apply(payment_id, transaction)
            return Closing.MONEY if has_money else Closing.HELD
        if _is_closed(payment, seen, verb):
            return Closing.CLOSED
    raise GatewayUnavailable


class _Answer(Enum):
    CLOSED = auto()
    NOT_FOUND = auto()
    CANNOT_CHANGE = auto()


def _is_held(transaction: Transaction) -> bool:
    return transaction.is_open and transaction.event is not Event.PENDING


def _is_closed(payment: Payment, seen: list[Transaction], verb: Verb) -> bool:
    """Close what is open; False where it must be looked at once more."""
    open_ones = [transaction for transaction in seen if transaction.is_open]
    if open_ones:
        answers = [
            _answer_to(verb, transaction.transaction_id, is_snap_api=transaction.is_snap_api)
            for transaction in open_ones
        ]
        return all(answer is _Answer.CLOSED for answer in answers)
    if not _is_page_closed(payment, seen):
        return False
    # Should a method have been chosen just now, this closes it; else nothing is found.
    answer = _answer_to(verb, payment.midtrans_order_id)
    return answer is not _Answer.CANNOT_CHANGE or transactions_of(payment) == seen


def _answer_to(verb: Verb, identifier: str, *, is_snap_api: bool = False) -> _Answer:
    """Have Midtrans close a transaction. After `CANNOT_CHANGE` its status must be read again."""
    try:
        verb(midtrans(), identifier, is_snap_api=is_snap_api)
    except MidtransRejected as refusal:
        if refusal.status_code == HTTPStatus.NOT_FOUND:
            return _Answer.NOT_FOUND
        if refusal.status_code == HTTPStatus.PRECONDITION_FAILED:
            return _Answer.CANNOT_CHANGE
        raise
    return _Answer.CLOSED


def _is_page_closed(payment: Payment, seen: list[Transaction]) -> bool:
    """Close the Snap page; one that is closed, expired or was never made is closed already.

    A page whose transaction ran out or was voided still says "on progress", and takes no other.
    """
    token = payment.snap_token
    if token is None:
        return True
    try:
        midtrans().cancel_page(token)
    except MidtransRejected as refusal:
        if ON_PROGRESS in refusal.reasons.lower():
            return any(transaction.event in _USED_UP for transaction in seen)
        if refusal.status_code not in _NO_PAGE:
            raise
    _forget_page(payment.id, token)
    return True


def _forget_page(payment_id: UUID, token: str) -> None:
    """Should closing fail further on, nobody is sent to a page that is closed already."""
    with unit_of_work():
        payment = locked(Payment, payment_id)
        if payment is not None and payment.snap_token == token:
            payment.snap_token = payment.redirect_url = None
