"""Reading payments."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from diecast_api.extensions import db
from diecast_api.orders import queries as orders
from diecast_api.payments.models import Payment


def payments_of(customer_id: UUID, order_id: UUID) -> Sequence[Payment]:
    """Every payment of a customer's order, by attempt.

    Raises:
        NotFound: there is no such order, or it is somebody else's.
    """
    orders.order_of(customer_id, order_id)
    return db.session.scalars(
        sa.select(Payment).where(Payment.order_id == order_id).order_by(Payment.attempt)
    ).all()
