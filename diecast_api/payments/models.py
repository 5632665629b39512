"""Payments (attempts) and the inbox of Midtrans's notifications."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from diecast_api.orm import Base, Identified, Timestamped, utc_now


class PaymentStatus(StrEnum):
    """What became of one attempt to pay."""

    PENDING = "PENDING"
    AUTHORIZED = "AUTHORIZED"
    CHALLENGED = "CHALLENGED"
    PAID = "PAID"
    DENIED = "DENIED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"
    REVERSED = "REVERSED"
    CHARGEBACK = "CHARGEBACK"
    PARTIAL_CHARGEBACK = "PARTIAL_CHARGEBACK"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    DUPLICATE_PAYMENT = "DUPLICATE_PAYMENT"
    REFUND_DUE = "REFUND_DUE"


_STATUSES = ", ".join(f"'{status}'" for status in PaymentStatus)


class Payment(Identified, Timestamped, Base):
    """One attempt to pay an order: one Midtrans `order_id`, one Snap page.

    The row is committed before Snap is called, so that a lost answer leaves something to ask about.
    The highest `attempt` of an order is its active one. Snap lets a buyer try several methods on a
    page, each a transaction of its own; should a second one bring money too, it gets a row of its
    own, which names the attempt it belongs to in `surplus_of`. Until `calling_until` somebody makes
    or closes its page at Midtrans: others wait, and an end that Midtrans tells of is our own doing.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name="known_status"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "refunded_amount >= 0 AND refunded_amount <= greatest(amount, received_amount)",
            name="refund_within_what_came",
        ),
        UniqueConstraint("order_id", "attempt"),
        UniqueConstraint("midtrans_order_id", "transaction_id"),
        Index(
            "uq_payments_midtrans_order_id",
            "midtrans_order_id",
            unique=True,
            postgresql_where=text("surplus_of IS NULL"),
        ),
        Index(
            "uq_payments_settles_order",
            "order_id",
            unique=True,
            postgresql_where=text("settles_order"),
        ),
        Index("ix_payments_transaction_id", "transaction_id"),
        Index(
            "ix_payments_open",
            "checked_at",
            postgresql_where=text("status IN ('PENDING', 'AUTHORIZED', 'CHALLENGED', 'DENIED')"),
        ),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"))
    attempt: Mapped[int]
    surplus_of: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id", ondelete="RESTRICT"))
    midtrans_order_id: Mapped[str] = mapped_column(Text)
    transaction_id: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default=PaymentStatus.PENDING)
    settles_order: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    method: Mapped[str | None] = mapped_column(Text)
    transaction_status: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    received_amount: Mapped[int | None] = mapped_column(BigInteger)
    refunded_amount: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    snap_token: Mapped[str | None] = mapped_column(Text)
    redirect_url: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    attention: Mapped[str | None] = mapped_column(Text)
    calling_until: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]


class PaymentNotification(Identified, Base):
    """A notification as Midtrans sent it, and what was done with it.

    `digest` is unique: the same notification is kept, and worked on, once.
    """

    __tablename__ = "payment_notifications"
    __table_args__ = (
        Index(
            "ix_payment_notifications_unhandled",
            "next_attempt_at",
            postgresql_where=text("handled_at IS NULL"),
        ),
        Index("ix_payment_notifications_midtrans_order_id", "midtrans_order_id"),
    )

    digest: Mapped[str] = mapped_column(Text, unique=True)
    midtrans_order_id: Mapped[str] = mapped_column(Text)
    transaction_id: Mapped[str] = mapped_column(Text)
    transaction_status: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    deliveries: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    request_id: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    next_attempt_at: Mapped[datetime] = mapped_column(default=utc_now)
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
