"""What buyers narrow the shop window down by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select

from diecast_api.catalog import search
from diecast_api.catalog.models import Category, Product
from diecast_api.catalog.naming import named_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """A choice of products. Several values of one filter mean any of them; filters add up.

    `category` holds ids or slugs, and takes everything below them. Prices are in rupiah.
    """

    q: str | None = None
    category: Sequence[str] = ()
    brand: Sequence[str] = ()
    scale: Sequence[str] = ()
    series: Sequence[str] = ()
    marque: Sequence[str] = ()
    condition: Sequence[str] = ()
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filters that are set, as conditions on `products`."""
        conditions = [
            _any_of(column, values)
            for column, values in (
                (Product.brand, self.brand),
                (Product.scale, self.scale),
                (Product.series, self.series),
                (Product.marque, self.marque),
                (Product.condition, self.condition),
            )
            if values
        ]
        if self.q:
            conditions.append(search.matches(self.q))
        if self.category:
            conditions.append(Product.category_id.in_(_subtree(self.category)))
        if self.min_price is not None:
            conditions.append(Product.price >= self.min_price)
        if self.max_price is not None:
            conditions.append(Product.price <= self.max_price)
        if self.in_stock is not None:
            conditions.append(Product.stock > 0 if self.in_stock else Product.stock == 0)
        return conditions


def on_sale() -> ColumnElement[bool]:
    """Products that everybody may see: published by now, by the database's clock, not archived."""
    return Product.archived_at.is_(None) & (Product.published_at <= func.now())


def _any_of(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    return func.lower(column).in_([func.lower(value) for value in values])


def _subtree(references: Sequence[str]) -> ScalarSelect[Any]:
    """The ids of the categories that are named, and of all below them."""
    named = or_(*(named_by(Category, reference) for reference in references))
    below = select(Category.id).where(named).cte("below", recursive=True)
    # UNION, not UNION ALL: an end is reached even where a choice lies below another.
    below = below.union(select(Category.id).where(Category.parent_id == below.c.id))
    return select(below.c.id).scalar_subquery()
