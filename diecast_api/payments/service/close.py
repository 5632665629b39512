"""Close an attempt at Midtrans, so that nobody can pay it any more.

Asked first, closed then, asked again: whatever the buyer does in between shows in the last answer.
Nothing is closed on a guess; where Midtrans cannot be reached the caller tries again later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from uuid import UUID

from diecast_api.clients.midtrans import Midtrans, MidtransRejected
from diecast_api.errors import GatewayUnavailable
from diecast_api.extensions import db
from diecast_api.payments.gateway import midtrans, transactions_of
from diecast_api.payments.models import Payment
from diecast_api.payments.transactions import Event, Transaction
from diecast_api.unit_of_work import unit_of_work

ROUNDS = 3
ON_PROGRESS = "on progress"
_ENDED_EVENTS = frozenset(
    {Event.DENY, Event.FAILURE, Event.CARD_EXPIRE, Event.EXPIRE, Event.CANCEL, Event.UNKNOWN}
)

Verb = Callable[[Midtrans, str], None]


@dataclass(frozen=True, slots=True)
class Closing:
    """`is_closed`: nobody can pay it now. Else `transaction` is what must be applied."""

    is_closed: bool
    transaction: Transaction | None


def void(gateway: Midtrans, identifier: str) -> None:
    """Close as the shop's or the buyer's wish: takes back an authorisation or a capture too."""
    gateway.cancel(identifier)


def expire(gateway: Midtrans, identifier: str) -> None:
    """Close because the time is over: takes back only what is pending."""
    gateway.expire(identifier)


def close_attempt(payment_id: UUID, verb: Verb) -> Closing:
    """Close an attempt, or find that it has become money.

    Raises:
        MidtransBroke, MidtransAway, GatewayUnavailable: it is not known to be closed; try later.
    """
    with unit_of_work():
        payment = db.session.get_one(Payment, payment_id)
    for _ in range(ROUNDS):
        seen = transactions_of(payment)
        for transaction in seen:
            has_money = not transaction.is_open and transaction.event not in _ENDED_EVENTS
            if has_money or (verb is expire and _is_held(transaction)):
                return Closing(is_closed=False, transaction=transaction)
        open_ones = [transaction.transaction_id for transaction in seen if transaction.is_open]
        if open_ones:
            answers = [_answer_to(verb, identifier) for identifier in open_ones]
            is_closed = all(answer is _Answer.CLOSED for answer in answers)
        else:
            _close_page(payment)
            # Should a method have been chosen just now, this closes it; else nothing is found.
            answer = _answer_to(verb, payment.midtrans_order_id)
            is_closed = answer is not _Answer.CANNOT_CHANGE or transactions_of(payment) == seen
        if is_closed:
            return Closing(is_closed=True, transaction=None)
    raise GatewayUnavailable


class _Answer(Enum):
    CLOSED = auto()
    NOT_FOUND = auto()
    CANNOT_CHANGE = auto()


def _is_held(transaction: Transaction) -> bool:
    """Held by a bank or the fraud check: the stock stays reserved until that is decided."""
    return transaction.is_open and transaction.event is not Event.PENDING


def _answer_to(verb: Verb, identifier: str) -> _Answer:
    """Have Midtrans close a transaction. After `CANNOT_CHANGE` its status must be read again."""
    try:
        verb(midtrans(), identifier)
    except MidtransRejected as refusal:
        if refusal.status_code == HTTPStatus.NOT_FOUND:
            return _Answer.NOT_FOUND
        if refusal.status_code == HTTPStatus.PRECONDITION_FAILED:
            return _Answer.CANNOT_CHANGE
        raise
    return _Answer.CLOSED


def _close_page(payment: Payment) -> None:
    """Close the Snap page; one that is closed, expired or was never made is closed already."""
    if payment.snap_token is None:
        return
    try:
        midtrans().cancel_page(payment.snap_token)
    except MidtransRejected as refusal:
        if ON_PROGRESS in refusal.reasons.lower():
            raise GatewayUnavailable from refusal
