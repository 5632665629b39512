"""What may be kept, by whom, and how it is asked for again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
PUBLIC = re.compile(r"public, max-age=\d+, stale-while-revalidate=\d+")
STRONG = re.compile(r'"[^"]+"')


@pytest.fixture
def addresses(make_product: MakeProduct, client: FlaskClient, owner: Person) -> list[str]:
    """Every public read of the catalogue."""
    category: Any = client.post(
        "/api/v1/categories", json={"name": "JDM"}, headers=owner.headers
    ).json
    product = make_product(category_id=category["id"])
    return [
        "/api/v1/categories",
        f"/api/v1/categories/{category['slug']}",
        f"/api/v1/categories/{category['id']}",
        "/api/v1/products",
        "/api/v1/products?sort=price&per_page=1",
        f"/api/v1/products/{product['id']}",
        f"/api/v1/products/{product['slug']}",
        f"/api/v1/products/{product['id']}/images",
    ]


def test_public_reads_may_be_kept_and_asked_again(
    client: FlaskClient, addresses: list[str]
) -> None:
    for address in addresses:
        first = client.get(address)
        assert first.status_code == 200, address
        tag = first.headers["ETag"]
        assert PUBLIC.fullmatch(first.headers["Cache-Control"]), address
        assert STRONG.fullmatch(tag), address
        assert client.get(address).headers["ETag"] == tag

        for sent in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            unchanged = client.get(address, headers={"If-None-Match": sent})
            assert (unchanged.status_code, unchanged.data) == (304, b""), (address, sent)
            assert unchanged.headers["ETag"] == tag
            assert PUBLIC.fullmatch(unchanged.headers["Cache-Control"])
        for sent in ('"other"', "", tag.strip('"')[:-1]):
            assert client.get(address, headers={"If-None-Match": sent}).status_code == 200


def test_head_is_a_get_without_its_body(client: FlaskClient, addresses: list[str]) -> None:
    for address in addresses:
        whole, head = client.get(address), client.head(address)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("ETag", "Cache-Control", "Content-Type", "Content-Length"):
            assert head.headers[name] == whole.headers[name], (address, name)
        again = client.head(address, headers={"If-None-Match": whole.headers["ETag"]})
        assert again.status_code == 304


def test_a_change_changes_the_tag(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    product = make_product()
    address = f"/api/v1/products/{product['id']}"
    before = client.get(address).headers["ETag"]
    client.patch(address, json={"price": 1}, headers=owner.headers)
    fresh: Any = client.get(address, headers={"If-None-Match": before})
    assert (fresh.status_code, fresh.json["price"]) == (200, 1)


def test_an_error_of_a_public_read_is_not_kept(client: FlaskClient) -> None:
    for address in ("/api/v1/products/nowhere", "/api/v1/products?page=0"):
        assert client.get(address).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/auth/me",
        "/api/v1/cart",
        "/api/v1/orders",
        "/api/v1/admin/orders",
        "/api/v1/admin/inventory/low-stock",
    ],
)
def test_what_is_personal_is_not_kept(client: FlaskClient, owner: Person, path: str) -> None:
    answer = client.get(path, headers={**owner.headers, "If-None-Match": "*"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
