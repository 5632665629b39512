"""Orders, their lines and their history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from diecast_api.accounts.models import User
from diecast_api.orm import Base, Identified, Timestamped, utc_now


class OrderStatus(StrEnum):
    """How far an order has come."""

    PENDING = "PENDING"
    PAID = "PAID"
    PROCESSING = "PROCESSING"
    SHIPPED = "SHIPPED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    REFUNDED = "REFUNDED"


class CancelReason(StrEnum):
    """Why an order was canceled."""

    CUSTOMER = "customer"
    ADMIN = "admin"
    EXPIRED = "expired"
    PAYMENT_CANCELED = "payment_canceled"
    PAYMENT_REVERSED = "payment_reversed"


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What an order shows of the payment that speaks for it."""

    status: str
    method: str | None
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tracking:
    """How an order travels."""

    courier: str | None
    number: str | None


class Order(Identified, Timestamped, Base):
    """What a customer has bought, at the prices of the moment of ordering.

    `payment_*` and `paid_at` show the payment that speaks for the order: the one that paid it, else
    the active attempt. The payments room tells them through `orders.service`.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(_one_of("status", OrderStatus), name="known_status"),
        CheckConstraint(_one_of("cancel_reason", CancelReason), name="known_cancel_reason"),
        CheckConstraint(
            "(status = 'CANCELED') = (cancel_reason IS NOT NULL)", name="reason_when_canceled"
        ),
        CheckConstraint("total = subtotal + shipping_cost - discount", name="total_adds_up"),
        CheckConstraint(
            "subtotal > 0 AND shipping_cost >= 0 AND discount >= 0 AND total >= 0",
            name="amounts_not_negative",
        ),
        Index("ix_orders_user_id_created_at", "user_id", "created_at", "id"),
        Index("ix_orders_created_at_id", "created_at", "id"),
        Index(
            "ix_orders_pending_expires_at",
            "expires_at",
            postgresql_where=text("status = 'PENDING'"),
        ),
    )

    number: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    status: Mapped[str] = mapped_column(Text)
    subtotal: Mapped[int] = mapped_column(BigInteger)
    shipping_cost: Mapped[int] = mapped_column(BigInteger)
    discount: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    shipping_address: Mapped[dict[str, Any]] = mapped_column(JSONB)
    notes: Mapped[str | None] = mapped_column(Text)
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    courier: Mapped[str | None] = mapped_column(Text)
    tracking_number: Mapped[str | None] = mapped_column(Text)
    payment_status: Mapped[str | None] = mapped_column(Text)
    payment_method: Mapped[str | None] = mapped_column(Text)
    paid_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    customer: Mapped[User] = relationship(lazy="raise")
    items: Mapped[list[OrderItem]] = relationship(order_by="OrderItem.position", lazy="raise")
    history: Mapped[list[OrderHistoryEntry]] = relationship(
        order_by="OrderHistoryEntry.sequence", lazy="raise"
    )

    @property
    def payment(self) -> PaymentFacts | None:
        """The payment that speaks for the order; None until there is an attempt to pay."""
        if self.payment_status is None:
            return None
        return PaymentFacts(self.payment_status, self.payment_method, self.paid_at)

    @property
    def tracking(self) -> Tracking | None:
        """How the order travels; None until something is known."""
        if self.courier is None and self.tracking_number is None:
            return None
        return Tracking(self.courier, self.tracking_number)


class OrderItem(Identified, Base):
    """A line of an order, with what the product was called and cost when it was ordered."""

    __tablename__ = "order_items"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND unit_price > 0", name="positive"),
        CheckConstraint("line_total = unit_price * quantity", name="line_total_adds_up"),
        UniqueConstraint("order_id", "product_id"),
        Index("ix_order_items_product_id", "product_id"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"))
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="RESTRICT"))
    position: Mapped[int]
    sku: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    unit_price: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int]
    line_total: Mapped[int] = mapped_column(BigInteger)
    thumbnail_key: Mapped[str | None] = mapped_column(Text)


class OrderHistoryEntry(Identified, Base):
    """A move of an order: what it became, when, through whom and why. Rows are never changed."""

    __tablename__ = "order_history"
    __table_args__ = (
        CheckConstraint(_one_of("status", OrderStatus), name="known_status"),
        Index("ix_order_history_order_id_sequence", "order_id", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"))
    status: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[UUID | None]
    note: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=utc_now)
