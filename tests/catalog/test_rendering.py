"""The worker's part: retries, failures, what a dead worker leaves, and the sweep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from diecast_api import task_names
from diecast_api.catalog.models import ProductImage
from diecast_api.catalog.service import rendering
from diecast_api.clients.storage import Storage
from diecast_api.errors import StorageUnavailable
from diecast_api.extensions import db
from diecast_api.orm import utc_now
from diecast_api.outbox import OutboxMessage
from tests.catalog.pictures import photo
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
Send = Callable[..., Any]


@pytest.fixture
def staged(
    storage: Storage, make_product: MakeProduct, send_images: Send
) -> Callable[[], ProductImage]:
    """Upload an image and lose the message about it; returns the row, read afresh each time."""
    (image,) = send_images(make_product()["id"], photo()).json["images"]
    forget_messages()

    def row() -> ProductImage:
        db.session.rollback()
        found = db.session.get(ProductImage, UUID(image["id"]), populate_existing=True)
        assert found is not None
        return found

    return row


def forget_messages() -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.delete(OutboxMessage))


def messages() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(OutboxMessage.task_name)))


def age(delta: timedelta) -> None:
    """Let all images be as old as said."""
    with db.engine.begin() as connection:
        connection.execute(sa.update(ProductImage).values(updated_at=utc_now() - delta))


def test_rendering_twice_changes_nothing(
    staged: Callable[[], ProductImage], storage: Storage
) -> None:
    rendering.render_image(staged().id)
    first = staged()
    keys, updated_at = (first.web_key, first.thumbnail_key), first.updated_at
    rendering.render_image(first.id)
    assert ((staged().web_key, staged().thumbnail_key), staged().updated_at) == (keys, updated_at)
    assert sorted(o.key for o in storage.list("public/")) == sorted(keys)  # type: ignore[type-var]
    assert storage.list("staging/") == []


def test_a_vanished_row_is_no_error(database: None) -> None:
    rendering.render_image(UUID("01890000-0000-7000-8000-000000000000"))


def test_an_image_removed_while_it_is_rendered_leaves_nothing(
    client: FlaskClient, owner: Person, staged: Callable[[], ProductImage], storage: Storage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    image = staged()
    url = f"/api/v1/products/{image.product_id}/images/{image.id}"
    real_render = rendering.render

    def removed_meanwhile(upload: bytes) -> Any:
        assert client.delete(url, headers=owner.headers).status_code == 204
        return real_render(upload)

    monkeypatch.setattr(rendering, "render", removed_meanwhile)
    rendering.render_image(image.id)
    assert storage.list("public/") == storage.list("staging/") == []


def test_a_file_that_only_the_worker_finds_broken_is_failed(
    staged: Callable[[], ProductImage], storage: Storage
) -> None:
    storage.put(staged().staged_key or "", photo()[:500], "image/jpeg")
    rendering.render_image(staged().id)
    image = staged()
    assert (image.status, image.failure) == ("failed", "cannot be decoded")
    assert (image.staged_key, image.web_key) == (None, None)
    assert storage.list("staging/") == []


def test_a_staged_file_that_is_gone_is_failed(
    staged: Callable[[], ProductImage], storage: Storage
) -> None:
    storage.delete(staged().staged_key or "")
    rendering.render_image(staged().id)
    assert (staged().status, staged().failure) == ("failed", "the upload is gone")


def test_a_dead_store_is_tried_again_and_given_up_in_the_end(
    staged: Callable[[], ProductImage], app_without_store: Flask
) -> None:
    image_id = staged().id
    for attempt in range(1, rendering.MAX_ATTEMPTS + 1):
        with app_without_store.app_context(), pytest.raises(StorageUnavailable):
            rendering.render_image(image_id)
        assert (staged().status, staged().attempts) == ("processing", attempt)
    with app_without_store.app_context():
        rendering.render_image(image_id)
    assert staged().status == "failed"
    assert "attempts" in (staged().failure or "")


def test_a_store_that_comes_back_is_used(
    staged: Callable[[], ProductImage], app_without_store: Flask
) -> None:
    with app_without_store.app_context(), pytest.raises(StorageUnavailable):
        rendering.render_image(staged().id)
    rendering.render_image(staged().id)
    assert (staged().status, staged().attempts) == ("ready", 2)


def test_a_lost_task_is_found_by_the_sweep_once_in_a_while(
    staged: Callable[[], ProductImage], jobs: Callable[[], int]
) -> None:
    rendering.sweep_images()
    assert messages() == []
    age(rendering.STUCK_AFTER * 2)
    rendering.sweep_images()
    rendering.sweep_images()
    assert messages() == [task_names.RENDER_IMAGE]
    jobs()
    assert staged().status == "ready"
    age(rendering.STUCK_AFTER * 2)
    rendering.sweep_images()
    assert messages() == []


def test_staged_files_that_nobody_waits_for_are_removed(
    staged: Callable[[], ProductImage], storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put("staging/nobody/waits", b"x", "image/jpeg")
    rendering.sweep_images()
    assert len(storage.list("staging/")) == 2
    monkeypatch.setattr(rendering, "ORPHANED_AFTER", timedelta(seconds=-5))
    rendering.sweep_images()
    assert [o.key for o in storage.list("staging/")] == [staged().staged_key]


def test_staff_see_a_failed_image_and_buyers_do_not(
    client: FlaskClient, owner: Person, staged: Callable[[], ProductImage], storage: Storage
) -> None:
    storage.delete(staged().staged_key or "")
    rendering.render_image(staged().id)
    url = f"/api/v1/products/{staged().product_id}/images"
    (image,) = client.get(url, headers=owner.headers).json["images"]
    assert (image["status"], image["url"]) == ("failed", None)
    assert client.get(url).json["images"] == []
