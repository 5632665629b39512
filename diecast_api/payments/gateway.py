"""Asking Midtrans, as the payments room does it: never inside a transaction, and with our ids."""

from __future__ import annotations

from typing import Any

import structlog

from diecast_api.clients.midtrans import Midtrans, MidtransBroke, current_midtrans
from diecast_api.payments.models import Payment
from diecast_api.payments.transactions import MalformedTransaction, Transaction
from diecast_api.unit_of_work import refuse_open_transaction

log = structlog.get_logger(__name__)


def midtrans() -> Midtrans:
    """The gateway; using it while a database transaction is open is a mistake in the code."""
    refuse_open_transaction()
    return current_midtrans()


def transactions_of(payment: Payment) -> list[Transaction]:
    """What Midtrans knows of a payment: nothing while its buyer has chosen no method.

    Asked by order id, which finds a transaction we were not told of yet, and by the transaction id
    we know, since which of several transactions an order id leads to is not documented.

    Raises:
        MidtransRejected, MidtransBroke, MidtransAway: it cannot be had now, or it is of another
            order.
    """
    by_order = find_transaction(payment.midtrans_order_id)
    by_id = None
    known = payment.transaction_id
    if known and (by_order is None or by_order.transaction_id != known):
        by_id = find_transaction(known) or find_transaction(known, is_snap_api=True)
    found = [transaction for transaction in (by_order, by_id) if transaction is not None]
    if not all(transaction.is_of_order(payment.midtrans_order_id) for transaction in found):
        log.error("status_names_another_order", midtrans_order_id=payment.midtrans_order_id)
        raise MidtransBroke
    return found


def find_transaction(identifier: str, *, is_snap_api: bool = False) -> Transaction | None:
    """What Midtrans knows of a transaction id or order id; None where it knows nothing.

    Raises:
        MidtransRejected, MidtransBroke, MidtransAway: it cannot be had now.
    """
    answer: dict[str, Any] | None = midtrans().status(identifier, is_snap_api=is_snap_api)
    if answer is None:
        return None
    try:
        return Transaction.from_status(answer)
    except MalformedTransaction as error:
        raise MidtransBroke from error


def has_customer_fee() -> bool:
    """Whether the shop lets Midtrans add its fee to what the buyer pays."""
    return current_midtrans().has_customer_fee
