"""Reading the pictures of a product."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from diecast_api.catalog.filters import on_sale
from diecast_api.catalog.models import ImageStatus, Product, ProductImage
from diecast_api.clients.storage import current_storage
from diecast_api.errors import NotFound
from diecast_api.extensions import db

_SHOWN = (
    ProductImage.id,
    ProductImage.filename,
    ProductImage.is_primary,
    ProductImage.position,
    ProductImage.alt_text,
    ProductImage.width,
    ProductImage.height,
    ProductImage.size_bytes,
    ProductImage.status,
)


def ready_images(product_id: UUID) -> list[dict[str, Any]]:
    """The images of a product that are ready to be shown, in their order."""
    return _images(ProductImage.product_id == product_id, ProductImage.status == ImageStatus.READY)


def images_by_id(image_ids: list[UUID]) -> list[dict[str, Any]]:
    """Images in the order of their gallery, whatever their status."""
    return _images(ProductImage.id.in_(image_ids))


def gallery_on_sale(product_id: UUID) -> list[dict[str, Any]]:
    """The ready images of a product that everybody may see.

    Raises:
        NotFound: there is no such product, or it is a draft or archived.
    """
    _refuse_unknown(Product.id == product_id, on_sale())
    return ready_images(product_id)


def gallery_for_staff(product_id: UUID) -> list[dict[str, Any]]:
    """Every image of any product. Raises `NotFound` where there is no such product."""
    _refuse_unknown(Product.id == product_id)
    return _images(ProductImage.product_id == product_id)


def _refuse_unknown(*conditions: Any) -> None:
    if db.session.scalar(select(Product.id).where(*conditions)) is None:
        raise NotFound


def _images(*conditions: Any) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(*_SHOWN, ProductImage.web_key, ProductImage.thumbnail_key)
        .where(*conditions)
        .order_by(ProductImage.position)
    )
    return [_document(row) for row in rows]


def _document(row: Any) -> dict[str, Any]:
    storage = current_storage()
    return {
        **{column.key: getattr(row, column.key) for column in _SHOWN},
        "url": storage.public_url(row.web_key) if row.web_key else None,
        "thumbnail_url": storage.public_url(row.thumbnail_key) if row.thumbnail_key else None,
    }
