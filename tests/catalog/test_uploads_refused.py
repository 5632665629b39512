"""Files that are not taken. A refused upload stores nothing."""

from __future__ import annotations

import io
import resource
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from diecast_api.clients.storage import Storage
from diecast_api.extensions import db
from tests.catalog.pictures import bomb, encoded, photo, png_chunk, png_header
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
Send = Callable[..., Any]
MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def nothing_is_stored(client: FlaskClient, owner: Person, storage: Storage) -> Iterator[None]:
    """Whatever was refused, neither rows nor objects nor work are left of it."""
    yield
    for product in client.get("/api/v1/products").json["items"]:
        url = f"/api/v1/products/{product['id']}/images"
        assert client.get(url, headers=owner.headers).json["images"] == []
    assert storage.list("staging/") == []
    assert db.session.scalar(db.text("SELECT count(*) FROM outbox")) == 0


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def gif() -> bytes:
    return encoded(Image.new("P", (20, 20)), "GIF")


@pytest.mark.parametrize(
    "content",
    [
        b"hello, I am a photo",
        b"",
        b"\xff\xd8",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        gif(),
        encoded(Image.new("RGB", (20, 20)), "BMP"),
        encoded(Image.new("RGB", (20, 20)), "TIFF"),
        b"RIFF\x10\x00\x00\x00AVI LIST",
    ],
)
def test_other_kinds_are_told_by_content(
    make_product: MakeProduct, send_images: Send, content: bytes
) -> None:
    product = make_product()
    for name in ("car.jpg", "car.png", "car"):
        refused = send_images(product["id"], (content, name))
        assert (refused.status_code, refused.json["code"]) == (415, "unsupported_image_type")
        assert refused.json["filename"] == name


PNG = photo("PNG")
BROKEN = {
    "half a JPEG": half(photo("JPEG")),
    "half a PNG": half(encoded(Image.effect_noise((200, 200), 50), "PNG")),
    "half a WebP": half(photo("WEBP")),
    "a JPEG without its last byte": photo("JPEG")[:-3],
    "a JPEG's beginning and text": b"\xff\xd8\xff\xe0" + b"text" * 100,
    "a PNG's beginning and text": b"\x89PNG\r\n\x1a\n" + b"text" * 100,
    "a WebP's beginning and text": b"RIFF\x00\x02\x00\x00WEBPVP8 " + b"text" * 100,
    "a PNG without pixels": png_header(100, 100) + png_chunk(b"IEND", b""),
    "a PNG with too few pixels": png_header(100, 100)
    + png_chunk(b"IDAT", zlib.compress(b"\0" * 50))
    + png_chunk(b"IEND", b""),
    "a PNG with pixels that are no zlib": png_header(100, 100)
    + png_chunk(b"IDAT", b"nonsense" * 9)
    + png_chunk(b"IEND", b""),
    "a PNG with a changed byte": PNG[:60] + bytes([PNG[60] ^ 0xFF]) + PNG[61:],
    "a PNG of no size": png_header(0, 0) + png_chunk(b"IEND", b""),
    "a PNG of every size": png_header(2**31 - 1, 2**31 - 1) + png_chunk(b"IEND", b""),
    "a JPEG of every size": photo("JPEG").replace(
        struct.pack(">HH", 300, 400), struct.pack(">HH", 65535, 65535)
    ),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_broken_files_are_refused(
    make_product: MakeProduct, send_images: Send, content: bytes
) -> None:
    refused = send_images(make_product()["id"], content)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_image")


def test_a_bomb_is_refused_unexploded(make_product: MakeProduct, send_images: Send) -> None:
    product, content = make_product(), bomb()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    refused = send_images(product["id"], (content, "big.png"))
    spent = time.process_time() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_image")
    assert spent < 1
    assert grown < 20 * 1024  # kilobytes; its pixels are 432 000


def test_one_bad_file_refuses_all(make_product: MakeProduct, send_images: Send) -> None:
    product = make_product()
    for bad, status in ((b"text", 415), (half(photo()), 422), (bytes(11 * MEGABYTE), 413)):
        refused = send_images(product["id"], photo(), photo(), (bad, "third.jpg"))
        assert (refused.status_code, refused.json["filename"]) == (status, "third.jpg")


def test_a_file_above_ten_megabytes_is_too_large(
    make_product: MakeProduct, send_images: Send
) -> None:
    refused = send_images(make_product()["id"], photo() + bytes(11 * MEGABYTE))
    assert (refused.status_code, refused.json["code"]) == (413, "image_too_large")
    assert refused.json["max_bytes"] == 10 * MEGABYTE


def test_eleven_files_are_too_many(make_product: MakeProduct, send_images: Send) -> None:
    refused = send_images(make_product()["id"], *[photo(size=(9, 9))] * 11)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["files"])


def test_no_file_is_too_few(client: FlaskClient, owner: Person, make_product: MakeProduct) -> None:
    url = f"/api/v1/products/{make_product()['id']}/images"
    for sent in ({}, {"data": {}}, {"json": {}}, {"json": {"files": ["x"]}}, {"data": b"x"}):
        refused = client.post(url, headers=owner.headers, **sent)
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["files"])


def test_other_fields_are_refused(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    url = f"/api/v1/products/{make_product()['id']}/images"
    for sent, field in (
        ({"files": (io.BytesIO(photo()), "a.jpg"), "alt_text": "Merah"}, "alt_text"),
        ({"files": "text"}, "files"),
        (
            {"files": (io.BytesIO(photo()), "a.jpg"), "image": (io.BytesIO(photo()), "b.jpg")},
            "image",
        ),
    ):
        refused = client.post(url, data=sent, headers=owner.headers)
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_a_request_beyond_all_bounds_is_refused_unread(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    refused = client.post(
        f"/api/v1/products/{make_product()['id']}/images",
        headers={**owner.headers, "Content-Type": "multipart/form-data; boundary=x"},
        environ_overrides={"CONTENT_LENGTH": str(200 * MEGABYTE)},
    )
    assert (refused.status_code, refused.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("product_id", ["01890000-0000-7000-8000-000000000000", "f40", "%00"])
def test_an_unknown_product_takes_nothing(send_images: Send, product_id: str) -> None:
    assert send_images(product_id, photo()).status_code in (404, 405)


def test_an_archived_product_takes_nothing(
    client: FlaskClient, owner: Person, make_product: MakeProduct, send_images: Send
) -> None:
    product = make_product()
    client.delete(f"/api/v1/products/{product['id']}", headers=owner.headers)
    assert send_images(product["id"], photo()).status_code == 404


def test_with_the_object_store_away_nothing_is_kept(
    app_without_store: Flask, owner: Person, make_product: MakeProduct
) -> None:
    refused = app_without_store.test_client().post(
        f"/api/v1/products/{make_product()['id']}/images",
        data={"files": [(io.BytesIO(photo()), "a.jpg"), (io.BytesIO(photo()), "b.jpg")]},
        headers=owner.headers,
    )
    assert (refused.status_code, refused.json["code"]) == (503, "storage_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
