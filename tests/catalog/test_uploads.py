"""Uploading pictures over HTTP, up to their renditions at public addresses."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from diecast_api.catalog.models import ProductImage
from diecast_api.catalog.service import images as service
from diecast_api.catalog.uploads import Upload, inspect
from diecast_api.clients.storage import Storage
from diecast_api.extensions import db
from tests.catalog.pictures import ORIENTATION, corners, encoded, four_corners, opened, photo
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
Send = Callable[..., Any]
IMAGE = {
    "id", "filename", "url", "thumbnail_url", "is_primary", "position", "alt_text", "width",
    "height", "size_bytes", "status",
}  # fmt: skip


def gallery(client: FlaskClient, product: dict[str, Any], person: Person) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/products/{product['id']}/images", headers=person.headers)
    images: list[dict[str, Any]] = answer.json["images"]
    return images


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_upload_becomes_two_renditions(
    client: FlaskClient,
    make_product: MakeProduct,
    send_images: Send,
    jobs: Callable[[], int],
    storage: Storage,
    kind: str,
) -> None:
    product = make_product()
    content = photo(kind, (1600, 1200))
    sent = send_images(product["id"], (content, "F40 depan.txt"))
    assert sent.status_code == 201
    (image,) = sent.json["images"]
    assert set(image) == IMAGE
    assert image["status"] == "processing"
    assert image["url"] is image["thumbnail_url"] is None
    assert (image["filename"], image["size_bytes"]) == ("F40 depan.txt", len(content))
    assert (image["width"], image["height"]) == (1600, 1200)
    assert (image["is_primary"], image["position"], image["alt_text"]) == (True, 0, None)
    assert client.get(f"/api/v1/products/{product['id']}/images").json == {"images": []}

    assert jobs() == 1
    (ready,) = client.get(f"/api/v1/products/{product['id']}/images").json["images"]
    assert {**ready, "status": "processing", "url": None, "thumbnail_url": None} == image
    for name, size in (("url", (1024, 768)), ("thumbnail_url", (300, 300))):
        answer = requests.get(ready[name], timeout=10)
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert opened(answer.content).size == size
    assert storage.list("staging/") == []


def test_lists_show_the_primary_image_once_it_is_ready(
    client: FlaskClient, make_product: MakeProduct, send_images: Send, jobs: Callable[[], int]
) -> None:
    product = make_product()
    send_images(product["id"], photo(size=(400, 300)), photo(size=(500, 300)))
    assert client.get("/api/v1/products").json["items"][0]["image"] is None
    jobs()
    (item,) = client.get("/api/v1/products").json["items"]
    detail = client.get(f"/api/v1/products/{product['id']}").json
    assert item["image"] == detail["image"]
    assert [image["width"] for image in detail["images"]] == [400, 500]
    shown = {name: detail["images"][0][name] for name in item["image"]}
    assert item["image"] == shown


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_at_any_angle_stands_upright(
    client: FlaskClient,
    make_product: MakeProduct,
    send_images: Send,
    jobs: Callable[[], int],
    orientation: int,
) -> None:
    product = make_product()
    (image,) = send_images(product["id"], lying_photo(orientation)).json["images"]
    assert (image["width"], image["height"]) == (800, 600)
    jobs()
    (ready,) = client.get(f"/api/v1/products/{product['id']}/images").json["images"]
    web = opened(requests.get(ready["url"], timeout=10).content)
    thumbnail = opened(requests.get(ready["thumbnail_url"], timeout=10).content)
    assert web.size == (800, 600)
    for rendition in (web, thumbnail):
        assert corners(rendition) == ["red", "green", "blue", "white"]
        assert not rendition.getexif()


def lying_photo(orientation: int) -> bytes:
    """A photo as a camera stores it, whose EXIF data say how to put it upright."""
    from PIL import Image

    # What undoes the turn or flip that a viewer does for each orientation.
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = four_corners()
    if orientation in undo:
        picture = picture.transpose(undo[orientation])
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif.get_ifd(0x8825)[2] = (6.0, 10.0, 30.0)  # GPS latitude
    return encoded(picture, exif=exif, quality=95)


def test_many_at_once_keep_their_order(
    client: FlaskClient,
    owner: Person,
    make_product: MakeProduct,
    send_images: Send,
) -> None:
    product = make_product()
    files = [(photo(size=(20 + n, 20)), f"{n}.png") for n in range(10)]
    images = send_images(product["id"], *files).json["images"]
    assert [image["filename"] for image in images] == [f"{n}.png" for n in range(10)]
    assert [image["position"] for image in images] == list(range(10))
    assert [image["is_primary"] for image in images] == [True] + [False] * 9
    more = send_images(product["id"], photo()).json["images"]
    assert [(image["position"], image["is_primary"]) for image in more] == [(10, False)]
    assert len(gallery(client, product, owner)) == 11


def test_a_product_has_at_most_fifty_images(make_product: MakeProduct, send_images: Send) -> None:
    product = make_product()
    small = [photo(size=(5, 5))] * 10
    for _ in range(service.MAX_IMAGES // 10):
        assert send_images(product["id"], *small).status_code == 201
    refused = send_images(product["id"], small[0])
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["files"])


def test_two_uploads_at_once_leave_one_primary_and_no_gap(
    app: Flask, client: FlaskClient, owner: Person, make_product: MakeProduct, storage: Storage
) -> None:
    product = make_product()
    start = threading.Barrier(6)

    def send() -> None:
        with app.app_context():
            start.wait()
            files = [Upload(f"{n}.jpg", io.BytesIO(photo())) for n in range(2)]
            service.upload(UUID(product["id"]), files)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    images = gallery(client, product, owner)
    assert [image["position"] for image in images] == list(range(12))
    assert [image["is_primary"] for image in images] == [True] + [False] * 11


@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Foto\\mobil.jpg", "mobil.jpg"),
        ("mobil 🏎.jpg", "mobil 🏎.jpg"),
        ("x" * 400, "x" * 255),
        ("a\u202egpj.exe", "agpj.exe"),
        ("/", "image"),
    ],
)
def test_filenames_are_cleaned(filename: str, kept: str) -> None:
    assert inspect(Upload(filename, io.BytesIO(photo()))).filename == kept


def test_the_upload_is_private_until_it_is_rendered(
    make_product: MakeProduct, send_images: Send, storage: Storage
) -> None:
    send_images(make_product()["id"], photo())
    (staged,) = storage.list("staging/")
    assert requests.get(storage.public_url(staged.key), timeout=10).status_code == 403


def test_staff_see_what_is_not_ready_with_its_status(
    app: Flask,
    client: FlaskClient,
    owner: Person,
    make_product: MakeProduct,
    make_user: Callable[..., Person],
    send_images: Send,
) -> None:
    product = make_product()
    send_images(product["id"], photo(), photo())
    with db.engine.begin() as connection:
        connection.execute(
            sa.update(ProductImage).where(ProductImage.position == 1).values(status="failed")
        )
    assert [i["status"] for i in gallery(client, product, owner)] == ["processing", "failed"]
    assert gallery(client, product, make_user()) == []


def test_the_gallery_is_cached_for_guests_alone(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    url = f"/api/v1/products/{make_product()['id']}/images"
    guest, staff = client.get(url), client.get(url, headers=owner.headers)
    assert guest.headers["Cache-Control"].startswith("public, ")
    assert staff.headers["Cache-Control"] == "private, no-store"
    for answer in (guest, staff):
        assert "Authorization" in answer.headers["Vary"]
    assert client.get(url, headers={"If-None-Match": guest.headers["ETag"]}).status_code == 304


def test_a_draft_takes_images_and_hides_them(
    client: FlaskClient, owner: Person, make_product: MakeProduct, send_images: Send
) -> None:
    draft = make_product(published_at=None)
    assert send_images(draft["id"], photo()).status_code == 201
    assert len(gallery(client, draft, owner)) == 1
    assert client.get(f"/api/v1/products/{draft['id']}/images").status_code == 404


class SlowLine(io.BytesIO):
    """A body that notes how many database connections are held while it comes."""

    held: ClassVar[list[int]] = []

    def readinto(self, buffer: Any) -> int:
        """Read as the server does."""
        self.held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return super().readinto(buffer)


def test_a_slow_upload_holds_no_connection(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    boundary, body = encode_multipart({"files": FileStorage(io.BytesIO(photo()), "car.jpg")})
    product = make_product()
    SlowLine.held.clear()
    db.session.remove()
    sent = client.post(
        f"/api/v1/products/{product['id']}/images",
        input_stream=SlowLine(body),
        content_length=len(body),
        content_type=f"multipart/form-data; boundary={boundary}",
        headers=owner.headers,
    )
    assert sent.status_code == 201
    assert set(SlowLine.held) == {0}


def test_only_staff_of_the_catalogue_upload(
    make_product: MakeProduct, send_images: Send, make_user: Callable[..., Person]
) -> None:
    product = make_product()
    for headers, status in (
        ({}, 401),
        (make_user().headers, 403),
        (make_user("orders").headers, 403),
    ):
        assert send_images(product["id"], photo(), headers=headers).status_code == status
    assert (
        send_images(product["id"], photo(), headers=make_user("catalog").headers).status_code == 201
    )
