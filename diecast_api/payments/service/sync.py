"""Ask Midtrans now, for the page a buyer lands on after Snap."""

from __future__ import annotations

from uuid import UUID

from diecast_api.orders import service as orders
from diecast_api.orm import utc_now
from diecast_api.payments.gateway import transactions_of
from diecast_api.payments.models import Payment, PaymentStatus
from diecast_api.payments.service.apply import apply, payments_of
from diecast_api.unit_of_work import unit_of_work

_FINAL = frozenset({PaymentStatus.REFUNDED, PaymentStatus.CHARGEBACK})


def sync_order(order_id: UUID, *, owner_id: UUID) -> None:
    """Ask about every attempt of an order that may have changed, and apply the answers.

    Raises:
        NotFound: there is no such order, or it is not `owner_id`'s.
        GatewayRefused, GatewayUnavailable: Midtrans cannot be asked; nothing was changed.
    """
    with unit_of_work():
        orders.lock_order(order_id, owner_id=owner_id)
        attempts = [row for row in payments_of(order_id) if row.status not in _FINAL]
    for attempt in attempts:
        ask(attempt)


def ask(payment: Payment) -> None:
    """Ask Midtrans about a payment and apply what it says; raises as `sync_order` does."""
    note_asking(payment.id)
    for transaction in transactions_of(payment):
        apply(payment.id, transaction)


def note_asking(payment_id: UUID) -> None:
    """Note when a payment was last asked about, so that the others come first next time."""
    with unit_of_work() as session:
        session.get_one(Payment, payment_id).checked_at = utc_now()
