"""Carts of customers and guests."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from diecast_api.orm import Base, Identified, Timestamped, utc_now


class Cart(Identified, Timestamped, Base):
    """The cart of one user, or of the guest who holds its token (kept as SHA-256)."""

    __tablename__ = "carts"
    __table_args__ = (
        CheckConstraint("num_nonnulls(user_id, token_hash) = 1", name="one_holder"),
        Index("ix_carts_updated_at", "updated_at"),
    )

    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), unique=True
    )
    token_hash: Mapped[str | None] = mapped_column(Text, unique=True)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class CartItem(Base):
    """A product in a cart. `unit_price` is the price the buyer was last shown for it."""

    __tablename__ = "cart_items"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_cart_items_product_id", "product_id"),
    )

    cart_id: Mapped[UUID] = mapped_column(
        ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[UUID] = mapped_column(
        ForeignKey("products.id", ondelete="RESTRICT"), primary_key=True
    )
    quantity: Mapped[int]
    unit_price: Mapped[int] = mapped_column(BigInteger)
    added_at: Mapped[datetime] = mapped_column(default=utc_now)
