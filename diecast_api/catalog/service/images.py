"""The gallery of a product: taking uploads, ordering, removing.

Whatever changes a gallery holds the lock of its product's row, so positions stay without gaps and
exactly one image is primary, whoever comes at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select

from diecast_api import outbox, task_names
from diecast_api.catalog.models import Product, ProductImage
from diecast_api.catalog.uploads import Upload, inspect
from diecast_api.clients.storage import STAGING_PREFIX, current_storage
from diecast_api.errors import Invalid, NotFound, StorageUnavailable
from diecast_api.extensions import db
from diecast_api.orm import new_id
from diecast_api.unit_of_work import locked, unit_of_work

MAX_IMAGES = 50

log = structlog.get_logger(__name__)


def upload(product_id: UUID, uploads: Sequence[Upload]) -> list[UUID]:
    """Take all the uploads or none; the worker makes their renditions. Returns the images' ids.

    The files are looked at first, then staged in the object store, then recorded. Where recording
    fails what was staged is removed; should even that fail, the sweep does it.

    Raises:
        NotFound: there is no such product, or it is archived.
        UnsupportedImageType, ImageTooLarge, InvalidImage: a file cannot be taken.
        Invalid: the product would have more than `MAX_IMAGES`.
        StorageUnavailable: the object store is away.
    """
    with unit_of_work():
        _locked_gallery(product_id)
    images = [_looked_at(product_id, file) for file in uploads]
    try:
        for image, file in zip(images, uploads, strict=True):
            _stage(image, file)
        with unit_of_work():
            _append(product_id, images)
    except BaseException:
        for image in images:
            discard(image.staged_key)
        raise
    return [image.id for image in images]


def change(product_id: UUID, image_id: UUID, values: dict[str, Any]) -> None:
    """Change `alt_text`, move to a `position` (past the end means last), or make it primary.

    Raises:
        NotFound: there is no such product or image, or the product is archived.
    """
    with unit_of_work():
        gallery = _locked_gallery(product_id)
        image = _one_of(gallery, image_id)
        if "alt_text" in values:
            image.alt_text = values["alt_text"]
        if "position" in values:
            gallery.remove(image)
            gallery.insert(values["position"], image)
            _number(gallery)
        if values.get("is_primary"):
            _make_primary(gallery, image)


def remove(product_id: UUID, image_id: UUID) -> None:
    """Remove an image; the next one becomes primary where it was. Raises as `change` does.

    Its thumbnail stays in the store, for orders that were placed meanwhile show it.
    """
    with unit_of_work():
        gallery = _locked_gallery(product_id)
        image = _one_of(gallery, image_id)
        gallery.remove(image)
        db.session.delete(image)
        db.session.flush()
        _number(gallery)
        if image.is_primary and gallery:
            gallery[0].is_primary = True
        for key in (image.staged_key, image.web_key):
            if key is not None:
                outbox.enqueue(task_names.DELETE_OBJECT, key=key)


def discard(key: str | None) -> None:
    """Remove an object that nothing refers to, as well as can be done now."""
    if key is None:
        return
    try:
        current_storage().delete(key)
    except StorageUnavailable:
        log.warning("object_left_behind", key=key)


def _locked_gallery(product_id: UUID) -> list[ProductImage]:
    product = locked(Product, product_id)
    if product is None or product.archived_at is not None:
        raise NotFound
    images = db.session.scalars(
        select(ProductImage)
        .where(ProductImage.product_id == product_id)
        .order_by(ProductImage.position)
        .execution_options(populate_existing=True)
    )
    return list(images)


def _one_of(gallery: list[ProductImage], image_id: UUID) -> ProductImage:
    for image in gallery:
        if image.id == image_id:
            return image
    raise NotFound


def _looked_at(product_id: UUID, file: Upload) -> ProductImage:
    facts = inspect(file)
    image_id = new_id()
    return ProductImage(
        id=image_id,
        product_id=product_id,
        filename=facts.filename,
        content_type=facts.content_type,
        width=facts.width,
        height=facts.height,
        size_bytes=facts.size_bytes,
        staged_key=f"{STAGING_PREFIX}{product_id}/{image_id}",
    )


def _stage(image: ProductImage, file: Upload) -> None:
    file.stream.seek(0)
    current_storage().put(image.staged_key or "", file.stream.read(), image.content_type)


def _append(product_id: UUID, images: list[ProductImage]) -> None:
    gallery = _locked_gallery(product_id)
    if len(gallery) + len(images) > MAX_IMAGES:
        raise Invalid(errors={"files": [f"A product has at most {MAX_IMAGES} images."]})
    for position, image in enumerate(images, start=len(gallery)):
        image.position = position
        image.is_primary = position == 0
        outbox.enqueue(task_names.RENDER_IMAGE, image_id=str(image.id))
    db.session.add_all(images)


def _number(gallery: list[ProductImage]) -> None:
    for position, image in enumerate(gallery):
        image.position = position


def _make_primary(gallery: list[ProductImage], chosen: ProductImage) -> None:
    for image in gallery:
        image.is_primary = False
    # There may be one primary at any moment: the old one steps back before the new one comes.
    db.session.flush()
    chosen.is_primary = True
