"""The ledger of stock."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from diecast_api.orm import Base, Identified, utc_now


class MovementType(StrEnum):
    """Why stock moved."""

    RECEIVED = "received"
    ORDERED = "ordered"
    RELEASED = "released"
    ADJUSTED = "adjusted"
    RETURNED = "returned"


class CorrectionReason(StrEnum):
    """What staff say when they correct stock."""

    RECEIVED = "received"
    COUNTED = "counted"
    DAMAGED = "damaged"
    LOST = "lost"
    FOUND = "found"
    RETURNED = "returned"


class StockMovement(Identified, Base):
    """One change of a product's stock, with the balance it left. Rows are never changed.

    `sequence` orders the movements of a product: it is drawn while the product's row is locked.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint("delta <> 0", name="delta_not_zero"),
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        CheckConstraint(
            "type IN ('received', 'ordered', 'released', 'adjusted', 'returned')",
            name="known_type",
        ),
        CheckConstraint(
            "CASE type WHEN 'ordered' THEN delta < 0 WHEN 'adjusted' THEN true ELSE delta > 0 END",
            name="delta_has_the_sign_of_its_type",
        ),
        CheckConstraint(
            "type NOT IN ('ordered', 'released') OR order_id IS NOT NULL", name="order_is_named"
        ),
        Index("ix_stock_movements_product_id_sequence", "product_id", "sequence"),
        Index("ix_stock_movements_order_id", "order_id"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="RESTRICT"))
    type: Mapped[str] = mapped_column(Text)
    delta: Mapped[int]
    balance: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    # No foreign key: orders stand up the stair, and an order is never deleted.
    order_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[UUID | None]
    request_id: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=utc_now)
