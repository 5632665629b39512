"""Reading products: the shop window, single products, and what other rooms need of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, true

from diecast_api.catalog import search
from diecast_api.catalog.filters import Filters, on_sale
from diecast_api.catalog.gallery_queries import ready_images
from diecast_api.catalog.models import Category, ImageStatus, Product, ProductImage
from diecast_api.catalog.naming import named_by
from diecast_api.clients.storage import current_storage
from diecast_api.errors import NotFound
from diecast_api.extensions import db
from diecast_api.paging import Order, Page, by_time, paginate

CURRENCY = "IDR"

_shown_image = (
    select(
        ProductImage.web_key,
        ProductImage.thumbnail_key,
        ProductImage.width,
        ProductImage.height,
    )
    .where(ProductImage.product_id == Product.id, ProductImage.status == ImageStatus.READY)
    .order_by(ProductImage.is_primary.desc(), ProductImage.position)
    .limit(1)
    .lateral("shown_image")
)
_LISTED = (
    Product.id,
    Product.sku,
    Product.slug,
    Product.name,
    Product.price,
    Product.stock,
    Product.brand,
    Product.scale,
    Product.created_at,
    on_sale().label("is_on_sale"),
    Category.id.label("category_id"),
    Category.name.label("category_name"),
    Category.slug.label("category_slug"),
    _shown_image.c.web_key,
    _shown_image.c.thumbnail_key,
    _shown_image.c.width,
    _shown_image.c.height,
)
_ONLY_IN_DETAIL = (
    Product.description,
    Product.series,
    Product.marque,
    Product.model_year,
    Product.color,
    Product.material,
    Product.condition,
    Product.box_condition,
    Product.edition_size,
    Product.is_chase,
    Product.release_date,
    Product.weight_grams,
    Product.attributes,
    Product.published_at,
    Product.version,
    Product.updated_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProduct:
    """A product as lists show it. `price` is in rupiah; the keys are those of the object store."""

    id: UUID
    sku: str
    slug: str
    name: str
    price: int
    stock: int
    brand: str | None
    scale: str | None
    created_at: datetime
    is_on_sale: bool
    category_id: UUID | None
    category_name: str | None
    category_slug: str | None
    web_key: str | None
    thumbnail_key: str | None
    width: int | None
    height: int | None

    def document(self) -> dict[str, Any]:
        """The list item of the contract."""
        return {
            "id": self.id,
            "sku": self.sku,
            "slug": self.slug,
            "name": self.name,
            "price": self.price,
            "currency": CURRENCY,
            "stock": self.stock,
            "in_stock": self.stock > 0,
            "brand": self.brand,
            "scale": self.scale,
            "category": self._category(),
            "image": self._image(),
            "created_at": self.created_at,
        }

    def _category(self) -> dict[str, Any] | None:
        if self.category_id is None:
            return None
        return {"id": self.category_id, "name": self.category_name, "slug": self.category_slug}

    def _image(self) -> dict[str, Any] | None:
        if self.web_key is None or self.thumbnail_key is None:
            return None
        storage = current_storage()
        return {
            "url": storage.public_url(self.web_key),
            "thumbnail_url": storage.public_url(self.thumbnail_key),
            "width": self.width,
            "height": self.height,
        }


def list_items(product_ids: Iterable[UUID]) -> dict[UUID, ListedProduct]:
    """Products by their ids, in one statement; those not on sale too, `is_on_sale` tells."""
    rows = db.session.execute(_select_listed().where(Product.id.in_(list(product_ids))))
    return {row.id: _listed(row) for row in rows}


def list_products(filters: Filters, sort: str, paging: dict[str, Any]) -> dict[str, Any]:
    """A page of what is on sale, as the contract's list. Two statements, whatever the size.

    `sort` is a key of `SORTS`, or `relevance` where there is something to search for.
    """
    conditions = [on_sale(), *filters.conditions()]
    order = _by_relevance(filters.q) if sort == RELEVANCE and filters.q else SORTS[sort]
    page: Page = paginate(
        db.session(),
        _select_listed().where(*conditions),
        order,
        paging,
        count=select(Product.id).where(*conditions),
    )
    return page.document(lambda row: _listed(row).document())


def product_on_sale(reference: str) -> dict[str, Any]:
    """All of a product that everybody may see, by id or slug.

    Raises:
        NotFound: there is none, or it is a draft or archived.
    """
    return _detail(named_by(Product, reference), on_sale())


def product_for_staff(reference: str) -> dict[str, Any]:
    """All of a product, also of a draft or an archived one. Raises as `product_on_sale`."""
    return _detail(named_by(Product, reference))


def _detail(*conditions: ColumnElement[bool]) -> dict[str, Any]:
    row = db.session.execute(
        _select_listed().add_columns(*_ONLY_IN_DETAIL).where(*conditions)
    ).one_or_none()
    if row is None:
        raise NotFound
    return {
        **_listed(row).document(),
        **{column.key: getattr(row, column.key) for column in _ONLY_IN_DETAIL},
        "images": ready_images(row.id),
    }


def _select_listed() -> Select[Any]:
    return (
        select(*_LISTED)
        .select_from(Product)
        .outerjoin(Category, Category.id == Product.category_id)
        .outerjoin(_shown_image, true())
    )


def _listed(row: Row[Any]) -> ListedProduct:
    return ListedProduct(**{name: getattr(row, name) for name in ListedProduct.__slots__})


def _by(name: str, key: Any, parse: Callable[[Any], Any], *, descending: bool = False) -> Order:
    product_id: Any = Product.id
    return Order(name, key, product_id, descending, parse)


def _name_key(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


RELEVANCE = "relevance"
SORTS: dict[str, Order] = {
    "newest": by_time("newest", Product.published_at, Product.id),
    "price": _by("price", Product.price, int),
    "-price": _by("-price", Product.price, int, descending=True),
    "name": _by("name", func.lower(Product.name), _name_key),
    "-name": _by("-name", func.lower(Product.name), _name_key, descending=True),
    "best_selling": _by("best_selling", Product.units_ordered, int, descending=True),
}


def _by_relevance(text: str) -> Order:
    return _by(RELEVANCE, search.relevance(text), float, descending=True)
