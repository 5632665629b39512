"""The worker's part of an image: renditions, their retries, and what was left behind."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from diecast_api import outbox, task_names
from diecast_api.catalog.models import ImageStatus, ProductImage
from diecast_api.catalog.renditions import CONTENT_TYPE, UndecodableImageError, render
from diecast_api.catalog.service.images import discard
from diecast_api.clients.storage import (
    ONE_YEAR,
    PUBLIC_PREFIX,
    STAGING_PREFIX,
    current_storage,
)
from diecast_api.extensions import db
from diecast_api.orm import utc_now
from diecast_api.unit_of_work import locked, unit_of_work

MAX_ATTEMPTS = 10
STUCK_AFTER = timedelta(minutes=3)
ORPHANED_AFTER = timedelta(hours=1)
SWEEP_BATCH = 100

log = structlog.get_logger(__name__)


def render_image(image_id: UUID) -> None:
    """Make the renditions of an image, publish them and mark it ready.

    Safe twice and at once: the keys follow from the content, and only an image that is still
    processed is marked. An attempt is counted before it is made, so that one that kills its worker
    counts too; an image that cannot be decoded, or was tried `MAX_ATTEMPTS` times, has failed.

    Raises:
        StorageUnavailable: the object store is away; try again later.
    """
    with unit_of_work():
        image = _locked_while_processed(image_id)
        if image is None:
            return
        staged_key = image.staged_key or ""
        product_id = image.product_id
        image.attempts += 1
        is_exhausted = image.attempts > MAX_ATTEMPTS
    if is_exhausted:
        _fail(image_id, f"given up after {MAX_ATTEMPTS} attempts")
        return

    storage = current_storage()
    content = storage.get(staged_key)
    if content is None:
        _fail(image_id, "the upload is gone")
        return
    try:
        renditions = render(content)
    except UndecodableImageError as error:
        log.warning("image_undecodable", image_id=str(image_id), error=str(error))
        _fail(image_id, "cannot be decoded")
        return
    address = f"{PUBLIC_PREFIX}products/{product_id}/{image_id}"
    web_key = f"{address}-{_digest(renditions.web)}-web.webp"
    thumbnail_key = f"{address}-{_digest(renditions.thumbnail)}-thumb.webp"
    storage.put(web_key, renditions.web, CONTENT_TYPE, cache=ONE_YEAR)
    storage.put(thumbnail_key, renditions.thumbnail, CONTENT_TYPE, cache=ONE_YEAR)
    _publish(image_id, web_key, thumbnail_key)
    discard(staged_key)


def delete_object(key: str) -> None:
    """Remove an object that no row refers to any more; the same twice.

    Raises:
        StorageUnavailable: the object store is away; try again later.
    """
    current_storage().delete(key)


def sweep_images() -> None:
    """Take up images whose task was lost, and remove staged files that no image waits for."""
    _take_up_stuck_images()
    _remove_orphans()


def _take_up_stuck_images() -> None:
    with unit_of_work():
        stuck = db.session.scalars(
            select(ProductImage)
            .where(
                ProductImage.status == ImageStatus.PROCESSING,
                ProductImage.updated_at < utc_now() - STUCK_AFTER,
            )
            .order_by(ProductImage.created_at)
            .limit(SWEEP_BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for image in stuck:
            # The next sweep is to leave it alone for a while.
            image.updated_at = utc_now()
            outbox.enqueue(task_names.RENDER_IMAGE, image_id=str(image.id))


def _remove_orphans() -> None:
    """Staged files are recorded within moments; one that is not after a while never will be."""
    oldest = utc_now() - ORPHANED_AFTER
    staged = [o.key for o in current_storage().list(STAGING_PREFIX) if o.modified_at < oldest]
    for start in range(0, len(staged), SWEEP_BATCH):
        keys = staged[start : start + SWEEP_BATCH]
        with unit_of_work():
            awaited = set(
                db.session.scalars(
                    select(ProductImage.staged_key).where(ProductImage.staged_key.in_(keys))
                )
            )
        for key in keys:
            if key not in awaited:
                current_storage().delete(key)


def _locked_while_processed(image_id: UUID) -> ProductImage | None:
    image = locked(ProductImage, image_id)
    return image if image is not None and image.status == ImageStatus.PROCESSING else None


def _publish(image_id: UUID, web_key: str, thumbnail_key: str) -> None:
    with unit_of_work():
        image = locked(ProductImage, image_id)
        if image is not None and image.status == ImageStatus.PROCESSING:
            image.status = ImageStatus.READY
            image.web_key, image.thumbnail_key = web_key, thumbnail_key
            image.staged_key = image.failure = None
    if image is None:  # removed meanwhile: nothing will ever refer to these
        discard(web_key)
        discard(thumbnail_key)


def _fail(image_id: UUID, failure: str) -> None:
    with unit_of_work():
        image = _locked_while_processed(image_id)
        if image is None:
            return
        staged_key = image.staged_key
        image.status = ImageStatus.FAILED
        image.failure = failure
        image.staged_key = None
    discard(staged_key)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]
