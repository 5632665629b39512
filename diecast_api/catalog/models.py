"""Categories, products and product images."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from diecast_api.orm import Base, Identified, Timestamped


def _words(text: str, weight: str) -> str:
    """A text as weighted words. 'simple' keeps model codes and Indonesian words as they are.

    Whatever is no letter or digit parts words, as in `search.search_words`: PostgreSQL's own parser
    would take "hw-2024/17" for a path and "-40" for a number.
    """
    words = f"regexp_replace({text}, '[^[:alnum:]]+', ' ', 'g')"
    return f"setweight(to_tsvector('simple', {words}), '{weight}')"


_SEARCH_VECTOR = " || ".join(
    (
        _words("name", "A"),
        _words(
            "coalesce(brand, '') || ' ' || coalesce(marque, '') || ' ' || coalesce(series, '')"
            " || ' ' || coalesce(scale, '') || ' ' || sku",
            "B",
        ),
        _words("coalesce(description, '')", "D"),
    )
)


class Category(Identified, Timestamped, Base):
    """A node in the tree of categories; `position` orders it among its siblings."""

    __tablename__ = "categories"
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("position >= 0", name="position_not_negative"),
        Index("ix_categories_parent_id", "parent_id"),
    )

    name: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    description: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class Product(Identified, Timestamped, Base):
    """A model car as it is sold.

    `stock` is written by the inventory room alone. `version` counts the edits of staff, not sales.
    `units_ordered` is what orders have taken and not given back: the measure of best sellers.
    """

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price > 0", name="price_positive"),
        CheckConstraint("stock >= 0", name="stock_not_negative"),
        CheckConstraint("units_ordered >= 0", name="units_ordered_not_negative"),
        CheckConstraint("edition_size > 0", name="edition_size_positive"),
        CheckConstraint("weight_grams >= 0", name="weight_not_negative"),
        Index("uq_products_sku_lower", func.lower(text("sku")), unique=True),
        Index("ix_products_category_id", "category_id"),
        Index("ix_products_search", "search_vector", postgresql_using="gin"),
        Index("ix_products_published_at_id", "published_at", "id"),
        Index("ix_products_price_id", "price", "id"),
        Index("ix_products_name_lower_id", func.lower(text("name")), "id"),
        Index("ix_products_units_ordered_id", "units_ordered", "id"),
    )

    sku: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    price: Mapped[int] = mapped_column(BigInteger)
    stock: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    units_ordered: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    category_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("categories.id", ondelete="RESTRICT")
    )
    brand: Mapped[str | None] = mapped_column(Text)
    scale: Mapped[str | None] = mapped_column(Text)
    series: Mapped[str | None] = mapped_column(Text)
    marque: Mapped[str | None] = mapped_column(Text)
    model_year: Mapped[int | None]
    color: Mapped[str | None] = mapped_column(Text)
    material: Mapped[str | None] = mapped_column(Text)
    condition: Mapped[str | None] = mapped_column(Text)
    box_condition: Mapped[str | None] = mapped_column(Text)
    edition_size: Mapped[int | None]
    is_chase: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    release_date: Mapped[date | None]
    weight_grams: Mapped[int | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'::jsonb")
    )
    published_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    search_vector: Mapped[Any] = mapped_column(
        TSVECTOR, Computed(_SEARCH_VECTOR, persisted=True), deferred=True
    )


class ImageStatus(StrEnum):
    """How far the worker has come with an image."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class ProductImage(Identified, Timestamped, Base):
    """A picture of a product.

    While it is processed the upload lies at `staged_key`, private; once ready its renditions lie at
    `web_key` and `thumbnail_key`, public. `width`, `height` and `size_bytes` are the upload's, as
    seen upright.
    """

    __tablename__ = "product_images"
    __table_args__ = (
        CheckConstraint("status IN ('processing', 'ready', 'failed')", name="known_status"),
        CheckConstraint(
            "(status = 'ready') = (web_key IS NOT NULL AND thumbnail_key IS NOT NULL)",
            name="ready_has_renditions",
        ),
        CheckConstraint("position >= 0", name="position_not_negative"),
        UniqueConstraint(
            "product_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name="uq_product_images_product_id_position",
        ),
        Index(
            "uq_product_images_primary",
            "product_id",
            unique=True,
            postgresql_where=text("is_primary"),
        ),
        Index(
            "ix_product_images_processing",
            "created_at",
            postgresql_where=text("status = 'processing'"),
        ),
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="RESTRICT"))
    filename: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    alt_text: Mapped[str | None] = mapped_column(Text)
    position: Mapped[int]
    is_primary: Mapped[bool]
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    status: Mapped[str] = mapped_column(Text, default=ImageStatus.PROCESSING)
    staged_key: Mapped[str | None] = mapped_column(Text)
    web_key: Mapped[str | None] = mapped_column(Text)
    thumbnail_key: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    failure: Mapped[str | None] = mapped_column(Text)
