"""Ordering, describing and removing the pictures of a product."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from diecast_api.catalog.service import images as service
from diecast_api.clients.storage import Storage
from diecast_api.errors import NotFound
from tests.catalog.pictures import photo
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
NOBODY = "01890000-0000-7000-8000-000000000000"


class Gallery:
    """The pictures a, b, c … of one product, as staff handle them."""

    def __init__(self, client: FlaskClient, owner: Person, product: dict[str, Any]) -> None:
        self.product_id = product["id"]
        self._client, self._owner = client, owner

    @property
    def images(self) -> list[dict[str, Any]]:
        url = f"/api/v1/products/{self.product_id}/images"
        found: list[dict[str, Any]] = self._client.get(url, headers=self._owner.headers).json[
            "images"
        ]
        return found

    def __str__(self) -> str:
        """The names in their order, the primary one in capitals."""
        images = self.images
        assert [image["position"] for image in images] == list(range(len(images)))
        return "".join(
            image["filename"].upper() if image["is_primary"] else image["filename"]
            for image in images
        )

    def id_of(self, name: str) -> str:
        return next(str(image["id"]) for image in self.images if image["filename"] == name)

    def change(self, name: str, **fields: Any) -> Any:
        return self._client.patch(self._url(name), json=fields, headers=self._owner.headers)

    def remove(self, name: str) -> Any:
        return self._client.delete(self._url(name), headers=self._owner.headers)

    def _url(self, name: str) -> str:
        return f"/api/v1/products/{self.product_id}/images/{self.id_of(name)}"


@pytest.fixture
def gallery(
    client: FlaskClient, owner: Person, make_product: MakeProduct, send_images: Any
) -> Gallery:
    """Four pictures, the first of them primary."""
    product = make_product()
    assert send_images(product["id"], *[(photo(), name) for name in "abcd"]).status_code == 201
    return Gallery(client, owner, product)


@pytest.mark.parametrize(
    ("name", "position", "order"),
    [
        ("d", 0, "dAbc"),
        ("a", 1, "bAcd"),
        ("a", 3, "bcdA"),
        ("b", 99, "Acdb"),
        ("c", 2, "Abcd"),
    ],
)
def test_moving_shifts_the_others(gallery: Gallery, name: str, position: int, order: str) -> None:
    changed = gallery.change(name, position=position)
    assert (changed.status_code, changed.json["filename"]) == (200, name)
    assert changed.json["position"] == min(position, 3)
    assert str(gallery) == order


def test_primacy_passes_from_one_to_another(gallery: Gallery) -> None:
    assert gallery.change("c", is_primary=True).json["is_primary"] is True
    assert str(gallery) == "abCd"
    gallery.change("c", is_primary=True)
    assert str(gallery) == "abCd"
    gallery.change("b", is_primary=True, position=0, alt_text="Tampak depan")
    assert str(gallery) == "Bacd"
    assert gallery.images[0]["alt_text"] == "Tampak depan"
    assert gallery.change("b", alt_text=None).json["alt_text"] is None


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"is_primary": False}, "is_primary"),
    ({"is_primary": None}, "is_primary"),
    ({"is_primary": "true"}, "is_primary"),
    ({"position": -1}, "position"),
    ({"position": "1"}, "position"),
    ({"position": None}, "position"),
    ({"position": 10**12}, "position"),
    ({"alt_text": "x" * 301}, "alt_text"),
    ({"alt_text": 5}, "alt_text"),
    ({"status": "ready"}, "status"),
    ({"url": "https://example.com"}, "url"),
]


def test_wrong_input_is_named(gallery: Gallery) -> None:
    for fields, field in WRONG:
        refused = gallery.change("a", **fields)
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field]), fields
    assert str(gallery) == "Abcd"


def test_removing_closes_the_gap_and_finds_a_new_primary(gallery: Gallery) -> None:
    assert gallery.remove("b").status_code == 204
    assert str(gallery) == "Acd"
    for rest in ("Cd", "D", ""):
        gallery.remove(str(gallery)[0].lower())
        assert str(gallery) == rest


def test_a_removed_image_leaves_the_store_but_for_its_thumbnail(
    gallery: Gallery, jobs: Callable[[], int]
) -> None:
    jobs()
    image = gallery.images[0]
    gallery.remove("a")
    jobs()
    assert requests.get(image["url"], timeout=10).status_code == 404
    assert requests.get(image["thumbnail_url"], timeout=10).status_code == 200


def test_an_image_removed_before_it_was_rendered_leaves_nothing(
    gallery: Gallery, storage: Storage, jobs: Callable[[], int]
) -> None:
    for name in "abcd":
        gallery.remove(name)
    jobs()
    assert storage.list("staging/") == storage.list("public/") == []


def test_images_of_others_are_not_found(
    client: FlaskClient, owner: Person, gallery: Gallery, make_product: MakeProduct
) -> None:
    other = make_product()
    image_id = gallery.id_of("a")
    for url in (
        f"/api/v1/products/{other['id']}/images/{image_id}",
        f"/api/v1/products/{NOBODY}/images/{image_id}",
        f"/api/v1/products/{gallery.product_id}/images/{NOBODY}",
        f"/api/v1/products/{gallery.product_id}/images/a",
    ):
        assert client.patch(url, json={"position": 0}, headers=owner.headers).status_code == 404
        assert client.delete(url, headers=owner.headers).status_code == 404
    assert str(gallery) == "Abcd"


def test_only_staff_of_the_catalogue_change_images(
    client: FlaskClient, gallery: Gallery, make_user: Callable[..., Person]
) -> None:
    url = f"/api/v1/products/{gallery.product_id}/images/{gallery.id_of('a')}"
    for headers, status in (({}, 401), (make_user().headers, 403)):
        assert client.patch(url, json={"position": 1}, headers=headers).status_code == status
        assert client.delete(url, headers=headers).status_code == status


def test_many_hands_at_once_leave_a_sound_gallery(app: Flask, gallery: Gallery) -> None:
    product_id = UUID(gallery.product_id)
    image_ids = [UUID(image["id"]) for image in gallery.images]
    start = threading.Barrier(8)

    def rearrange(seed: int) -> None:
        chance = random.Random(seed)
        with app.app_context():
            start.wait()
            for _ in range(5):
                fields = {"position": chance.randrange(4), "is_primary": True}
                with suppress(NotFound):
                    service.change(product_id, chance.choice(image_ids), fields)
            with suppress(NotFound):
                service.remove(product_id, image_ids[seed % 2])

    threads = [threading.Thread(target=rearrange, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    order = str(gallery)
    assert sorted(order.lower()) == ["c", "d"]
    assert sum(name.isupper() for name in order) == 1
