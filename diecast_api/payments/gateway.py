"""Asking Midtrans, as the payments room does it: never inside a transaction, and with our ids."""

from __future__ import annotations

from typing import Any

from diecast_api.clients.midtrans import Midtrans, MidtransBroke, current_midtrans
from diecast_api.payments.models import Payment
from diecast_api.payments.transactions import MalformedTransaction, Transaction
from diecast_api.unit_of_work import refuse_open_transaction


def midtrans() -> Midtrans:
    """The gateway; using it while a database transaction is open is a mistake in the code."""
    refuse_open_transaction()
    return current_midtrans()


def transactions_of(payment: Payment) -> list[Transaction]:
    """What Midtrans knows of a payment: nothing while its buyer has chosen no method.

    Asked by order id, which finds a transaction we were not told of yet, and by the transaction id
    we know, since which of several transactions an order id leads to is not documented.
    """
    found = [find_transaction(payment.midtrans_order_id)]
    if payment.transaction_id and (found[0] is None or not _is(found[0], payment)):
        found.append(find_transaction(payment.transaction_id))
    return [transaction for transaction in found if transaction is not None]


def _is(transaction: Transaction, payment: Payment) -> bool:
    return transaction.transaction_id == payment.transaction_id


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
